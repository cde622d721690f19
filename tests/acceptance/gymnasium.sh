#!/usr/bin/env bash
# What "our tasks are Gymnasium environments" must show, shown again (10 minutes on two cores):
#   tests/acceptance/gymnasium.sh [ROBOSUITE_PYTHON]
# Sets up Python environments of its own: build/python by ./divla python, and one with robosuite, unless ROBOSUITE_PYTHON
# names an interpreter that has it. Prints one line per point, "yes" or "NO", and exits 1 when a point fails.
# DIVLA_PYTHON_RUN and DIVLA: instead of `./divla python` and build/release/harness/divla.
# shellcheck source=tests/acceptance/points.sh
source "$(dirname "${BASH_SOURCE[0]}")/points.sh"
IFS=' ' read -r -a python <<<"${DIVLA_PYTHON_RUN:-./divla python}"
export DIVLA=${DIVLA:-$PWD/build/release/harness/divla}

tests() { "${python[@]}" tests/python/environments_test.py "$@"; }

# speed PYTHON: the median ratio by the clock must be 5 or more.
speed() {
  "${python[@]}" python/bench_vs_robosuite.py --robosuite-python "$1" >"$work/speed" || return 1
  sed 's/^/figure/' "$work/speed"
  awk '/^ratio by clock/ {found = 1; good = $5 + 0 >= 5} END {exit !(found && good)}' "$work/speed"
}

robosuite() {  # an interpreter that has it; MuJoCo 4 is too new for robosuite 1.5.2
  python3 -m venv "$work/robosuite" &&
    "$work/robosuite/bin/pip" install --quiet --disable-pip-version-check robosuite==1.5.2 'mujoco>=3.3,<3.4'
}

point "the module builds and imports" "${python[@]}" -c 'import divla_bench; print(len(divla_bench.TASKS))'
point "gymnasium.utils.env_checker.check_env passes for every task, with both kinds of action" tests Checker
point "seed and index give the episodes of a run folder, to the hash of every state; no LibTorch comes along" \
  tests SameAsTheProgram
point "autoreset DISABLED, NEXT_STEP and SAME_STEP do what Gymnasium's SyncVectorEnv does; the GIL is released" tests Vector
robosuite_python=${1:-$work/robosuite/bin/python}
if [[ -n ${1:-} ]] || robosuite >"$work/pip" 2>&1; then
  point "8 environments with 3 cameras are at least 5 times as fast a step as robosuite's Lift" speed "$robosuite_python"
else
  point "robosuite can be installed" cat "$work/pip" /nowhere
fi
exit "$failed"
