#!/usr/bin/env bash
# What "a run can be trusted" must show, shown again with this checkout's build (5 minutes on two cores):
#   tests/acceptance/run_integrity.sh [PROGRAM]
# PROGRAM: a built divla, instead of ./divla. As root the points with a full and a read-only disk mount a small tmpfs in a
# namespace of their own; without root, or where mounting is not allowed, a limit on file sizes and permissions stand in.
# Prints one line per point, "yes" or "NO", and exits 1 when a point fails.
# shellcheck source=tests/acceptance/points.sh
source "$(dirname "${BASH_SOURCE[0]}")/points.sh"
divla=${1:-./divla}
kills=50

cat >"$work/suite.json" <<'JSON'
{"format": "divla-suite", "name": "small", "version": 1, "summary": "for this script", "seed": 5, "group_size": 3,
 "cells": [{"task": ["cube_to_coloured_box", "transfer_cube"], "axis": "none", "level": 0, "episodes": 5},
           {"task": "cube_to_coloured_box", "axis": ["environment_sensor_noise", "environment_lighting"], "level": 3, "episodes": 2},
           {"task": "object_selection", "axis": "intervention_instruction", "level": 1, "episodes": 2}]}
JSON

run() { "$divla" eval --suite "$work/suite.json" --quiet --out "$work/run" "$@"; }

# same A B: equal but for timing.jsonl (clock), the order of journal.jsonl, and the block "merged" of run.json.
same() { python3 - "$@" <<'PY'
import json, os, sys
def files(root):
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            key = os.path.relpath(path, root)
            data = open(path, "rb").read()
            if key == "timing.jsonl": continue
            if key == "journal.jsonl": data = sorted(data.splitlines())
            if key == "run.json":
                data = json.loads(data)
                data.pop("merged", None)
            found[key] = data
    return found
a, b = files(sys.argv[1]), files(sys.argv[2])
different = sorted(k for k in a.keys() | b.keys() if a.get(k) != b.get(k))
if "--workers" in sys.argv:  # these name the number of workers
    different = [k for k in different if k not in ("run.json", "report.md", "report.html")]
print(len(a), "files;", "different:", different)
sys.exit(bool(different))
PY
}

