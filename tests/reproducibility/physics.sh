#!/usr/bin/env bash
# Scripted rollouts of all tasks with glibc's FMA functions on and off: the hash of every model and every state must be the
# same. So that this shows something, the setting must change glibc's own results, and the same rollouts with glibc's functions
# in place of sim/libm must differ. Before that, the hashes at step 60 are compared with tests/golden/physics.txt, which was
# written on another machine; DIVLA_REGENERATE=1 writes it anew, when scenes, experts or MuJoCo have changed. On a machine
# without FMA there is nothing to switch, which is said (exit code 77).
#   tests/reproducibility/physics.sh [BUILD_FOLDER [CONTROL_STEPS]]        at least 60 steps
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${1:-build/release}
steps=${2:-200}
ours=$build/tests/reproducibility/rollout_hashes
system=$build/tests/reproducibility/rollout_hashes_system_libm
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

Fail() {
  printf 'physics: FAILED: %s\n' "$*"
  exit 1
}

# glibc 2.33 renamed the feature bits; names it does not know are ignored.
off=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX2_Usable,-FMA_Usable,-FMA4_Usable
for name in ours system; do
  "${!name}" "$steps" >"$scratch/$name.on"
  GLIBC_TUNABLES=$off "${!name}" "$steps" >"$scratch/$name.off"
done

# What our own code still takes from glibc's libm must be exactly rounded by definition. A function that is not belongs into
# sim/libm first.
libm=$(ldd "$ours" | awk '$1 ~ /^libm\.so/ {print $3}')
Names() { nm -D "$2" "$1" | awk '{print $NF}' | sed 's/@.*//' | sort -u; }
strange=$(comm -12 <(Names "$ours" --undefined-only) <(Names "$libm" --defined-only) |
  grep -vxE '(sqrt|fmod|remainder|floor|ceil|trunc|round|lround|llround|rint|nearbyint)f?' || true)
[[ -z $strange ]] || Fail "these come from glibc and may differ between CPUs: $(xargs <<<"$strange")"

golden=tests/golden/physics.txt
Golden() { grep -E ' (model|step 0|step 60) ' "$1"; }
[[ -z ${DIVLA_REGENERATE:-} ]] || Golden "$scratch/ours.on" >"$golden"
if ! diff <(cat "$golden") <(Golden "$scratch/ours.on") >"$scratch/difference"; then
  Fail "differs from $golden, first: $(grep -m1 '^>' "$scratch/difference"). Run with DIVLA_REGENERATE=1 if a scene, an \
expert or MuJoCo changed; otherwise this machine or compiler computes something differently."
fi

# glibc's own functions, called by name in each run.
if [[ $(grep '^glibc ' "$scratch/ours.on") == $(grep '^glibc ' "$scratch/ours.off") ]]; then
  printf 'physics: skipped: GLIBC_TUNABLES changes nothing in this glibc on this CPU\n'
  exit 77
fi
grep -q '^sin of .*rollout_hashes$' "$scratch/ours.on" || Fail "rollout_hashes does not define sin: $(grep '^sin' "$scratch/ours.on")"
grep -q '^sin of .*libm' "$scratch/system.on" || Fail "the control does not use glibc: $(grep '^sin' "$scratch/system.on")"

Hashes() { grep -E ' (model|step) ' "$1"; }
lines=$(Hashes "$scratch/ours.on" | wc -l)
((lines >= 3 * (steps + 2))) || Fail "expected hashes of at least three tasks, found $lines lines"
if ! diff <(Hashes "$scratch/ours.on") <(Hashes "$scratch/ours.off") >"$scratch/difference"; then
  Fail "sim/libm: $(grep -c '^<' "$scratch/difference") of $lines hashes differ, first: $(sed -n 2p "$scratch/difference")"
fi
if diff <(Hashes "$scratch/system.on") <(Hashes "$scratch/system.off") >"$scratch/difference"; then
  Fail "the control agrees too: these rollouts cannot tell glibc's functions apart"
fi
printf 'physics: %d hashes agree with FMA on and off; with glibc %d of them differ, first: %s\n' "$lines" \
  "$(grep -c '^<' "$scratch/difference")" "$(grep -m1 '^<' "$scratch/difference" | cut -d' ' -f2-4)"
