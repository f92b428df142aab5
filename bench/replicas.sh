#!/usr/bin/env bash
# Runs two replicas with local containers for SECONDS (default 300) under create, stop, start and delete, and stops and starts one of
# them. Run as root after make build. Exits with 0 if no container became missing, no deleted one is left, and the API and lxc-ls agree.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds="${1:-300}"
server="$PWD/Wombat.Api/bin/Release/net10.0/Wombat.Api.dll"
work="$(mktemp -d /tmp/wombat-replicas.XXXXXX)"
chmod 755 "$work"
declare -A pids
wrong=0

say() { echo "$(date +%T) $*"; }
fault() { say "WRONG: $*"; wrong=$((wrong + 1)); }

# A free port.
port() { node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }

start() { # start NAME ROLES
  local data="$work/$1"
  mkdir -p "$data"
  [ -f "$data/host-id" ] || printf '%s\n%s\n' "$(cat /proc/sys/kernel/random/uuid)" "$1" >"$data/host-id"
  local p="${ports[$1]}"
  env WOMBAT_DATA_DIR="$data" WOMBAT_PORT="$p" WOMBAT_ROLES="$2" WOMBAT_HOSTS_TIMEOUT_SECONDS=5 WOMBAT_RECONCILER_INTERVAL_SECONDS=1 WOMBAT_LOG_LEVEL=warning \
    WOMBAT_SECRETS_KEY_FILE="$work/secrets-key" WOMBAT_AUDIT_SIGNING_KEY_FILE="$work/audit-key.pem" \
    ${database:+ConnectionStrings__Wombat="$database"} dotnet "$server" serve >>"$work/$1.log" 2>&1 &
  pids[$1]=$!
  for _ in $(seq 1 600); do
    curl -fsS -o /dev/null "http://127.0.0.1:$p/health/ready" 2>/dev/null && return
    kill -0 "${pids[$1]}" 2>/dev/null || break
    sleep 0.1
  done
  cat "$work/$1.log"; exit 1
}

stop() { kill -TERM "${pids[$1]}" 2>/dev/null || true; wait "${pids[$1]}" 2>/dev/null || true; }

cleanup() {
  for name in one two front; do [ -n "${pids[$name]:-}" ] && stop "$name"; done
  for name in one two; do
    for c in $(lxc-ls -P "$work/$name/lxc" -1 2>/dev/null); do lxc-destroy -P "$work/$name/lxc" -n "$c" -f >/dev/null 2>&1 || true; done
  done
  if [ "$wrong" = 0 ]; then rm -rf "$work"; else echo "kept for inspection: $work"; fi
}
trap cleanup EXIT

declare -A ports=([front]="$(port)" [one]="$(port)" [two]="$(port)")
database=""
(umask 077; head -c 32 /dev/urandom | base64 >"$work/secrets-key"; openssl ecparam -name prime256v1 -genkey -noout -out "$work/audit-key.pem")
# The first process has the PostgreSQL and the API; the other two are workers.
start front api
database="Host=$work/front/postgres/socket;Username=wombat;Password=$(cat "$work/front/postgres-password");Database=postgres;Timeout=5"
start one worker,reconciler
start two worker,reconciler
api="http://127.0.0.1:${ports[front]}/api/v1"
auth="Authorization: Bearer $(cat "$work/front/admin-token")"
call() { curl -sS -H "$auth" -H 'Content-Type: application/json' "$@"; }
project="$(call -X POST "$api/projects" -d '{"name":"Replicas","unix_name":"replicas"}' | jq -r .id)"
here="$api/projects/$project/containers"

all() { call "$here?limit=200${1:-}" | jq -c '.items[]'; }

