#!/usr/bin/env bash
# Runs the blocks of README.md or docs/examples.md, in one shell against the Wombat of WOMBAT_PORT and WOMBAT_DATA_DIR.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
WOMBAT_DATA_DIR=$(realpath "${WOMBAT_DATA_DIR:-.wombat}")
export WOMBAT_DATA_DIR
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"      # the blocks write files and run a target of the Makefile as another account
cp "$root/Makefile" .
chmod 755 .
for page in "${@:-docs/examples.md}"; do
  awk '/^```bash$/ { on = 1; next } /^```$/ { on = 0 } on' "$root/$page" >script
  bash -euo pipefail script || { echo "$page failed" >&2; exit 1; }
  echo "$page passed"
done
