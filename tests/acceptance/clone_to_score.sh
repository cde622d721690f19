#!/usr/bin/env bash
# What "from a fresh clone to a scored evaluation" must show, shown again: run it before and after larger changes.
#   tests/acceptance/clone_to_score.sh            in a fresh clone with an empty compiler cache (20 minutes on two cores)
#   tests/acceptance/clone_to_score.sh --here     with this checkout's build
# Prints one line per point, "yes" or "NO", and exits 1 when a point fails.
set -uo pipefail
source_tree=$(git -C "$(dirname "${BASH_SOURCE[0]}")" rev-parse --show-toplevel)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$source_tree
if [[ ${1:-} != --here ]]; then
  git clone --quiet "$source_tree" "$work/clone" || exit 3
  tree=$work/clone
  export CCACHE_DIR=$work/ccache
fi
failed=0
point() {  # point DESCRIPTION COMMAND...
  local description=$1
  shift
  if "$@"; then echo "yes  $description"; else echo "NO   $description"; failed=1; fi
}

# Success counts of a task in a run folder: "k n".
counts() { python3 - "$1" "$2" <<'PY'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1] + "/episodes.jsonl")]
chosen = [e for e in lines if e["key"]["task"] == sys.argv[2]]
print(sum(e["success"] for e in chosen), len(chosen))
PY
}
# Wilson's 95 % interval of k successes in n: "low high".
wilson() { python3 - "$1" "$2" <<'PY'
import sys
k, n, z = int(sys.argv[1]), int(sys.argv[2]), 1.959963984540054
p = k / n
middle, half = (p + z * z / (2 * n)) / (1 + z * z / n), z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
print(middle - half, middle + half)
PY
}
less() { python3 -c 'import sys; sys.exit(not float(sys.argv[1]) < float(sys.argv[2]))' "$1" "$2"; }

eval_into() { (cd "$tree" && ./divla eval --out "$work/$1" --quiet "${@:2}") > "$work/$1.txt" 2> "$work/$1.log"; }

point "./divla eval runs to its end" eval_into tiny
tail -n 25 "$work/tiny.txt"
point "it leaves a report" test -s "$work/tiny/report.html" -a -s "$work/tiny/report.md" -a -s "$work/tiny/summary.json"
for task in object_selection cube_to_coloured_box transfer_cube; do
  read -r k n < <(counts "$work/tiny" "$task")
  point "$task: $k of $n, at least 25 episodes" test "$n" -ge 25
done
started=$(date +%s%N)
(cd "$tree" && ./divla --version > /dev/null)
took=$((($(date +%s%N) - started) / 1000000))
point "second start: $took ms" test "$took" -lt 1000
point "expert runs" eval_into expert --policy expert --workers 1
point "expert runs with 2 workers" eval_into expert2 --policy expert --workers 2
point "expert: equal bytes for 1 and 2 workers" cmp "$work/expert/episodes.jsonl" "$work/expert2/episodes.jsonl"
point "random runs" eval_into random --policy random --workers 1
point "random runs with 2 workers" eval_into random2 --policy random --workers 2
point "random: equal bytes for 1 and 2 workers" cmp "$work/random/episodes.jsonl" "$work/random2/episodes.jsonl"
point "divla-tiny with 1 worker" eval_into tiny1 --workers 1
point "divla-tiny: equal bytes for 1 and 2 workers" cmp "$work/tiny/episodes.jsonl" "$work/tiny1/episodes.jsonl"
beats=0
for task in object_selection cube_to_coloured_box; do
  read -r low _ < <(wilson $(counts "$work/tiny" "$task"))
  read -r _ high < <(wilson $(counts "$work/random" "$task"))
  echo "     $task: divla-tiny lower bound $low, random upper bound $high"
  less "$high" "$low" && beats=1
done
point "divla-tiny beats random beyond doubt on a single-arm task" test "$beats" -eq 1
point "bench prints its table" sh -c "cd '$tree' && ./divla bench"
point "pictures of every task" sh -c "cd '$tree' && ./divla list tasks --sheet '$work/tasks.png'"
point "./divla test passes" sh -c "cd '$tree' && ./divla test > '$work/test.log' 2>&1"
tail -n 3 "$work/test.log"
exit "$failed"
