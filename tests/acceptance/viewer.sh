#!/usr/bin/env bash
# What the viewer must show, under Xvfb with software OpenGL: tests/acceptance/viewer.sh
# The figures mean something on a machine that does nothing else. Prints one line per point, "yes" or "NO", and exits 1
# when a point fails. What was drawn stays in build/viewer-acceptance, to be looked at.
# shellcheck source=tests/acceptance/points.sh
source "$(dirname "${BASH_SOURCE[0]}")/points.sh"
divla=build/release/harness/divla
view=build/release/viewer/divla-view
pictures=build/viewer-acceptance
server="" display=""
trap 'for p in $server $display; do kill "$p" 2>/dev/null; done; rm -rf "$work"' EXIT
rm -rf "$pictures" && mkdir -p "$pictures"
export LIBGL_ALWAYS_SOFTWARE=1
unset WAYLAND_DISPLAY

screen() {
  Xvfb -displayfd 3 -screen 0 1600x1000x24 -nolisten tcp 3>"$work/display" 2>/dev/null &
  display=$!
  for _ in $(seq 100); do
    [[ -s $work/display ]] && break
    sleep 0.1
  done
  DISPLAY=:$(<"$work/display") && export DISPLAY
}
# script NAME ACTIONS: runs them; pictures and script.json in $pictures/NAME
script() {
  printf '[%s, {"do": "quit"}]' "$2" >"$work/$1.json"
  timeout 500 "$view" --script "$work/$1.json" --frames "$pictures/$1"
}
# ask NAME EXPRESSION: `r` is the list of script.json
ask() {
  python3 - "$pictures/$1/script.json" "$2" <<'PY'
import json, sys
r = json.load(open(sys.argv[1]))
sys.exit(not eval(sys.argv[2]))
PY
}
figure() {  # figure NAME EXPRESSION
  python3 - "$pictures/$1/script.json" "$2" <<'PY'
import json, sys
r = json.load(open(sys.argv[1]))
print("figure", eval(sys.argv[2]))
PY
}
open='{"do": "size", "width": 1280, "height": 800}, {"do": "open", "task": "cube_to_coloured_box", "seed": 1, "episode": 3'

session() {
  script session "$open, \"policy\": \"divla-tiny\"}, {\"do\": \"record\", \"name\": \"session\"}, {\"do\": \"play_until\", \"step\": 40},
    {\"do\": \"pause\"}, {\"do\": \"screenshot\", \"name\": \"paused\"}, {\"do\": \"seek\", \"step\": 20},
    {\"do\": \"set_instruction\", \"text\": \"Pick purple cube to yellow box.\"}, {\"do\": \"branch\"}, {\"do\": \"play_both\", \"step\": 120},
    {\"do\": \"panel\", \"name\": \"why\"}, {\"do\": \"screenshot\", \"name\": \"branched\"}, {\"do\": \"stop_recording\"},
    {\"do\": \"save_video\", \"line\": 1, \"name\": \"branch\"}" &&
    [[ -s $pictures/session/session.mp4 && -s $pictures/session/branch.mp4 && -s $pictures/session/branched.png ]] &&
    ask session 'len(r[-1]["lines"]) == 2 and r[-1]["parted_at"] > 20'
}
latency() {
  script latency "$open, \"policy\": \"divla-tiny\"}, {\"do\": \"measure_latency\", \"query_seconds\": 2}" &&
    figure latency '{k: r[2]["result"][k] for k in ("frames", "keys_served", "median_frame_ms", "worst_latency_ms", "opengl")}' &&
    ask latency 'r[2]["result"]["worst_latency_ms"] < 50 and r[2]["result"]["keys_served"] == r[2]["result"]["frames"] > 20'
}
frames() {
  script frames "$open, \"policy\": \"divla-tiny\"}, {\"do\": \"measure_frames\", \"seconds\": 6}" &&
    figure frames '{k: r[2]["result"][k] for k in ("frames_per_second", "median_frame_ms", "cpu_ms_per_frame", "coarse", "scene_pictures", "steps", "width", "height")}' &&
    ask frames 'r[2]["result"]["frames_per_second"] >= 20 and (r[2]["result"]["width"], r[2]["result"]["height"]) == (1280, 800)'
}
# To the end, back, and to the end again: the record, hashes included, that an evaluation writes.
again() {
  script again "$open, \"policy\": \"expert\"}, {\"do\": \"play_until\", \"step\": 60}, {\"do\": \"seek\", \"step\": 7},
    {\"do\": \"play_until\", \"step\": 5000}, {\"do\": \"seek\", \"step\": 33}, {\"do\": \"play_until\", \"step\": 5000},
    {\"do\": \"export\", \"line\": 0, \"name\": \"run\"}" &&
    ask again 'all(l["replay_differs_at"] == -1 for a in r for l in a["lines"])' &&
    "$divla" eval --suite quick --policy expert --task cube_to_coloured_box --episodes 4 --frames none --quiet --out "$work/eval" &&
    sed -n 4p "$work/eval/episodes.jsonl" | grep -o '"hash":{[^}]*}' | sed 's/"frames":"[^"]*",//' >"$work/there" &&
    grep -o '"hash":{[^}]*}' "$pictures/again/run/episodes.jsonl" | sed 's/"frames":"[^"]*",//' >"$work/here" &&
    cmp "$work/here" "$work/there"
}
lost() {
  "$divla" serve --policy divla-tiny --port 0 >"$work/serve.out" 2>/dev/null &
  server=$!
  until grep -q ':[0-9]*$' "$work/serve.out"; do
    kill -0 "$server" || return 1
    sleep 0.1
  done
  local port
  port=$(sed -n 's/^serving .*:\([0-9]*\)$/\1/p' "$work/serve.out")
  (sleep 4; kill -KILL "$server") &
  script lost "$open, \"policy\": \"ws://127.0.0.1:$port\"}, {\"do\": \"play\", \"seconds\": 30},
    {\"do\": \"screenshot\", \"name\": \"lost\"}"
  local code=$?
  server=""
  [[ $code == 0 ]] && ask lost 'r[-1]["lines"][0]["record"]["termination"] == "policy_error"'
}
nobody() {  # no server at all
  script nobody "$open, \"policy\": \"ws://127.0.0.1:1\"}" 2>"$work/err"
  (($? != 0)) && [[ $(wc -l <"$work/err") == 1 ]] && grep -q "no policy server answers" "$work/err"
}
damaged() {
  local log
  log=$(find "$pictures/again/run/logs" -type f | head -n 1)
  truncate -s 200 "$log"
  "$view" --replay "$pictures/again/run:$(basename "$log" .bin)" 2>"$work/err"
  [[ $? == 2 && $(wc -l <"$work/err") == 1 ]]
}

point "it builds" ./divla view --help
point "Xvfb" screen
point "start, pause, back, other words, branch, both, failure panel, videos" session
point "an answer within 50 ms while a 2-second query runs" latency
point "at least 20 frames a second at 1280 x 800 while an episode plays" frames
point "back and forth gives the original states, bit for bit, and an evaluation's" again
point "a policy server that dies: the episode says so" lost
point "no policy server: one line" nobody
point "a damaged replay: one line, exit code 2" damaged
echo "pictures: $pictures"
exit "$failed"
