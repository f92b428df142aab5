#!/usr/bin/env bash
# openapi/v1.json from the code, web/src/api/client.ts from it. With a folder as argument, there instead of here.
set -euo pipefail
cd "$(dirname "$0")/.."
to="${1:-.}"
mkdir -p "$to/openapi" "$to/web/src/api"
dotnet Wombat.Api/bin/Release/net10.0/Wombat.Api.dll openapi "$to/openapi/v1.json"
# Times stay the text that the server sends: a Date would lose its microseconds. Errors are thrown as ApiException, an Error whose result is the problem.
dotnet nswag openapi2tsclient /input:"$to/openapi/v1.json" /output:"$to/web/src/api/client.ts" \
  /template:Fetch /typeStyle:Interface /dateTimeType:String /nullValue:Null /generateOptionalParameters:true /wrapDtoExceptions:true \
  /operationGenerationMode:SingleClientFromOperationId /className:WombatClient >"${TMPDIR:-/tmp}/nswag.$$.log" 2>&1 ||
  { cat "${TMPDIR:-/tmp}/nswag.$$.log" >&2; exit 1; }
rm -f "${TMPDIR:-/tmp}/nswag.$$.log"
# nswag ends lines as it pleases.
sed -i 's/\r$//' "$to/web/src/api/client.ts"