check() { # what may never be, at any time
  local missing
  missing="$(call "$api/events?action=container.missing&limit=10" | jq '.items | length')"
  [ "$missing" = 0 ] || fault "$missing containers were called missing"
  local gone left
  gone="$(all '&status=deleted' | jq -r .external_name | sort)"
  left="$( (lxc-ls -P "$work/one/lxc" -1; lxc-ls -P "$work/two/lxc" -1) 2>/dev/null | tr -d ' ' | sort)"
  left="$(comm -12 <(echo "$gone") <(echo "$left") | sed '/^$/d')"
  [ -z "$left" ] || fault "deleted, and still there: $left"
}

end=$((SECONDS + seconds)) began=$SECONDS created=0 stopped=0 started=0 deleted=0 breaks=0 checks=0 away=0 next_break=$((SECONDS + 20)) unknown=0
while [ $SECONDS -lt $end ]; do
  if [ $away = 0 ] && [ $SECONDS -ge $next_break ]; then
    say "replica two stops ($created created, $deleted deleted so far)"; stop two; away=$SECONDS; breaks=$((breaks + 1))
  elif [ $away != 0 ] && [ $SECONDS -ge $((away + 15)) ]; then
    unknown=$((unknown + $(all '&status=unknown' | wc -l)))
    say "replica two starts; $(all '&status=unknown' | wc -l) containers were unknown"; start two worker,reconciler; away=0; next_break=$((SECONDS + 30))
  fi
  mapfile -t living < <(all | shuf -n 3)
  if [ "$(all | wc -l)" -lt 12 ]; then
    for _ in 1 2 3; do call -o /dev/null -X POST "$here" -d '{"template":"busybox","memory":32}' && created=$((created + 1)); done
  fi
  for c in "${living[@]}"; do
    id="$(jq -r .id <<<"$c")"
    case "$(jq -r .status <<<"$c")-$((RANDOM % 4))" in
      running-0) call -o /dev/null -X POST "$here/$id/stop" && stopped=$((stopped + 1));;
      stopped-*) call -o /dev/null -X POST "$here/$id/start" && started=$((started + 1));;
      running-1 | unknown-0) call -o /dev/null -X DELETE "$here/$id" && deleted=$((deleted + 1));;
    esac
  done
  check; checks=$((checks + 1))
  sleep 0.3
done

[ $away = 0 ] || start two worker,reconciler
say "waiting for the jobs to end"
for _ in $(seq 1 120); do
  open="$( (call "$api/jobs?status=queued&limit=1"; call "$api/jobs?status=running&limit=1"; call "$api/jobs?status=waiting_retry&limit=1") | jq '.items | length' | awk '{ sum += $1 } END { print sum }')"
  [ "$open" = 0 ] && [ "$(all '&status=unknown' | wc -l)" = 0 ] && break
  sleep 1
done
check
for name in one two; do
  for state in running stopped; do
    says="$(all "&status=$state" | jq -r --arg h "$name" 'select(.host_name == $h) | .external_name' | sort)"
    is="$(lxc-ls -P "$work/$name/lxc" -1 "--$state" | tr -d ' ' | sed '/^$/d' | sort)"
    [ "$says" = "$is" ] || fault "on $name, $state: the API says [$(paste -sd' ' <<<"$says")], lxc-ls [$(paste -sd' ' <<<"$is")]"
    say "$name: $(grep -c . <<<"$is" || true) $state, as the API says"
  done
done
job="$(call -X DELETE "$api/projects/$project?cascade=true" -D - -o /dev/null | tr -d '\r' | awk 'tolower($1) == "location:" { print $2 }')"
for _ in $(seq 1 120); do
  [ "$(call "http://127.0.0.1:${ports[front]}$job" | jq -r .status)" = succeeded ] && break
  sleep 0.5
done
for name in one two; do
  left="$(lxc-ls -P "$work/$name/lxc" -1 | sed '/^$/d')"
  [ -z "$left" ] || fault "left on $name after all were deleted: $left"
done
say "$((SECONDS - began)) s: $created created, $stopped stopped, $started started, $deleted deleted, $breaks times a replica was away ($unknown unknown then), $checks checks, $wrong wrong"
[ "$wrong" = 0 ]
