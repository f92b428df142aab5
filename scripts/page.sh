#!/usr/bin/env bash
# page.sh FOLDER: builds the web page from web/ and replaces FOLDER with it. Ends with 3 if Node.js is missing: the API works without.
set -euo pipefail
cd "$(dirname "$0")/.."
to="$1"
if ! command -v npm >/dev/null || ! node -e 'const [a, b] = process.versions.node.split(".").map(Number)
  process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)'; then
  echo "The web page is not built, because Node.js 20.19 or later is missing; the API works without it." >&2
  rm -rf "$to"
  exit 3
fi
log="$(mktemp)"
trap 'rm -rf "$log" "$to.new"' EXIT
cd web
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "npm ci in web"
  npm ci --silent --no-fund --no-audit
fi
npm run --silent build >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
cd ..
[ -f web/dist/index.html ] || { echo "The build of the page wrote no web/dist/index.html." >&2; exit 1; }
rm -rf "$to.new"
mkdir -p "$(dirname "$to")"
cp -a web/dist "$to.new"
rm -rf "$to"
mv "$to.new" "$to"
