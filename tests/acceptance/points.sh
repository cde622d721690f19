# Sourced by the scripts here: goes to the root of the checkout, makes the folder $work, and gives `point`. A script ends
# with `exit "$failed"`.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
point() {  # point DESCRIPTION COMMAND...: "yes" or "NO", the last lines of what failed, and lines that begin with "figure"
  local description=$1
  shift
  if "$@" >"$work/out" 2>&1; then
    echo "yes  $description"
  else
    echo "NO   $description"
    grep -v '^figure' "$work/out" | tail -n 4 | sed 's/^/     /'
    failed=1
  fi
  grep '^figure' "$work/out" | sed 's/^figure/    /'
}
