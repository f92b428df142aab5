#!/usr/bin/env bash
# Creates sample data in a running Wombat through its API. A repeated run changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
base="http://127.0.0.1:${WOMBAT_PORT:-8080}/api/v1"
token="$(cat "${WOMBAT_DATA_DIR:-.wombat}/admin-token")"

post() { # post KEY PATH BODY -> the answer's body; with the key, a repeated request changes nothing
  curl -fsS -X POST "$base$2" -H "Authorization: Bearer $token" -H "Idempotency-Key: $1" -H 'Content-Type: application/json' -d "$3"
}

for name in atlas borealis cassini; do
  id="$(curl -fsS "$base/projects?q=seed-$name" -H "Authorization: Bearer $token" | jq -r --arg n "seed-$name" '.items[] | select(.unix_name == $n) | .id')"
  if [ -z "$id" ]; then
    id="$(post "seed-$name" /projects "{\"name\":\"${name^}\",\"unix_name\":\"seed-$name\",\"description\":\"Sample project.\",\"tags\":[\"sample\",\"team-${name:0:1}\"]}" | jq -r .id)"
  fi
  echo "project seed-$name $id"
done
held="$(curl -fsS "$base/projects/$id/containers" -H "Authorization: Bearer $token" | jq '.items | length')"
if [ "$held" = 0 ]; then
  post "seed-container-$id" "/projects/$id/containers" '{"template":"busybox","name":"hello","memory":64}' | jq -r '"container \(.name) \(.status)"'
fi
