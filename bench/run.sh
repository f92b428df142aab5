#!/usr/bin/env bash
# bench/run.sh http|lists|jobs|start|access|directory|audit|events|hostile|logs|databases|clusters|runs: runs one measurement and installs what it needs. It does not compare the result with the aim.
set -euo pipefail
cd "$(dirname "$0")/.."
case "$1" in
http | access | audit | events)
  command -v wrk >/dev/null || { export DEBIAN_FRONTEND=noninteractive; apt-get update -q && apt-get install -y -q --no-install-recommends wrk; } >/dev/null
  ;;
jobs)
  [ -d bench/node_modules/graphile-worker ] || (cd bench && npm ci --silent --no-fund --no-audit)
  ;;
esac
exec dotnet bench/Wombat.Bench/bin/Release/net10.0/Wombat.Bench.dll "$@"
