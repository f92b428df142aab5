#!/usr/bin/env bash
# Runs all suites and checks in parallel, even if some fail, and ends with "N passed, N failed". A suite that reports nothing
# counts as failed. Up to ten failed tests are run a second time, alone, and named with the result of both runs.
# "scripts/test.sh fast" omits the tests of the category Slow, those with a browser, and the checks of the OpenAPI document.
set -uo pipefail
cd "$(dirname "$0")/.."
fast=""
[ "${1:-}" = fast ] && fast=1
suites=(Domain Application Architecture Infrastructure Api)
[ -n "$fast" ] || suites+=(Web)

# Most of the time of a process that lives for minutes is compilation; these make it cheaper at the price of the speed of long runs.
export DOTNET_TieredPGO=0 DOTNET_EnableWriteXorExecute=0
passed=0 failed=0

# The suites create hundreds of PostgreSQL servers, most of whose time is work of the file system. In memory they take half of it.
# Containers need programs and devices in their file systems, which some mounts forbid.
gib_free() { df --output=avail -BG "$1" | tail -n 1 | tr -dc 0-9; }
memory=""
if [ -z "${TMPDIR:-}" ] && options="$(findmnt -no OPTIONS /dev/shm)" && [[ ! "$options" =~ noexec|nosuid|nodev ]] &&
  [ "$(gib_free /dev/shm)" -ge 8 ] && [ "$(awk '/^MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)" -ge 12 ]; then
  memory="$(mktemp -d /dev/shm/w.XXXX)"
  chmod 1777 "$memory"
  export TMPDIR="$memory"
fi
results="$(mktemp -d)"
trap 'rm -rf "$results" ${memory:+"$memory"}' EXIT

run_tests() { # run_tests SUITE RESULT [FILTER]: writes RESULT.trx and RESULT.log, for the suite Web RESULT.tap
  if [ "$1" = Web ]; then
    timeout 1500 node --test --test-reporter=tap web/e2e/all.test.mjs >"$results/$2.tap" 2>"$results/$2.log"
    return
  fi
  timeout 4500 dotnet test "tests/Wombat.$1.Tests/bin/Release/net10.0/Wombat.$1.Tests.dll" --nologo --results-directory "$results" \
    ${3:+--filter "$3"} --logger "trx;LogFileName=$results/$2.trx" \
    --logger "console;verbosity=${VERBOSITY:-minimal}" --blame-hang-timeout 10m \
    -- RunConfiguration.TreatNoTestsAsError=true >"$results/$2.log" 2>&1
}

suite() { # suite NAME: runs a suite and notes its duration
  SECONDS=0
  run_tests "$1" "$1" ${fast:+"TestCategory!=Slow"}
  echo "$SECONDS" >"$results/$1.seconds"
}

