#!/usr/bin/env bash
# The software renderer built in several ways must draw the same pixels: compilers, optimisation levels, instruction
# sets, numbers of threads, and with glibc's fused multiply-add paths off.
#   tests/reproducibility/pixels.sh [--full] [--build FOLDER]
# Cheap form (a CTest): the objects of the build itself and g++ -O1. --full: g++ and, where there is one, clang++, at
# -O1, -O2 and -O3. The rest of the program comes from the libraries of the build folder (build/release).
# Also: the kernels share no code with the rest of the program (they are compiled for processors that not everybody
# has), call no libm, and a build in which the compiler may fuse multiplications and additions must differ; else the
# comparison proves nothing. Prints one line for each point, "yes" or "NO", and exits 1 when a point fails; 2 when there
# is nothing to test.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/build/release
full=
while (($# > 0)); do
  case $1 in
    --full) full=1 ;;
    --build) build=$(cd "${2:-}" && pwd) || exit 2; shift ;;
    *) printf 'pixels.sh: unknown argument %s\n' "$1" >&2; exit 2 ;;
  esac
  shift
done
libraries=("$build/tasks/libdivla_tasks.a" "$build/sim/libdivla_sim.a" "$build/sim/libdivla_core.a")
for file in "${libraries[@]}" "$build/compile_commands.json"; do
  [[ -s $file ]] || { printf 'pixels.sh: %s is not built; run ./divla test first\n' "$file" >&2; exit 2; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root" || exit 2
export CCACHE_BASEDIR=$root
ccache=$(command -v ccache || true)
mujoco=$(sed -n 's/^MUJOCO_ROOT:[A-Z]*=//p' "$build/CMakeCache.txt")
mujoco=$(find "$mujoco" "$mujoco/lib" -maxdepth 1 -name 'libmujoco.so*' 2>/dev/null | head -n 1)
gxx=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
clang=$(compgen -c clang++ | grep -xE 'clang\+\+(-[0-9]+)?' | sort -V | head -n 1)
failed=0

Point() {  # Point DESCRIPTION COMMAND...
  local description=$1
  shift
  if "$@"; then printf 'yes  %s\n' "$description"; else printf 'NO   %s\n' "$description"; failed=1; fi
}

# The flags that CMake gives a source file, without those for optimising, warnings and definitions.
Flags() {
  grep -F "/$1\"" "$build/compile_commands.json" -B 2 | sed -n 's/^ *"command": "//p' | head -n 1 | tr ' ' '\n' |
    awk '/^-isystem$/ {take = 1; print; next} take || /^-(I|std=|f|m)/ {print; take = 0}' | tr '\n' ' '
}

# Compile COMPILER SOURCE OBJECT FLAGS...
Compile() {
  local compiler=$1 source=$2 object=$3
  shift 3
  # shellcheck disable=SC2046,SC2086  # lists of flags on purpose
  ${ccache:+"$ccache"} "$compiler" $(Flags "$(FlagsOf "$source")") -w "$@" -c "$source" -o "$object" ||
    { printf 'pixels.sh: %s does not compile with %s %s\n' "$source" "$compiler" "$*" >&2; exit 1; }
}
FlagsOf() { if [[ $1 == sim/* ]]; then printf '%s' "$1"; else printf 'sim/scene.cc'; fi; }

# Renderer FOLDER COMPILER FLAGS...: objects of the renderer.
Renderer() {
  local folder=$1 compiler=$2 source
  shift 2
  mkdir -p "$folder"
  for source in sim/render/software/*.cc; do
    Compile "$compiler" "$source" "$folder/$(basename "$source" .cc).o" "$@"
  done
}

# Link PROGRAM OBJECTS...: what is not among the objects comes from the libraries.
Link() {
  local program=$1
  shift
  "$gxx" -o "$program" "$work"/driver/*.o "$@" "${libraries[@]}" "$mujoco" "-Wl,-rpath,$(dirname "$mujoco")" -lfmt -lxxhash \
    -ldl -lpthread || exit 1
}

# Draws FILE LEVEL THREADS PROGRAM VARIABLES...: the lines into FILE.
Draws() {
  local file=$1 level=$2 threads=$3 program=$4
  shift 4
  env "$@" "DIVLA_RENDER_ISA=$level" "$program" "$threads" >"$file"
}
# Equal FILE: the same lines as the first run. Says what differs first: the view, or the picture of an equal view.
Equal() {
  cmp -s "$work/first" "$1" && return
  local what=pictures
  if ! cmp -s <(sed 's/ picture.*//' "$work/first") <(sed 's/ picture.*//' "$1"); then
    what='views: MuJoCo answered otherwise, before anything was drawn'
  fi
  printf '     %d lines differ in their %s\n' "$(diff "$work/first" "$1" | grep -c '^>')" "$what"
  return 1
}
# Same / Differs LEVEL THREADS PROGRAM VARIABLES...
Same() { Draws "$work/lines" "$@" && Equal "$work/lines"; }
Differs() { Draws "$work/lines" "$@" && ! cmp -s "$work/first" "$work/lines"; }

# Kernel objects define their table and nothing else that a linker could take for another's, and call nothing but the
# C library's memory functions. The personality routine stands in tables for exceptions, as data.
KernelsKeepToThemselves() {
  local object=$1 level=$2 others
  others=$(nm -C --defined-only "$object" | grep -vE '^[0-9a-f]* [a-tw-z] ' |
    grep -vE " ([DR] divla::software::$level::kKernels|V DW.ref.__gxx_personality_v0)$")
  others+=$(nm -C --undefined-only "$object" |
    grep -vE ' U (mem(cpy|set|move)|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|__gxx_personality_v0|_Unwind_Resume)$')
  [[ -z $others ]] || { printf '     %s\n' "$others"; return 1; }
}

mkdir -p "$work/driver" "$work/built"
Compile "$gxx" tests/reproducibility/pixel_hashes.cc "$work/driver/pixel_hashes.o" -O1
Compile "$gxx" tests/sim/render/software/all_shapes.cc "$work/driver/all_shapes.o" -O1

Link "$work/built/program"
levels=()
for level in v2 v3 v4; do
  if DIVLA_RENDER_ISA=$level "$work/built/program" ready 2>/dev/null; then levels+=("$level"); fi
done
((${#levels[@]} > 0)) || { printf 'pixels.sh: this processor has no SSE4.2\n' >&2; exit 2; }
printf '%s, levels %s\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "${levels[*]}"
Draws "$work/first" "${levels[0]}" 1 "$work/built/program" || exit 1
printf 'first: this build, %s, %d pictures, %s\n' "${levels[0]}" "$(wc -l <"$work/first")" "$(sha256sum <"$work/first" | cut -c1-32)"
pictures=$(sed 's/.*picture //' "$work/first" | sort -u | wc -l)
Point "the pictures are not all one ($pictures different)" test "$pictures" -ge 20

variants=("$gxx -O1")
[[ -z $full ]] || variants+=("$gxx -O2" "$gxx -O3")
if [[ -n $full && -n $clang ]]; then variants+=("$clang -O1" "$clang -O2" "$clang -O3"); fi
(cd "$work/built" && ar x "$build/sim/libdivla_sim.a")
programs=("$work/built/program")
names=("this build")
objects=("$work/built")
for variant in "${variants[@]}"; do
  folder=$work/${variant//[^A-Za-z0-9]/_}
  # shellcheck disable=SC2086  # compiler and level
  Renderer "$folder" $variant
  Link "$folder/program" "$folder"/*.o
  programs+=("$folder/program")
  names+=("$(basename "${variant% *}") ${variant#* }")
  objects+=("$folder")
done
[[ -z $full || -n $clang ]] || printf 'left out: clang++ (not found)\n'

for i in "${!programs[@]}"; do
  for level in v2 v3 v4; do
    object=${objects[i]}/kernel_$level
    [[ -e $object.o ]] || object+=.cc
    Point "${names[i]}: the $level kernels keep to themselves" KernelsKeepToThemselves "$object.o" "$level"
  done
  for level in "${levels[@]}"; do
    Point "${names[i]}: $level draws the same" Same "$level" 1 "${programs[i]}"
  done
done
for threads in 2 5; do
  Point "$threads threads draw the same" Same "${levels[-1]}" "$threads" "$work/built/program"
done
no_fma=GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2
for level in "${levels[@]}"; do
  Point "without glibc's FMA: $level draws the same" Same "$level" 1 "$work/built/program" "$no_fma"
done
if [[ $("$work/built/program" libm) == "$(env "$no_fma" "$work/built/program" libm)" ]]; then
  printf 'note: libm answered the same without FMA, so those lines say little on this machine\n'
fi

# The comparison must be able to fail.
if [[ ${#levels[@]} -gt 1 ]]; then
  mkdir -p "$work/fused"
  for level in "${levels[@]:1}"; do
    [[ -n $full || $level == v3 ]] || continue
    Compile "$gxx" "sim/render/software/kernel_$level.cc" "$work/fused/kernel_$level.o" -O2 -ffp-contract=fast
  done
  Link "$work/fused/program" "$work"/fused/*.o
  for level in "${levels[@]:1}"; do
    [[ -e $work/fused/kernel_$level.o ]] || continue
    Point "with fused operations $level draws otherwise (else this proves nothing)" Differs "$level" 1 "$work/fused/program"
  done
else
  printf 'left out: fused operations (this processor has no x86-64-v3)\n'
fi
exit "$failed"
