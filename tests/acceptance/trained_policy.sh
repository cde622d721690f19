#!/usr/bin/env bash
# What "a trained DiVLA that makes the benchmark mean something" must show, shown again with this checkout's build:
#   tests/acceptance/trained_policy.sh [--play]
# Without --play the published runs under results/baselines are judged; with it divla-tiny plays core@2 again first (about
# ten minutes on two quiet cores). Prints one line per point, "yes" or "NO", and exits 1 when a point fails.
play=${1:-}
# shellcheck source=tests/acceptance/points.sh
source "$(dirname "${BASH_SOURCE[0]}")/points.sh"
program=build/release/harness/divla
core=results/baselines/core-divla-tiny

play_core() {
  core=$work/core
  "$program" eval --suite core@2 --policy divla-tiny --frames none --quiet --out "$core" >"$work/core.log"
}
# judge TEST: a Python expression over `cells` (task -> cell), `random` (likewise), `rate`, printed as figures.
judge() {
  python3 - "$core/summary.json" results/baselines/core-random/summary.json "$1" <<'PY'
import json, sys
read = lambda path: {c["task"]: c for c in json.load(open(path))["cells"] if c["axis"] == "none" and c["level"] == 0}
cells, random = read(sys.argv[1]), read(sys.argv[2])
single = ["object_selection", "cube_to_coloured_box", "cube_in_lidded_box", "cup_on_plate", "flip_pot", "factory_sorting",
          "bin_picking"]
rate = {task: cell["k"] / cell["n"] for task, cell in cells.items()}
assert all(cell["n"] >= 100 for cell in cells.values()), "at least 100 episodes of each task"
wanted = {
    "four": lambda: sum(rate[t] >= 0.8 for t in single) >= 4,
    "single": lambda: all(rate[t] >= 0.5 for t in single),
    "bimanual": lambda: sum(rate[t] >= 0.5 for t in rate if t not in single) >= 2,
    "random": lambda: all(cells[t]["wilson"][0] > random[t]["wilson"][1] for t in cells),
    "words": lambda: all(cells[t]["reasoning"]["correct"] >= 0.95 * cells[t]["reasoning"]["queries"] for t in single),
}
if sys.argv[3] == "words":
    print("figure " + ", ".join("%s %.1f %%" % (t, 100 * cells[t]["reasoning"]["correct"] / cells[t]["reasoning"]["queries"])
                                for t in single))
else:
    print("figure " + ", ".join("%s %d/%d" % (t, cells[t]["k"], cells[t]["n"]) for t in cells))
sys.exit(not wanted[sys.argv[3]]())
PY
}
# measured BASE: pair by pair against divla-tiny after as many steps
measured() {
  "$program" compare "results/baselines/$1" results/earlier/core-divla-tiny-three-stages >"$work/compared"
  local code=$?  # 1: worse without any doubt, which is an answer, too
  sed -n '/^lost:/q;s/^/figure /p' "$work/compared"
  ((code <= 1))
}
# Whole runs of the suites by every policy, and the ablation with its control.
published() {
  python3 - results/baselines <<'PY'
import json, pathlib, sys
root = pathlib.Path(sys.argv[1])
presets = sorted(p.stem for p in pathlib.Path("assets/suites/paper").glob("*.json"))
presets = [p for p in presets if p not in ("vqa", "injection_ablation")]  # questions; what needs a policy that reasons
wanted = [root / "paper/injection_ablation/divla-tiny"]
for policy in ("divla-tiny", "divla-tiny-no-reasoning", "diffusion-policy-tiny", "expert", "random"):
    wanted += [root / f"{suite}-{policy}" for suite in ("core", "generalization")]
    wanted += [root / "paper" / preset / policy for preset in presets]
lacking, episodes = [], 0
for run in wanted:
    path = run / "summary.json"
    summary = json.load(open(path)) if path.exists() else {"finished": 0, "planned": 1}
    episodes += summary["finished"]
    if summary["finished"] != summary["planned"]: lacking.append(str(run))
print("figure", len(wanted) - len(lacking), "of", len(wanted), "runs,", episodes, "episodes")
for run in lacking: print("figure lacking:", run)
sys.exit(bool(lacking))
PY
}
quick_in_time() {
  local began=$SECONDS
  "$program" eval --suite quick --workers 2 --quiet --out "$work/quick" >/dev/null || return 1
  echo "figure $((SECONDS - began)) s"
  ((SECONDS - began <= 300))
}
speed() { "$program" bench --train assets/training/divla-tiny.json | tail -n +2 | sed 's/^/figure /'; }
same_bytes() { ./divla test -R 'TrainerTest.SecondRunGivesTheSameBytes|TakeoverStagesTest.TwoStagesEqualTwoRuns'; }

point "it builds" ./divla list suites
[[ $play != --play ]] || point "core@2 with the shipped policy" play_core
point "at least 80 % on four single-arm tasks" judge four
point "at least 50 % on every single-arm task" judge single
point "at least 50 % on two bimanual tasks" judge bimanual
point "on every task clearly above random" judge random
point "reasoning right in 95 % of queries on single-arm tasks" judge words
point "with reasoning against without, on the same episodes" measured core-divla-tiny-no-reasoning
point "with reasoning against a Diffusion Policy, on the same episodes" measured core-diffusion-policy-tiny
point "published: core, generalization and the presets of the paper, five policies" published
point "training: samples a second beside the machine's measured peak" speed
point "quick with the shipped policy on two cores: at most 5 minutes" quick_in_time
point "the same configuration and seed: the same weights" same_bytes
exit "$failed"
