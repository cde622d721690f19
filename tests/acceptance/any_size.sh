#!/usr/bin/env bash
# What "DiVLA at any size" must show, shown again with this checkout's build:
#   tests/acceptance/any_size.sh [PYTHON]
# PYTHON is an interpreter with the packages that tests/golden/references/README.md names; without it the comparisons
# with transformers are left out, and said so. With it: 10 minutes, 9 GB of memory, 4.5 GB of disk, and a machine that
# does nothing else. Prints one line per point, "yes" or "NO", and exits 1 when a point fails.
# shellcheck source=tests/acceptance/points.sh
source "$(dirname "${BASH_SOURCE[0]}")/points.sh"
python=${1:-}
parity() { ./divla test -R "ProbeGolden|Tokenizer|Pretokenize|Reference|SmartResize|Resize"; }
broken() { ./divla test -R "BrokenCheckpoint|CheckpointFiles|Safetensors|HfPolicy"; }
exit_code() {  # a broken folder: exit code 2 and one line
  cp -r tests/golden/references/models/qwen_gqa_f32 "$work/broken"
  truncate -s 1000 "$work/broken/model.safetensors"
  ./divla probe "$work/broken" tests/golden/references/models/qwen_gqa_f32.hard_text.input.safetensors "$work/o" 2>"$work/line"
  [[ $? == 2 && $(wc -l <"$work/line") == 1 ]]
}
probe() { PYTHONDONTWRITEBYTECODE=1 "$python" tests/golden/references/compare_probe.py build/release/harness/divla --seeds "$@"; }
# The same weights, one after the other: the folder that transformers wrote is what divla loads.
speed() {
  "$python" tests/golden/references/time_transformers.py --threads 2 --save "$work/2b" 2>/dev/null | grep '^{' >"$work/theirs.json"
  ./divla bench --model "$work/2b" --batch 1 --threads 2 --json >"$work/ours.json"
  python3 - "$work/theirs.json" "$work/ours.json" <<'PY'
import json, sys
theirs, ours = (json.load(open(path)) for path in sys.argv[1:])
figures = {f["what"]: f for f in ours["figures"]}
token = figures["batch 1: per token"]["value"]
ratio = theirs["token_ms"] / token
share = figures["batch 1: memory read by a token"]["value"] / figures["memory read bandwidth"]["value"]
memory = figures["resident memory after the queries"]
print(f"figure per token: transformers {theirs['token_ms']:.0f} ms, divla {token:.0f} ms, {ratio:.2f} times as fast (at least 1.3)")
print(f"figure memory read bandwidth in use: {share:.2f} (at least 0.75)")
print(f"figure prefill: transformers {theirs['prefill_ms']:.0f} ms, divla {figures['batch 1: prefill']['value']:.0f} ms")
print(f"figure resident memory: {memory['value']:.2f} GB, {memory['note']} (at most 1.15 times)")
sys.exit(ratio < 1.3 or share < 0.75 or float(memory["note"].split()[0]) > 1.15)
PY
}

point "tokens equal, float32 within 1e-4 of transformers and of the released formulas" parity
point "broken checkpoints are refused, 1,000 random corruptions among them" broken
point "a broken folder: exit code 2 and one line" exit_code
if [[ -n $python ]]; then
  point "divla probe equals transformers on random checkpoints of three kinds" probe 11 12 13
  point "divla probe equals transformers on three more" probe 101 102 103
  point "2B on the CPU: decode speed, bandwidth, memory" speed
else
  echo "left out: comparisons with transformers (no PYTHON given)"
fi
exit "$failed"
