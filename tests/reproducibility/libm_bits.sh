#!/usr/bin/env bash
# Compiles sim/libm with every compiler that is here (g++, clang++ and their versioned names), at -O0 to -O3 and for x86-64-v1
# to v4, runs each, and compares the hashes of some ten million results. --quick: g++ and clang++, -O1 and -O3, v1 and v3.
# Variants for an instruction set that this machine lacks are compiled but not run, and counted.
#   tests/reproducibility/libm_bits.sh [--quick]
# With QEMU_CPUS="Nehalem Haswell EPYC" in the environment, the first variant of each compiler also runs under qemu-x86_64 as
# each of these (Debian qemu-user).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

levels=(-O0 -O1 -O2 -O3)
machines=(x86-64 x86-64-v2 x86-64-v3 x86-64-v4)
if [[ ${1:-} == --quick ]]; then
  levels=(-O1 -O3)
  machines=(x86-64 x86-64-v3)
fi
compilers=()
for name in g++ clang++ clang++-14 clang++-15 clang++-16 clang++-17 clang++-18; do
  command -v "$name" >/dev/null && compilers+=("$name")
done

Runs() {  # whether this machine runs programs for that level
  /lib64/ld-linux-x86-64.so.2 --help 2>/dev/null | grep -q "$1 (supported" || [[ $1 == x86-64 ]]
}

first=""
count=0
skipped=0
Compare() {  # Compare NAME HASH
  count=$((count + 1))
  [[ -n $first ]] || first=$2
  if [[ $2 != "$first" ]]; then
    printf 'libm_bits: FAILED: %s gives %s, expected %s\n' "$1" "$2" "$first"
    exit 1
  fi
}

for compiler in "${compilers[@]}"; do
  for machine in "${machines[@]}"; do
    for level in "${levels[@]}"; do
      program=$scratch/program
      "$compiler" -std=c++20 "$level" -march="$machine" -ffp-contract=off -fno-builtin -fno-math-errno -I. -o "$program" \
        tests/reproducibility/libm_bits.cc sim/libm/*.cc
      if ! Runs "$machine"; then
        skipped=$((skipped + 1))
        continue
      fi
      Compare "$compiler $level $machine" "$("$program")"
      if [[ $machine == "${machines[0]}" && $level == "${levels[0]}" ]]; then
        for cpu in ${QEMU_CPUS:-}; do Compare "$compiler under qemu $cpu" "$(qemu-x86_64 -cpu "$cpu" "$program" 2>/dev/null)"; done
      fi
    done
  done
done
printf 'libm_bits: %s: %d runs of %s agree, %d compiled but not run\n' "$first" "$count" "${compilers[*]}" "$skipped"
