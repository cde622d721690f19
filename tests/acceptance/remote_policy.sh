#!/usr/bin/env bash
# A Python policy server that speaks openpi's protocol, scored by `divla eval --policy ws://...`, without the server
# knowing anything of us: tests/acceptance/remote_policy.sh [DIVLA]. DIVLA is the built program, by default
# build/release/harness/divla. Needs Python 3.9 or newer with venv and an index of PyPI: openpi-client, websockets,
# msgpack and numpy go into a folder that is removed afterwards.
divla=$(realpath "${1:-$(dirname "$0")/../../build/release/harness/divla}")
# shellcheck source=tests/acceptance/points.sh
source "$(dirname "$0")/points.sh"

python3 -m venv "$work/venv" && "$work/venv/bin/pip" install --quiet openpi-client websockets msgpack numpy typing_extensions || exit 3
python=$work/venv/bin/python

server_pid=
address=
Start() {  # Start ARGUMENTS...: a server in place of the last one; sets $server_pid and $address
  Stop
  rm -f "$work/port"
  "$python" tests/acceptance/remote_policy_server.py --port-file "$work/port" "$@" >"$work/server.log" 2>&1 &
  server_pid=$!
  while [[ ! -f $work/port ]]; do
    kill -0 "$server_pid" 2>/dev/null || { cat "$work/server.log"; return 1; }
    sleep 0.1
  done
  address=ws://127.0.0.1:$(<"$work/port")
}
Stop() {
  [[ -z $server_pid ]] || { kill "$server_pid" && wait "$server_pid"; } 2>/dev/null
  server_pid=
}
trap 'Stop; rm -rf "$work"' EXIT

Eval() {  # Eval OUT ARGUMENTS...
  local out=$1
  shift
  "$divla" eval --suite quick --policy "$address" --frames none --quiet --connect-timeout 60 --out "$work/$out" "$@"
}
Same() { cmp "$work/$1/episodes.jsonl" "$work/$2/episodes.jsonl"; }
NoPolicyError() { ! grep -q policy_error "$work/$1/episodes.jsonl"; }

# The server is a real one: openpi's own client gets along with it.
OwnClient() {
  "$python" - "${address#ws://}" <<'PYTHON'
import sys
import numpy as np
from openpi_client.websocket_client_policy import WebsocketClientPolicy
host, port = sys.argv[1].split(":")
client = WebsocketClientPolicy(host, int(port))
assert client.get_server_metadata() == {"scripted": "libero"}
picture = np.zeros((224, 224, 3), np.uint8)
answer = client.infer({"observation/image": picture, "observation/wrist_image": picture,
                       "observation/state": np.zeros(8, np.float32), "prompt": "pick up the cube"})
assert answer["actions"].shape == (10, 7)
PYTHON
}

Native() {
  Start --profile native && Eval one --task cube_to_coloured_box --episodes 6 --workers 1 &&
    Eval two --task cube_to_coloured_box --episodes 6 --workers 3
}
Cut() { Start --profile native --cut-at 20 && Eval cut --task cube_to_coloured_box --episodes 6 --workers 1; }
Lost() {
  Start --profile native --end-at 40 &&
    Eval lost --task cube_to_coloured_box --episodes 6 --workers 1 --connect-tries 2 2>"$work/lost.err"
  grep -q policy_error "$work/lost/episodes.jsonl" && grep -q "the policy failed: .*connection" "$work/lost.err"
}
Profile() {  # Profile NAME TASK
  Start --profile "$1" &&
    Eval "$1-1" --task "$2" --episodes 2 --profile "$1" --workers 1 &&
    Eval "$1-2" --task "$2" --episodes 2 --profile "$1" --workers 2 &&
    Same "$1-1" "$1-2" && NoPolicyError "$1-1" && grep -q "\"profile\": *\"$1\"" "$work/$1-1/run.json"
}
Latency() {
  Start --profile native && Eval late-1 --task cube_to_coloured_box --episodes 2 --latency-ms 130 --latency chunk &&
    Eval late-2 --task cube_to_coloured_box --episodes 2 --latency-ms 130 --latency chunk &&
    Same late-1 late-2 && grep -q '"latency"' "$work/late-1/run.json"
}
WrongRobot() {
  Start --profile aloha
  Eval wrong --task cube_to_coloured_box --profile aloha
  (($? == 2))
}

point "openpi's own client talks to the server" eval 'Start --profile libero && OwnClient'
point "a scripted policy is scored twice, by 1 and 3 workers" Native
point "the two give byte-identical episodes" Same one two
point "no episode of it failed for the policy's sake" NoPolicyError one
point "its reasoning is in the records" grep -q '"queries":[1-9]' "$work/one/episodes.jsonl"
point "what the server says of itself is in run.json" grep -q '"scripted"' "$work/one/run.json"
point "its logs play again with every picture" "$divla" verify "$work/one" --frames
point "with a connection that is cut once" Cut
point "the episodes are the same" Same one cut
point "a server that is lost for good: policy_error, and the reason" Lost
point "profile libero, byte-identical twice" Profile libero cube_to_coloured_box
point "profile droid, byte-identical twice" Profile droid cube_to_coloured_box
point "profile aloha, byte-identical twice" Profile aloha transfer_cube
point "simulated latency, byte-identical twice" Latency
point "a profile that does not fit the robot is refused" WrongRobot
exit "$failed"
