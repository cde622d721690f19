#!/usr/bin/env bash
# What `divla serve` must show, with this checkout's build and the real openpi-client of PyPI, in an environment of its own:
#   tests/acceptance/serve.sh [PYTHON]
# PYTHON: an environment that has openpi-client already. Prints one line per point, "yes" or "NO", and exits 1 when a point
# fails.
python=${1:-}
# shellcheck source=tests/acceptance/points.sh
source "$(dirname "${BASH_SOURCE[0]}")/points.sh"
program=build/release/harness/divla
key=key-of-the-acceptance-test
server=""
trap '[[ -z $server ]] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT

environment() {
  python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -q openpi-client typing_extensions && python=$work/venv/bin/python
}
questions() {
  cmake --build build/release --target serve_queries >/dev/null &&
    mkdir -p "$work/questions" && build/release/tests/policy/serve_queries divla-tiny 200 "$work/questions"
}
# start OPTIONS...: a server on a free port, its number in $port.
start() {
  : >"$work/serve.out"  # the port of the server before must not be taken for this one's
  "$program" serve --port 0 "$@" >"$work/serve.out" 2>"$work/serve.err" &
  server=$!
  for _ in $(seq 600); do
    port=$(sed -n 's/^serving .*:\([0-9]*\)$/\1/p' "$work/serve.out")
    [[ -n $port ]] && return 0
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  cat "$work/serve.err"
  return 1
}
stop() {  # the exit code after SIGTERM
  kill -TERM "$server" && wait "$server"
  local code=$?
  server=""
  return "$code"
}
equal() { start --policy divla-tiny --strict && "$python" tests/acceptance/openpi_queries.py "$port" "$work/questions" "$1"; }
health() { [[ $("$python" -c "import urllib.request as u; print(u.urlopen('http://127.0.0.1:$port/healthz').read())") == "b'OK\\n'" ]]; }
errors() {
  "$python" - "$port" <<'PY'
import sys
from openpi_client import websocket_client_policy
policy = websocket_client_policy.WebsocketClientPolicy("127.0.0.1", int(sys.argv[1]))
try:
    policy.infer({"robot": "panda", "prompt": "x"})
except RuntimeError as error:
    text = str(error)
    assert "'images'" in text and "Traceback" not in text and ".cc" not in text and text.count("\n") <= 1, text
else:
    sys.exit("expected an error")
PY
}
stranger() {  # a key that is wrong is refused, the right one is not
  printf '%s\n' "$key" >"$work/key"
  start --policy hold --api-key-file "$work/key" || return 1
  "$python" - "$port" "$key" <<'PY'
import sys
import websockets.exceptions
import websockets.sync.client
from openpi_client import msgpack_numpy, websocket_client_policy
for headers in (None, {"Authorization": "Api-Key wrong"}):
    try:
        websockets.sync.client.connect(f"ws://127.0.0.1:{sys.argv[1]}", additional_headers=headers)
        sys.exit("expected 401")
    except websockets.exceptions.InvalidStatus as error:
        assert error.response.status_code == 401, error
policy = websocket_client_policy.WebsocketClientPolicy("127.0.0.1", int(sys.argv[1]), api_key=sys.argv[2])
assert policy.get_server_metadata()["divla"]["policy"] == "hold"
PY
}
taken() {  # a port in use: exit code 3 and one line
  "$program" serve --policy hold --port "$port" >"$work/second" 2>&1
  [[ $? == 3 && $(wc -l <"$work/second") == 1 ]] && grep -q "in use" "$work/second"
}

evaluate() { "$program" eval --suite quick --task "$1" --episodes 2 --frames none --quiet --out "$work/$2" "${@:3}"; }
through() {  # the whole way: scenes here, the policy behind the socket, against the policy in the process
  start --policy divla-tiny --strict || return 1
  for task in object_selection transfer_cube; do
    evaluate "$task" "$task-served" --policy "ws://127.0.0.1:$port" && evaluate "$task" "$task-here" --policy divla-tiny --strict &&
      cmp "$work/$task-served/episodes.jsonl" "$work/$task-here/episodes.jsonl" || return 1
  done
}

point "it builds" ./divla list policies
[[ -n $python ]] || point "openpi-client of PyPI" environment
point "200 questions with the answers of this process" questions
point "200 answers to openpi-client are the same, bit for bit" equal 1
point "/healthz" health
point "an error without internals" errors
point "SIGTERM: exit code 0" stop
point "the same 200 answers to four clients at once" equal 4
point "SIGTERM again" stop
point "divla eval --policy ws:// gives the episodes of the policy in the process, byte for byte" through
point "SIGTERM once more" stop
point "a wrong key is refused, the right one is not" stranger
point "a port in use" taken
point "SIGTERM a third time" stop
exit "$failed"
