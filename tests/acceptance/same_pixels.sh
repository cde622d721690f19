#!/usr/bin/env bash
# What "the same pixels on every machine" must show, shown again with this checkout's build, on a quiet machine:
#   tests/acceptance/same_pixels.sh
# Prints one line per point, "yes" or "NO", and exits 1 when a point fails. Speeds are this machine's, on one core.
# shellcheck source=tests/acceptance/points.sh
source "$(dirname "${BASH_SOURCE[0]}")/points.sh"
# met WORDS: the figure of bench.json whose name holds the words meets its target.
met() { python3 - "$work/bench.json" "$1" <<'PY'
import json, sys
figures = [f for f in json.load(open(sys.argv[1]))["figures"] if sys.argv[2] in f["what"] and f["target"] is not None]
for f in figures:
    print(f["what"], f["value"], f["unit"], "target", f["target"])
sys.exit(not figures or not all(f["met"] for f in figures))
PY
}
# crosschecked: every camera of every task is at least 32 dB from OpenGL's picture.
crosschecked() {
  ./divla list tasks --crosscheck "$work/renderer.png" --json >"$work/crosscheck.json" && python3 - "$work/crosscheck.json" <<'PY'
import json, sys
values = []
def walk(node):
    if isinstance(node, dict):
        values.extend(v for k, v in node.items() if "psnr" in k.lower() and isinstance(v, (int, float)))
        for v in node.values(): walk(v)
    elif isinstance(node, list):
        for v in node: walk(v)
walk(json.load(open(sys.argv[1])))
print(len(values), "cameras, least", min(values), "dB")
sys.exit(not values or min(values) < 32)
PY
}
short() { [[ $(find sim/render/software -name '*.cc' -o -name '*.h' | xargs wc -l | grep -v total | sort -n | tail -n 1 | awk '{print $1}') -lt 350 ]]; }

./divla bench --json >"$work/bench.json" 2>"$work/bench.log" || failed=1
point "frames 224x224 with shadows and anti-aliasing, heaviest scene: at least 500/s" met "software frames 224x224"
point "control steps with three 224x224 cameras: at least 150/s" met "software control steps"
point "reset, cameras ready: at most 10 ms" met "scene reset"
point "elementary functions: at most twice glibc's time" met "elementary functions"
point "pictures: compilers, options, vector widths, threads, FMA" tests/reproducibility/pixels.sh --full
point "elementary functions: compilers and options" tests/reproducibility/libm_bits.sh
point "physics: FMA on and off" tests/reproducibility/physics.sh build/release 300
point "whole episodes of divla-tiny --strict" tests/reproducibility/closed_loop.sh --no-qemu
point "every camera within 32 dB of OpenGL" crosschecked
point "renderer sources: each under 350 lines" short
point "golden frames, rollouts and strict answers" ./divla test -R "Golden|StrictPolicy"
exit "$failed"