failed_tests() { # failed_tests RESULT: the names of the failed tests in RESULT.trx or RESULT.tap, without arguments
  if [ -f "$results/$1.tap" ]; then
    sed -nE '/# Subtest/! s/^ +not ok [0-9]+ - //p' "$results/$1.tap" | sort -u
    return
  fi
  awk -F'"' '
    /<UnitTestResult / && /outcome="Failed"/ { for (i = 1; i < NF; i++) if ($i ~ / testId=$/) failed[$(i + 1)] = 1 }
    /<UnitTest / { id = ""; for (i = 1; i < NF; i++) if ($i ~ / id=$/) id = $(i + 1) }
    /<TestMethod / && id in failed {
      for (i = 1; i < NF; i++) { if ($i ~ / className=$/) class = $(i + 1); if ($i ~ / name=$/) name = $(i + 1) }
      sub(/\(.*/, "", class); sub(/\(.*/, "", name); print class "." name
    }' "$results/$1.trx" | sort -u
}

# Under load a test that waits for other processes can miss its time. A second run alone tells that from a defect.
run_failed_again() {
  local name tests filter
  [ "$failed" -gt 0 ] && [ "$failed" -le 10 ] || return 0
  for name in "${suites[@]}"; do
    tests=(); [ ! -f "$results/$name.trx" ] && [ ! -f "$results/$name.tap" ] || mapfile -t tests < <(failed_tests "$name")
    [ "${#tests[@]}" -gt 0 ] || continue
    filter="$(printf '|FullyQualifiedName~%s' "${tests[@]}")"
    echo "== $name: ${#tests[@]} failed beside the other suites, run again alone: ${tests[*]}"
    if run_tests "$name" "$name.again" "${filter#|}" && [ -z "$(failed_tests "$name.again")" ]; then
      echo "== $name: passed alone"
      passed=$((passed + ${unstable[$name]})); failed=$((failed - ${unstable[$name]}))
    else
      cat "$results/$name.again".{log,tap} 2>/dev/null | grep -v '^$' || true
      echo "== $name: failed again"
    fi
  done
}

count() { # count NAME PASSED FAILED [SECONDS]
  echo "== $1: $2 passed, $3 failed${4:+ in $4 s}"
  passed=$((passed + $2)); failed=$((failed + $3))
}

tap_number() { # tap_number NAME WORD: the number after WORD in the summary of NAME.tap
  awk -v word="$2" '$1 == "#" && $2 == word { number = $3 } END { print number + 0 }' "$results/$1.tap"
}

count_suite() { # count_suite NAME: counts the results in its trx or tap file
  local counters total ok
  grep -v '^$' "$results/$1.log" || true
  if [ -f "$results/$1.tap" ]; then
    total="$(tap_number "$1" tests)" ok="$(tap_number "$1" pass)"
    [ "$total" = "$ok" ] || grep -vE '^ *(ok|---|\.\.\.|duration_ms|type:)' "$results/$1.tap"
    if [ "$total" -gt 0 ]; then
      count "$1" "$ok" $((total - ok)) "$(cat "$results/$1.seconds")"
      unstable[$1]=$((total - ok))
      return
    fi
  fi
  if [ -f "$results/$1.trx" ] && counters="$(grep -o '<Counters [^>]*>' "$results/$1.trx")"; then
    total="$(sed -E 's/.* total="([0-9]+)".*/\1/' <<<"$counters")"
    ok="$(sed -E 's/.* passed="([0-9]+)".*/\1/' <<<"$counters")"
    if [ "$total" -gt 0 ]; then
      count "$1" "$ok" $((total - ok)) "$(cat "$results/$1.seconds")"
      unstable[$1]="$(grep -c '<UnitTestResult .*outcome="Failed"' "$results/$1.trx")"
      return
    fi
  fi
  echo "$1 did not report any test"
  count "$1" 0 1
  unstable[$1]=1
}

check() { # check NAME COMMAND…: runs a command as a test
  local name="$1"; shift
  if "$@" >"$results/check.log" 2>&1; then echo "$name|1 0"; else cat "$results/check.log" >&2; echo "$name|0 1"; fi
}

lines_fit() { # CSharpier leaves long comments and string literals as they are
  local wide
  wide="$(find Wombat.* tests bench tools -name '*.cs' -not -path '*/obj/*' -not -path '*/bin/*' -not -path '*/Migrations/*' -print0 |
    LC_ALL=C.UTF-8 xargs -0 grep -HnE '^.{141,}$' | cut -c1-160)"
  [ -z "$wide" ] || { echo "$wide"; return 1; }
}

openapi_is_current() {
  scripts/openapi.sh "$results" && diff -u openapi/v1.json "$results/openapi/v1.json" && diff -u web/src/api/client.ts "$results/web/src/api/client.ts" ||
    { echo "The OpenAPI document or the client does not match the code: run 'make openapi' and commit."; return 1; }
}

checks() {
  check "C# is formatted" dotnet csharpier check .
  check "C# lines have at most 140 columns" lines_fit
  if [ -z "$fast" ]; then
    check "OpenAPI document and client are current" openapi_is_current
    check "OpenAPI document passes redocly" tests/openapi-lint/node_modules/.bin/redocly lint --config tests/openapi-lint/redocly.yaml openapi/v1.json
    check "OpenAPI document passes spectral" tests/openapi-lint/node_modules/.bin/spectral lint --fail-severity error -r tests/openapi-lint/.spectral.yaml openapi/v1.json
    check "The page has correct types" npm run --silent --prefix web check
    check "The page passes ESLint" npm run --silent --prefix web lint
    check "Components of the page" npm test --silent --prefix web
  fi
}

declare -A running unstable
{ for short in Domain Application Architecture; do suite "$short"; done; checks >"$results/checks" 2>"$results/checks.log"; } &
short_ones=$!

# Before the others: Chromium ends requests when an interface of the machine changes, and each of their containers changes one.
[ -n "$fast" ] || suite Web

# The long suites wait more than they compute, so they run in parallel; the short ones run one after the other.
suite Api & running[Api]=$!
suite Infrastructure & running[Infrastructure]=$!
wait "$short_ones"
for name in "${suites[@]}"; do
  [ -z "${running[$name]:-}" ] || wait "${running[$name]}" || true
  count_suite "$name"
done
cat "$results/checks.log"
while IFS='|' read -r name numbers; do count "$name" $numbers; done <"$results/checks"

run_failed_again
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
