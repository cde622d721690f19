#!/usr/bin/env bash
# `./divla python [ARGUMENT...]`: builds the module divla_bench, then becomes a Python that can import it.
# The interpreter is $PYTHON, which must have gymnasium and pybind11 (2.12 or newer) and its own headers; without PYTHON
# one is set up in build/python. `./divla python --path` prints the folder for PYTHONPATH instead of running anything.
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
folder=$root/build/release
log=$root/build/python.log
requirements=$root/python/requirements.txt

Stop() {
  printf 'divla: %s\n' "$*" >&2
  exit 3
}

# Quietly COMMAND...: its output goes to the log, and to the screen when it fails.
Quietly() {
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" | sed 's/^/    /' >&2
    Stop "failed: $* (the whole log is in $log)"
  fi
}

OwnPython() {
  local venv=$root/build/python
  if ! cmp -s "$requirements" "$venv/.requirements"; then
    printf 'divla: setting up Python in build/python\n' >&2
    rm -rf "$venv"
    python3 -m venv "$venv" >"$log" 2>&1 || Stop "python3 -m venv failed (Debian: apt-get install python3-venv python3-dev)"
    Quietly "$venv/bin/pip" install --disable-pip-version-check --no-input --progress-bar off -r "$requirements"
    cp "$requirements" "$venv/.requirements"
  fi
  PYTHON=$venv/bin/python
}

[[ -f $folder/build.ninja ]] || Stop "build/release is not there yet: run ./divla list tasks first"
if [[ -z ${PYTHON:-} ]]; then
  OwnPython
else
  found=$(command -v "$PYTHON") || Stop "environment: PYTHON: expected an interpreter, found '$PYTHON'"
  # Absolute, but not through the link: that is what makes an environment of it.
  PYTHON=$(cd "$(dirname "$found")" && pwd)/$(basename "$found")
  "$PYTHON" -c 'import gymnasium, pybind11' 2>/dev/null ||
    Stop "environment: PYTHON: expected an interpreter with gymnasium and pybind11: $PYTHON -m pip install gymnasium pybind11"
fi
headers=$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_path("include"))')
[[ -f $headers/Python.h ]] || Stop "$PYTHON: expected its headers in $headers (Debian: apt-get install python3-dev)"

# Another interpreter is another module: CMake must look again.
if [[ ! -f $folder/.python || $(<"$folder/.python") != "$PYTHON" ]] || ! grep -q '^DIVLA_PYTHON:BOOL=ON' "$folder/CMakeCache.txt"; then
  Quietly cmake "$folder" -DDIVLA_PYTHON=ON "-DPython_EXECUTABLE=$PYTHON" \
    '-UPython_INCLUDE*' '-UPython_LIBRARY*' '-U_Python*' -Upybind11_DIR
  printf '%s' "$PYTHON" >"$folder/.python"
fi
Quietly cmake --build "$folder" --target divla_python --parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}"

if [[ ${1:-} == --path ]]; then
  printf '%s\n' "$folder/python"
  exit 0
fi
export PYTHONPATH=$folder/python${PYTHONPATH:+:$PYTHONPATH}
exec "$PYTHON" "$@"
