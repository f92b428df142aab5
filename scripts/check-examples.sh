#!/usr/bin/env bash
# Runs the blocks of README.md or docs/examples.md, in one shell, against the Wombat of WOMBAT_PORT and WOMBAT_DATA_DIR.
set -euo pipefail
cd "$(dirname "$0")/.."
for page in "${@:-docs/examples.md}"; do
  awk '/^```bash$/ { on = 1; next } /^```$/ { on = 0 } on' "$page" >"${TMPDIR:-/tmp}/wombat-examples.$$"
  bash -euo pipefail "${TMPDIR:-/tmp}/wombat-examples.$$" || { rm -f "${TMPDIR:-/tmp}/wombat-examples.$$"; echo "$page fails" >&2; exit 1; }
  rm -f "${TMPDIR:-/tmp}/wombat-examples.$$"
  echo "$page runs"
done
