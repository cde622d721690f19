#!/usr/bin/env bash
# Whole episodes with the shipped policy in strict mode, run again under other settings of the machine, and under
# emulators of other processors where qemu-x86_64 (Debian package qemu-user, 7.2 or newer) is installed. All must write
# the same episodes.jsonl.
#   tests/reproducibility/closed_loop.sh [--no-qemu] [--episodes N] [--program FILE]
# One episode of each task by default; the emulators run the first episode of one task (some minutes each).
# Prints one line per setting and exits 1 when one differs; then also the hashes in which it differs, in the order in
# which one follows from the other: where the frames differ, look at the renderer, not at the policy.
# Last, without --strict: what the settings change then. That line is information, not a test.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=$root/build/release/harness/divla
episodes=1
qemu=$(command -v qemu-x86_64 || true)
while (($# > 0)); do
  case $1 in
    --no-qemu) qemu= ;;
    --episodes) episodes=$2; shift ;;
    --program) program=$2; shift ;;
    *) printf 'closed_loop.sh: unknown argument %s\n' "$1" >&2; exit 2 ;;
  esac
  shift
done
[[ -x $program ]] || { printf 'closed_loop.sh: %s is not built; run ./divla test first\n' "$program" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root" || exit 2
failed=0

no_fma=GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX
all=("ATEN_CPU_CAPABILITY=default" "MKL_CBWR=COMPATIBLE" "ONEDNN_MAX_CPU_ISA=SSE41" "$no_fma")

# Run NAME MODE(--strict or nothing) EVAL-ARGUMENTS -- COMMAND-PREFIX...: a run folder $work/NAME.
Run() {
  local name=$1 mode=$2 arguments=$3
  shift 3
  # shellcheck disable=SC2086  # lists of words on purpose
  if ! "$@" "$program" eval $mode --suite quick --policy divla-tiny $arguments --frames none --quiet \
    --out "$work/$name" >"$work/$name.log" 2>&1; then
    printf 'NO   %-44s the run failed:\n' "$name"
    tail -n 3 "$work/$name.log" | sed 's/^/     /'
    return 1
  fi
}

# Differences A B: names of the hashes that differ between two episodes.jsonl.
Differences() {
  local field
  for field in scene initial_state frames actions states; do
    if ! diff -q <(grep -o "\"$field\": *\"[^\"]*\"" "$1") <(grep -o "\"$field\": *\"[^\"]*\"" "$2") >/dev/null; then
      printf '%s ' "$field"
    fi
  done
}

# Check BASE NAME ARGUMENTS PREFIX...: runs NAME and compares it with BASE.
Check() {
  local base=$1 name=$2 arguments=$3
  shift 3
  Run "$name" --strict "$arguments" "$@" || { failed=1; return; }
  if cmp -s "$work/$base/episodes.jsonl" "$work/$name/episodes.jsonl"; then
    printf 'yes  %s\n' "$name"
  else
    printf 'NO   %-44s differs in: %s\n' "$name" "$(Differences "$work/$base/episodes.jsonl" "$work/$name/episodes.jsonl")"
    failed=1
  fi
}

grep -m1 'model name' /proc/cpuinfo
whole="--episodes $episodes --workers 2"
Run base --strict "$whole" env || exit 1
printf 'base %s (%s episodes)\n' "$(sha256sum <"$work/base/episodes.jsonl" | cut -c1-32)" \
  "$(wc -l <"$work/base/episodes.jsonl")"
Check base again "$whole" env
Check base one-worker "--episodes $episodes --workers 1" env
Check base three-workers-four-OpenMP-threads "--episodes $episodes --workers 3" env OMP_NUM_THREADS=4 MKL_NUM_THREADS=4
for level in default avx2 avx512; do
  Check base "ATen-$level" "$whole" env "ATEN_CPU_CAPABILITY=$level"
done
Check base MKL-compatible "$whole" env MKL_CBWR=COMPATIBLE
Check base oneDNN-SSE4.1 "$whole" env ONEDNN_MAX_CPU_ISA=SSE41
Check base glibc-without-FMA-and-AVX "$whole" env "$no_fma"
Check base all-of-these "$whole" env "${all[@]}"

# MuJoCo needs AVX, so SandyBridge (AVX, neither AVX2 nor FMA) is the least that runs. QEMU 7.2 gets the AVX2
# kernels' texture colours wrong (compiled by g++ 12 from -O2 on; a scalar loop in the same program says so, a real processor
# and Valgrind's emulation of AVX2 get them right): the emulated processors use the SSE4 kernels, which pixels.sh compares
# with the others on a real one.
one="--task transfer_cube --episodes 1 --workers 1"
if [[ -n $qemu ]]; then
  Run one --strict "$one" env || exit 1
  for cpu in SandyBridge Haswell Skylake-Client EPYC; do
    Check one "emulated-$cpu" "$one" env DIVLA_RENDER_ISA=v2 "$qemu" -cpu "$cpu"
  done
else
  printf 'left out: emulated processors (no qemu-x86_64, or --no-qemu)\n'
fi

if Run usual "" "$whole" env && Run usual-settings "" "$whole" env "${all[@]}"; then
  if cmp -s "$work/usual/episodes.jsonl" "$work/usual-settings/episodes.jsonl"; then
    printf 'without --strict: the same under all settings\n'
  else
    printf 'without --strict: all settings together differ in: %s\n' \
      "$(Differences "$work/usual/episodes.jsonl" "$work/usual-settings/episodes.jsonl")"
  fi
fi
exit "$failed"
