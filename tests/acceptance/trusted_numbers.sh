#!/usr/bin/env bash
# What "a result is a claim that anyone can replay, compare and gate on" must show beside run_integrity.sh, shown again with
# this checkout's build (10 minutes on two quiet cores):
#   tests/acceptance/trusted_numbers.sh [FOLDER]
# FOLDER: where screenshots of the report go when a `chromium` is installed; by default none are taken. Look at them.
# Prints one line per point, "yes" or "NO", and exits 1 when a point fails.
# shellcheck source=tests/acceptance/points.sh
source "$(dirname "${BASH_SOURCE[0]}")/points.sh"
shots=${1:-}
program=build/release/harness/divla

quick_in_time() {
  python3 - "$program" "$work/quick" <<'PY'
import os, resource, subprocess, sys, time
started = time.time()
subprocess.run([sys.argv[1], "eval", "--suite", "quick", "--workers", "2", "--quiet", "--out", sys.argv[2]], check=True)
seconds = time.time() - started
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print("figure quick: %.0f s, peak memory %.0f MiB" % (seconds, peak))
sys.exit(seconds > 300 or peak > 2048)
PY
}
verified_with_pictures() { "$program" verify "$work/quick" --frames --quiet; }
published_verified() {
  local run logs=0
  for run in results/*/run.json results/*/controls/*/run.json; do
    [[ -e $run ]] || continue
    "$program" verify "$(dirname "$run")" --quiet | tail -n 1 | tee -a "$work/published" || return 1
  done
  logs=$(find results -name '*.bin' | wc -l)
  echo "figure published runs: $(wc -l <"$work/published"), with $logs logs that were played again"
  [[ $logs -gt 0 ]]
}
published_again() {  # the published run with logs, run again: equal bytes
  local run=results/quick-divla-tiny
  [[ -e $run/episodes.jsonl ]] || return 1
  cmp "$run/episodes.jsonl" "$work/quick/episodes.jsonl"
}
gate_catches() {
  ./divla test -R 'Gate' && build/release/tests/harness/harness_test --gtest_filter='GateErrors*' | grep -E "%|flag" | sed 's/^/figure /'
  return "${PIPESTATUS[0]}"
}
compared() {
  "$program" compare "$work/quick" "$work/quick" --junit "$work/same.xml" --markdown "$work/same.md" || return 1
  "$program" eval --suite quick --policy random --frames none --quiet --out "$work/random" >/dev/null || return 1
  "$program" compare "$work/quick" "$work/random" --junit "$work/worse.xml" --markdown "$work/worse.md"
  [[ $? -eq 1 ]] && grep -q "<failure" "$work/worse.xml" && ! grep -q "<failure" "$work/same.xml" || return 1
  "$program" compare "$work/quick" results/core-random
  [[ $? -eq 2 ]]
}
controls_answer() {
  "$program" eval --suite quick --episodes 8 --control all --quiet --frames none --out "$work/controls" >"$work/table" || return 1
  sed -n '/what the controls say/,$p' "$work/table" | sed 's/^ */figure /'
  [[ $(grep -c '' <(grep -A9 'what the controls say' "$work/table")) -ge 8 ]] &&
    "$program" verify "$work/controls/controls/frozen_cameras" --frames --quiet
}
reports_agree() {  # the same numbers in JSON, Markdown and HTML, and nothing from elsewhere in the page
  "$program" report "$work/quick" || return 1
  python3 - "$work/quick" <<'PY'
import json, re, sys
run = sys.argv[1]
summary = json.load(open(run + "/summary.json"))
pages = [open(run + "/report.md").read(), open(run + "/report.html").read()]
for cell in summary["cells"]:
    for page in pages:
        assert cell["task"] in page and "%.1f" % (100 * cell["rate"]) in page, cell["task"]
outside = [url for url in re.findall(r'(?:src|href)="([^"]*)"', pages[1]) if url.startswith(("http:", "https:", "//"))]
assert not outside, outside
PY
}
screenshots() {
  command -v chromium >/dev/null || { echo "figure no chromium here"; return 0; }
  mkdir -p "$shots"
  local page=$work/quick/report.html name size dark
  for size in 1400,2400 390,2400; do
    for dark in "" --force-dark-mode; do
      name=$shots/report-${size%,*}${dark:+-dark}.png
      chromium --headless --no-sandbox --hide-scrollbars $dark "--window-size=$size" "--screenshot=$name" "file://$page" \
        >/dev/null 2>&1 || return 1
    done
  done
  echo "figure screenshots: $(ls "$shots" | tr '\n' ' ')"
}

point "it builds" ./divla list suites
point "quick with the shipped policy on two cores: at most 5 minutes and 2 GB" quick_in_time
point "its logs play again to the same states, scores and pictures" verified_with_pictures
point "the published runs are verified" published_verified
point "the published quick run comes out again, byte for byte" published_again
point "a policy worse by 15 points is caught, an unchanged one left alone" gate_catches
point "compare: exit codes 0, 1 and 2, with JUnit and Markdown" compared
point "the controls answer whether words, pictures and reasoning are used" controls_answer
point "report: the same numbers in JSON, Markdown and HTML" reports_agree
[[ -z $shots ]] || point "screenshots of the report" screenshots
exit "$failed"
