#!/usr/bin/env bash
# What "our data opens in LeRobot" must show, shown again with this checkout's build (10 minutes on two cores, most of
# them for the packages):
#   tests/acceptance/lerobot.sh [PROGRAM]
# PROGRAM: a built divla, instead of ./divla. Makes a Python environment with the real lerobot package, without its pin on
# PyTorch, in a folder of its own; DIVLA_LEROBOT_VENV=FOLDER keeps it there and uses it again. Needs ffprobe (Debian's
# ffmpeg). On a Python before 3.12 a few lines of lerobot's syntax are written in the older way (lerobot_on_old_python.py).
# Prints one line per point, "yes" or "NO", and exits 1 when a point fails.
# shellcheck source=tests/acceptance/points.sh
source "$(dirname "${BASH_SOURCE[0]}")/points.sh"
divla=${1:-./divla}
venv=${DIVLA_LEROBOT_VENV:-$work/venv}
python=$venv/bin/python
here=tests/acceptance

environment() {
  [[ -f $venv/complete ]] && return
  python3 -m venv "$venv" &&
    "$python" -m pip install -q --no-deps --ignore-requires-python lerobot==0.6.1 &&
    "$python" -m pip install -q torch==2.13.0 torchvision==0.28.0 'datasets>=4.8,<5' 'pandas<3' 'huggingface-hub>=1.6,<2' \
      'av>=15,<16' 'draccus>=0.11.6,<0.12' jsonlines 'packaging<26' einops 'gymnasium<2' deepdiff imageio termcolor \
      opencv-python-headless accelerate safetensors &&
    "$python" "$here/lerobot_on_old_python.py" "$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" &&
    touch "$venv/complete"
}
# check WHAT DIR [ARGUMENT...]: one part of lerobot_check.py.
check() { HF_HUB_OFFLINE=1 HF_DATASETS_CACHE=$work/hf "$python" "$here/lerobot_check.py" "$@"; }

cat >"$work/suite.json" <<'JSON'
{"format": "divla-suite", "name": "small", "version": 1, "summary": "for this script", "seed": 5, "group_size": 2,
 "cells": [{"task": ["cube_to_coloured_box", "transfer_cube"], "axis": "none", "level": 0, "episodes": 2},
           {"task": "object_selection", "axis": "intervention_instruction", "level": 1, "episodes": 2}]}
JSON

record() {
  "$divla" demo --task cube_to_coloured_box --task transfer_cube --episodes 3 --perturb --format lerobot --render 96x128 \
    --out "$work/video" --quiet
}
exact() {
  "$divla" demo --from "$work/video/demos" --format lerobot --images png --render 96x96 --out "$work/png" --quiet
}
older() {
  "$divla" demo --from "$work/video/demos/transfer_cube" --format lerobot --no-language --render 64x64 --out "$work/plain" --quiet
}
rollouts() {
  "$divla" eval --suite "$work/suite.json" --policy divla-tiny --quiet --out "$work/run" &&
    "$divla" export "$work/run" --out "$work/rollouts" --quiet
}
again() {
  "$divla" demo --from "$work/video/demos" --format lerobot --render 96x128 --out "$work/again" --quiet --workers 1 &&
    diff -r "$work/video/lerobot" "$work/again/lerobot"
}
for_each() {  # for_each COMMAND... with the dataset last
  local dataset
  for dataset in "$work"/video/lerobot/* "$work"/png/lerobot/* "$work"/rollouts/* "$work"/plain/lerobot/*; do
    "$@" "$dataset" || return 1
  done
}
train() {
  "$python" - "$work" <<'PY' && "$divla" train "$work/config.json" --cache "$work/cache" --out "$work/trained" --stop-after 2
import json, sys
config = json.load(open("assets/training/divla-tiny.json"))
task = "cube_to_coloured_box"
config["tasks"] = {task: 1.0}
config["data"] = {"lerobot": [sys.argv[1] + "/png/lerobot/" + task]}
for key in ("stages", "validation", "init_from"):
    config.pop(key, None)
json.dump(config, open(sys.argv[1] + "/config.json", "w"))
PY
}

point "demonstrations of both robots are recorded as LeRobot datasets with video" record
point "the same with PNG in the tables, and without the language columns" eval 'exact && older'
point "the rollouts of a run are exported, with a change of words in mid-episode" rollouts
point "the same demonstrations give the same bytes, with one worker too" again
point "the real lerobot package can be installed beside torch 2.13" environment
point "lerobot opens every dataset, and every frame is as the tables and videos say" for_each check frames
point "the reasoning is found at every frame by lerobot's own resolver; every row is valid" for_each check language
point "lerobot's statistics of the same data agree with ours" for_each check statistics
point "pyarrow and ffprobe agree on lengths and times" for_each check files
point "divla train reads a dataset" train
exit "$failed"
