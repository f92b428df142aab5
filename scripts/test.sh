#!/usr/bin/env bash
# Runs every suite, whatever fails before, and ends with "N passed, N failed". A suite that reports nothing counts as failed.
set -uo pipefail
cd "$(dirname "$0")/.."
passed=0 failed=0
results="$(mktemp -d)"
trap 'rm -rf "$results"' EXIT

count() { # count SUITE PASSED FAILED
  echo "== $1: $2 passed, $3 failed"
  passed=$((passed + $2)); failed=$((failed + $3))
}

check() { # check NAME COMMAND… : one test that is a command
  local name="$1"; shift
  if "$@" >"$results/check.log" 2>&1; then count "$name" 1 0; else cat "$results/check.log"; count "$name" 0 1; fi
}

openapi_is_current() {
  scripts/openapi.sh "$results" && diff -u openapi/v1.json "$results/openapi/v1.json" && diff -u web/src/api/client.ts "$results/web/src/api/client.ts" ||
    { echo "The OpenAPI document or the client is not what the code says: run 'make openapi' and commit."; return 1; }
}

for suite in Domain Application Architecture Infrastructure Api; do
  project="tests/Wombat.$suite.Tests"
  timeout 2400 dotnet test "$project" -c Release --no-build --nologo --logger "trx;LogFileName=$results/$suite.trx" --logger "console;verbosity=${VERBOSITY:-minimal}" --blame-hang-timeout 10m 2>&1 | grep -v '^$' || true
  if [ -f "$results/$suite.trx" ] && counters="$(grep -o '<Counters [^>]*>' "$results/$suite.trx")"; then
    total="$(sed -E 's/.* total="([0-9]+)".*/\1/' <<<"$counters")"
    ok="$(sed -E 's/.* passed="([0-9]+)".*/\1/' <<<"$counters")"
    if [ "$total" -gt 0 ]; then count "$suite" "$ok" $((total - ok)); else echo "$suite ran no test"; count "$suite" 0 1; fi
  else
    echo "$suite did not report"
    count "$suite" 0 1
  fi
done
check "OpenAPI document and client are current" openapi_is_current
check "OpenAPI document passes redocly" tests/openapi-lint/node_modules/.bin/redocly lint --config tests/openapi-lint/redocly.yaml openapi/v1.json
check "OpenAPI document passes spectral" tests/openapi-lint/node_modules/.bin/spectral lint --fail-severity error -r tests/openapi-lint/.spectral.yaml openapi/v1.json
check "TypeScript client compiles" bash -c 'cd web && npm run --silent check'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
