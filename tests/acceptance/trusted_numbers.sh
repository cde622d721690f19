#!/usr/bin/env bash
# What "a result is a claim that anyone can replay, compare and gate on" must show beside run_integrity.sh, shown again with
# this checkout's build:
#   tests/acceptance/trusted_numbers.sh [FOLDER]
# FOLDER: where screenshots of the report go, made with `chromium`; by default none are taken. Look at them.
# Prints one line per point, "yes" or "NO", and exits 1 when a point fails.
shots=${1:+$(realpath -m "$1")}
# shellcheck source=tests/acceptance/points.sh
source "$(dirname "${BASH_SOURCE[0]}")/points.sh"
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
# Every published run; some are published with logs, and these must be played again.
published_verified() {
  local run
  for run in results/*/run.json results/baselines/*/run.json; do
    "$program" verify "$(dirname "$run")" --quiet | tee "$work/verified" || return 1
    grep 'episodes agree' "$work/verified" | sed 's/^/figure /'
    cat "$work/verified" >>"$work/all-verified"
  done
  grep -q ' logs, [1-9][0-9]* control steps played' "$work/all-verified"
}
# The published run with logs, run again. On the machine that made it every byte is equal; on another one the policy's
# last bits may differ, and then the rates must not: compare finds nothing worse or better.
published_again() {
  local run=results/quick-divla-tiny
  if cmp -s "$run/episodes.jsonl" "$work/quick/episodes.jsonl"; then
    echo "figure equal, byte for byte"
  else
    echo "figure another machine than that of the published run: compared by the paired test"
    "$program" compare "$run" "$work/quick" && "$program" compare "$work/quick" "$run"
  fi
}
gate_catches() {
  ./divla test -R 'GateErrors' || return 1
  build/release/tests/harness/harness_test --gtest_filter='GateErrors*' "--gtest_output=xml:$work/gate.xml" || return 1
  python3 - "$work/gate.xml" <<'PY'
import sys, xml.etree.ElementTree as tree
figures = [(p.get("name"), float(p.get("value"))) for p in tree.parse(sys.argv[1]).iter("property")]
for name, share in figures:
    print("figure flagged, %s: %.1f of 100 draws" % (name, 100 * share))
unchanged = [share for name, share in figures if name.startswith("shipped_")]
sys.exit(not unchanged or max(unchanged) > 0.05)
PY
}
compared() {
  "$program" compare "$work/quick" "$work/quick" --junit "$work/same.xml" --markdown "$work/same.md" || return 1
  "$program" eval --suite quick --policy random --frames none --quiet --out "$work/random" >/dev/null || return 1
  "$program" compare "$work/quick" "$work/random" --junit "$work/worse.xml" --markdown "$work/worse.md"
  [[ $? -eq 1 ]] && grep -q "<failure" "$work/worse.xml" && grep -q "❌" "$work/worse.md" || return 1
  ! grep -q "<failure" "$work/same.xml" && ! grep -q "❌" "$work/same.md" && grep -q "✅" "$work/same.md" || return 1
  "$program" compare "$work/quick" results/baselines/core-random
  [[ $? -eq 2 ]]
}
controls_answer() {
  "$program" eval --suite quick --control all --quiet --frames none --out "$work/controls" >"$work/table" || return 1
  sed -n '/what the controls say/,$p' "$work/table" | sed 's/^ */figure /'
  # Each question has an answer, and a policy that solves two thirds of the episodes leaves few of them open.
  [[ $(grep -cE '\? (yes|no|unclear): ' "$work/table") -eq 7 && $(grep -cE '\? (yes|no): ' "$work/table") -ge 4 ]] &&
    "$program" verify "$work/controls" --frames --quiet
}
reports_agree() {  # the same counts and intervals in JSON, Markdown and HTML, and nothing from elsewhere in the page
  "$program" report "$work/quick" || return 1
  python3 - "$work/quick" <<'PY'
import html, json, re, sys
run = sys.argv[1]
summary = json.load(open(run + "/summary.json"))
source = open(run + "/report.html").read()
text = html.unescape(re.sub(r"<[^>]*>", " ", re.sub(r"</?small>", "", source)))  # 13<small>/32</small>
pages = {"report.md": open(run + "/report.md").read().replace("\\", ""), "report.html": text}
for cell in summary["cells"] + [summary["all"]]:
    wanted = ["%d/%d" % (cell["k"], cell["n"]), "%.1f" % (100 * cell["k"] / cell["n"])]
    wanted += ["[%.1f, %.1f]" % tuple(100 * x for x in cell[kind]) for kind in ("wilson", "clopper_pearson")]
    for name, page in pages.items():
        for number in wanted:
            assert number in page, (name, cell.get("task", "all"), number)
outside = [url for url in re.findall(r'(?:src|href)="([^"]*)"', source) if url.startswith(("http:", "https:", "//"))]
assert not outside, outside
PY
}
screenshots() {
  command -v chromium >/dev/null || { echo "chromium: expected on the PATH, found none"; return 1; }
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
point "the published quick run comes out again" published_again
point "a policy worse by 15 points is caught, an unchanged one left alone" gate_catches
point "compare: exit codes 0, 1 and 2, with JUnit and Markdown" compared
point "the controls answer whether words, pictures and reasoning are used" controls_answer
point "report: the same numbers in JSON, Markdown and HTML" reports_agree
[[ -z $shots ]] || point "screenshots of the report" screenshots
exit "$failed"