# kill_and_resume POLICY: starts, is killed with SIGKILL at a moment drawn from a fixed sequence over a whole run's time,
# and so on again with --resume, $kills times; then once to the end. A run that comes to its end before it is killed is
# begun anew, after its bytes were compared.
kill_and_resume() { python3 - "$divla" "$work" "$kills" "$1" <<'PY'
import random, shutil, signal, subprocess, sys, time
divla, work, kills, policy = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
command = [divla, "eval", "--suite", work + "/suite.json", "--quiet", "--out", work + "/run", "--policy", policy]
quiet = dict(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
moments = random.Random(20261128)
started = time.time()
subprocess.run(command, check=True, **quiet)
whole = time.time() - started
shutil.rmtree(work + "/whole", ignore_errors=True)
shutil.move(work + "/run", work + "/whole")
same = ["bash", "-c", 'source /dev/stdin; same "$@"', "-", work + "/whole", work + "/run"]
source = open(work + "/same.sh").read()
done = completed = early = 0
while done < kills:
    process = subprocess.Popen(command + ["--resume"], **quiet)
    try:
        # Half of the moments anywhere in a run, half within the first third, where folders and run.json are made.
        process.wait(timeout=moments.uniform(0.0, whole if done % 2 else whole / 3))
        if process.returncode != 0: sys.exit("a resumed run ended with %d" % process.returncode)
        subprocess.run(same, input=source, text=True, check=True, **quiet)
        shutil.rmtree(work + "/run")
        completed += 1
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        done += 1
subprocess.run(command + ["--resume"], check=True, **quiet)
print("figure %s: %d kills, %d times at the end before, a whole run takes %.1f s" % (policy, done, completed, whole))
sys.exit(subprocess.run(same, input=source, text=True).returncode)
PY
}
declare -f same >"$work/same.sh"

workers_agree() {
  run --policy random --workers 1 && mv "$work/run" "$work/one" || return 1
  local workers
  for workers in 2 5; do
    run --policy random --workers "$workers" && same "$work/one" "$work/run" --workers || return 1
    rm -rf "$work/run"
  done
}

# A policy with weights, so that batches matter.
shards_agree() {
  local i
  run --policy divla-tiny && mv "$work/run" "$work/whole-tiny" || return 1
  for i in 1 2 3; do run --policy divla-tiny --shard "$i/3" && mv "$work/run" "$work/shard$i" || return 1; done
  for order in "1 2 3" "3 1 2" "2 3 1"; do
    # shellcheck disable=SC2086  # a list of words on purpose
    "$divla" merge $(printf "$work/shard%s " $order) --out "$work/run" && same "$work/whole-tiny" "$work/run" || return 1
    rm -rf "$work/run"
  done
}
missing_shard_is_named() {
  "$divla" merge "$work/shard3" "$work/shard1" --out "$work/merged" 2>"$work/err"
  [[ $? -eq 1 ]] && grep -q "shard 2/3 is missing" "$work/err" && grep -q -- "--shard 2/3" "$work/err"
}
foreign_shard_is_refused() {
  run --policy random --shard 2/3 && mv "$work/run" "$work/foreign" || return 1
  "$divla" merge "$work/shard1" "$work/foreign" "$work/shard3" --out "$work/merged" 2>"$work/err"
  [[ $? -eq 2 ]] && grep -q "policy.name" "$work/err"
}

verified() { "$divla" verify "$@" --quiet; }
# One byte of the 30th action of an episode.
changed_byte_is_named() {
  cp -r "$work/whole-tiny" "$work/changed"
  python3 - "$work/changed/logs/cube_to_coloured_box.none.0.0001.bin" <<'PY' || return 1
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
at = 12
for _ in range(2): at += 8 + struct.unpack_from("<Q", data, at)[0]  # task, axis
at += 16
for _ in range(2): at += 8 + struct.unpack_from("<Q", data, at)[0]  # robot, instruction
kind, steps, width = struct.unpack_from("<III", data, at)
data[at + 12 + 4 * (30 * width + 2) + 1] ^= 0x40
open(sys.argv[1], "wb").write(data)
PY
  verified "$work/changed" >"$work/err"
  [[ $? -eq 1 ]] && grep "cube_to_coloured_box.none.0.0001: control step 30: " "$work/err" | sed 's/^/figure /'
}

# As root, in a mount namespace of its own: limited SCRIPT OPTIONS, with a tmpfs of these options at $work/disk.
mkdir "$work/disk"
can_mount() { unshare -m mount -t tmpfs none "$work/disk" 2>/dev/null; }
full_disk() {
  local code keep=$work/full-copy
  if can_mount; then
    unshare -m bash -c '
      mount -t tmpfs -o size=400k none "$1/disk" || exit 9
      "$2" eval --suite "$1/suite.json" --quiet --policy expert --out "$1/disk/run" 2>"$1/err"
      code=$?; cp -r "$1/disk/run" "$1/full-copy"; exit $code' - "$work" "$divla"
    code=$?
  else
    (ulimit -f 30; run --policy expert 2>"$work/err"); code=$?
    mv "$work/run" "$keep"
  fi
  cat "$work/err"
  [[ $code -eq 3 ]] && grep -q "No space\|too large" "$work/err" && grep -q -- "--resume" "$work/err" || return 1
  # What was finished is kept, and a larger disk completes it.
  local lines; lines=$(wc -l <"$keep/journal.jsonl")
  "$divla" eval --suite "$work/suite.json" --quiet --policy expert --out "$keep" --resume && verified "$keep" || return 1
  echo "figure a full disk: $lines episodes were kept"
}
read_only() {
  local code
  if can_mount; then
    unshare -m bash -c 'mount -t tmpfs -o ro none "$1/disk" || exit 9
      "$2" eval --suite "$1/suite.json" --quiet --policy expert --out "$1/disk/run" 2>"$1/err"' - "$work" "$divla"
    code=$?
  else
    chmod 500 "$work/disk"
    "$divla" eval --suite "$work/suite.json" --quiet --policy expert --out "$work/disk/run" 2>"$work/err"; code=$?
    chmod 700 "$work/disk"
  fi
  cat "$work/err"
  [[ $code -eq 3 ]] && grep -q "cannot be made" "$work/err"
}
second_process() {
  rm -rf "$work/run"
  run --policy random --workers 1 >/dev/null 2>&1 &
  local first=$! code
  until [[ -s $work/run/journal.jsonl ]]; do sleep 0.05; done
  run --policy random --resume 2>"$work/err"; code=$?
  wait "$first" || return 1
  cat "$work/err"
  [[ $code -eq 2 ]] && grep -q "no other process" "$work/err" && verified "$work/run"
}
replayed() {
  "$divla" eval --suite "$work/suite.json" --quiet --policy "replay:$work/whole-tiny" --out "$work/replayed" && python3 - "$work" <<'PY'
import json, sys
def lines(run):
    records = [json.loads(line) for line in open(sys.argv[1] + "/" + run + "/episodes.jsonl")]
    for record in records: del record["hash"]["frames"]  # a replay looks at nothing
    return records
sys.exit(lines("replayed") != lines("whole-tiny"))
PY
}
quick_verify() {
  local started took
  "$divla" eval --suite quick --episodes 34 --policy expert --frames none --quiet --out "$work/hundred" || return 1
  started=$(date +%s%N)
  verified "$work/hundred" || return 1
  took=$((($(date +%s%N) - started) / 1000000))
  echo "figure 102 episodes verified in $took ms"
  [[ $took -lt 30000 ]]
}

point "random: $kills kills at random moments, resumed each time: equal bytes" kill_and_resume random
rm -rf "$work/run"
kills=6
point "divla-tiny: $kills kills, resumed each time: equal bytes" kill_and_resume divla-tiny
rm -rf "$work/run"
point "1, 2 and 5 workers: equal bytes" workers_agree
point "three shards, merged in any order: the bytes of the whole" shards_agree
point "a missing shard is named with its command" missing_shard_is_named
point "a shard of another policy is refused" foreign_shard_is_refused
point "verify passes on a run, pictures included" verified "$work/whole-tiny" --frames
point "one changed byte of an action: exit code 1 and the step" changed_byte_is_named
point "replay:RUN plays a run again" replayed
point "100 episodes are verified in seconds" quick_verify
point "a full disk: exit code 3, nothing lost" full_disk
point "a read-only folder: exit code 3" read_only
point "a second process on the same folder: exit code 2" second_process
exit "$failed"
