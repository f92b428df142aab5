#!/usr/bin/env bash
# Writes openapi/v1.json from the code and web/src/api/client.ts from that, into the folder of the argument if there is one.
set -euo pipefail
cd "$(dirname "$0")/.."
to="${1:-.}"
mkdir -p "$to/openapi" "$to/web/src/api"
dotnet Wombat.Api/bin/Release/net10.0/Wombat.Api.dll openapi "$to/openapi/v1.json"
# Times are strings, because a Date would lose the microseconds. Errors are thrown as ApiException, an Error whose result is the problem.
dotnet nswag openapi2tsclient /input:"$to/openapi/v1.json" /output:"$to/web/src/api/client.ts" \
  /template:Fetch /typeStyle:Interface /dateTimeType:String /useAbortSignal:true /nullValue:Null /generateOptionalParameters:true /wrapDtoExceptions:true \
  /operationGenerationMode:SingleClientFromOperationId /className:WombatClient >"${TMPDIR:-/tmp}/nswag.$$.log" 2>&1 ||
  { cat "${TMPDIR:-/tmp}/nswag.$$.log" >&2; exit 1; }
rm -f "${TMPDIR:-/tmp}/nswag.$$.log"
# nswag mixes line ends.
sed -i 's/\r$//' "$to/web/src/api/client.ts"
