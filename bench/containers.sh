#!/usr/bin/env bash
# Measures local containers through the API, as root after make build: from POST to running with an address, for busybox and debian-12 from
# the cache, and to the first SSH login; then COUNT (default 100) busybox containers at once beside a bare script of tar, configuration and
# lxc-start with the same image; then the CPU time of Wombat in a minute at rest with them.
set -euo pipefail
cd "$(dirname "$0")/.."
count="${1:-100}" rounds=11
server="$PWD/Wombat.Api/bin/Release/net10.0/Wombat.Api.dll"
forge="$(dirname "$server")/forge/forge"
work="$(mktemp -d /tmp/wombat-containers.XXXXXX)"
chmod 711 "$work"
bare="$work/bare"
export FORGE_LXC_IMAGES="${FORGE_LXC_IMAGES:-$work/images}" WOMBAT_DATA_DIR="$work/data"
export WOMBAT_QUOTAS_CONTAINERS_PER_PROJECT=0 WOMBAT_LOG_LEVEL=warning WOMBAT_RATE_LIMIT_REQUESTS_PER_SECOND=0
WOMBAT_PORT="$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')"
export WOMBAT_PORT

cleanup() {
  for c in $(lxc-ls -P "$bare" -1 2>/dev/null); do lxc-stop -k -P "$bare" -n "$c" || true; done
  [ -z "${pid:-}" ] || { kill "$pid"; wait "$pid" || true; } 2>/dev/null
  for record in "$work"/data/lxc/.forge/*.json; do [ ! -e "$record" ] || "$forge" delete --id "$(basename "$record" .json)" >/dev/null 2>&1 || true; done
  "$forge" network down >/dev/null 2>&1 || true
  rm -rf --one-file-system "$work"
}
trap cleanup EXIT

"$forge" images --template busybox >/dev/null 2>&1
"$forge" images --template debian-12 >/dev/null 2>&1
dotnet "$server" serve >"$work/log" 2>&1 &
pid=$!
api="http://127.0.0.1:$WOMBAT_PORT/api/v1"
until curl -fsS -o /dev/null "http://127.0.0.1:$WOMBAT_PORT/health/ready" 2>/dev/null; do kill -0 $pid || { cat "$work/log"; exit 1; }; sleep 0.1; done
auth="Authorization: Bearer $(cat "$work/data/admin-token")"
call() { curl -fsS -H "$auth" -H 'Content-Type: application/json' "$@"; }
now() { echo $((${EPOCHREALTIME/./} / 1000)); }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
here="$api/projects/$(call "$api/projects" -d '{"name":"Bench","unix_name":"bench"}' | jq -r .id)/containers"
ssh-keygen -q -t ed25519 -N '' -f "$work/key"
login=(ssh -i "$work/key" -o BatchMode=yes -o ConnectTimeout=1 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR)

# Fails unless the container runs and has an address.
address() { call "$here/$1" | jq -er 'select(.status == "running") | .ip_address'; }

one() { # TEMPLATE FIELDS: prints the ms to running with an address and, with keys, to the first login
  local began answer ip
  began="$(now)"
  answer="$(call "$here" -d "{\"template\":\"$1\"$2}")"
  call "$api/jobs/$(jq -r .job_id <<<"$answer")?wait=60s" -o /dev/null
  ip="$(address "$(jq -r .id <<<"$answer")")"
  echo "running $(($(now) - began))"
  if [ -n "$2" ]; then
    until "${login[@]}" "root@$ip" true 2>/dev/null; do sleep 0.05; done
    echo "login $(($(now) - began))"
  fi
  answer="$(call -X DELETE "$here/$(jq -r .id <<<"$answer")")"
  call "$api/jobs/$(jq -r .job_id <<<"$answer")?wait=60s" -o /dev/null
}

for template in busybox debian-12; do
  keys=""
  [ "$template" = busybox ] || keys=",\"ssh_keys\":[$(jq -R . "$work/key.pub")]"
  for _ in $(seq "$rounds"); do one "$template" "$keys"; done >"$work/times"
  echo "$template: POST to running with an address, p50 of $rounds: $(awk '$1 == "running" { print $2 }' "$work/times" | median) ms"
  [ -z "$keys" ] || echo "$template: POST to the first login, p50 of $rounds: $(awk '$1 == "login" { print $2 }' "$work/times" | median) ms"
done

memory() { awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo; }
settle() { sync; sleep 3; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

# The bare script: what forge does for the root file system and the start, without records, network, jobs and database.
image="$(ls "$FORGE_LXC_IMAGES"/busybox@*.tar)"
template="$(call "$here" -d '{"template":"busybox","name":"pattern","memory":64}')"
call "$api/jobs/$(jq -r .job_id <<<"$template")?wait=60s" -o /dev/null
pattern="$(call "$here/$(jq -r .id <<<"$template")" | jq -r .external_id)"
install -d -m 711 "$bare"
grep -v "^lxc.include = .*net\|^lxc.idmap\|^# forge" "$work/data/lxc/$pattern/config" >"$work/pattern"
call -X DELETE "$here/$(jq -r .id <<<"$template")" -o /dev/null

export bare image work pattern
bare_one() {
  local name="c$1" first=$((1879048192 + 65536 * (4000 - $1 % 1000)))
  local folder="$bare/$name"
  install -d -m 710 -g $first "$folder"
  install -d -m 755 -o $first -g $first "$folder/rootfs"
  lxc-usernsexec -m u:0:$first:65536 -m g:0:$first:65536 -- tar -xpf - --numeric-owner -C "$folder/rootfs" <"$image"
  { sed "s|$work/data/lxc/$pattern|$folder|; s|^lxc.uts.name = .*|lxc.uts.name = $name|" "$work/pattern"; echo "lxc.idmap = u 0 $first 65536"; echo "lxc.idmap = g 0 $first 65536"; echo "lxc.net.0.type = empty"; } >"$folder/config"
  lxc-start -P "$bare" -n "$name" -d
  lxc-wait -P "$bare" -n "$name" -s RUNNING -t 30
}
export -f bare_one

settle; free_before="$(memory)"; began="$(now)"
seq "$count" | xargs -P 4 -I{} bash -c 'bare_one {}'
bare_time=$(($(now) - began))
settle; bare_memory=$(((free_before - $(memory)) / count)); bare_disk=$(($(du -s -x "$bare" | cut -f1) / count))
[ "$(lxc-ls -P "$bare" --running -1 | wc -l)" = "$count" ] || { echo "the bare script did not start all"; exit 1; }
for c in $(lxc-ls -P "$bare" -1); do lxc-stop -k -P "$bare" -n "$c"; done
rm -rf --one-file-system "$bare"

settle; free_before="$(memory)"; disk_before="$(du -s -x "$work/data/lxc" | cut -f1)"; began="$(now)"
for _ in $(seq "$count"); do call "$here" -d '{"template":"busybox","memory":64}' | jq -r .job_id; done >"$work/jobs"
while read -r job; do call "$api/jobs/$job?wait=60s" | jq -r .status; done <"$work/jobs" >"$work/ends"
our_time=$(($(now) - began))
settle; our_memory=$(((free_before - $(memory)) / count)); our_disk=$((($(du -s -x "$work/data/lxc" | cut -f1) - disk_before) / count))
[ "$(grep -c succeeded "$work/ends")" = "$count" ] || { echo "not all were created: $(sort "$work/ends" | uniq -c | paste -sd,)"; exit 1; }
echo "$count at once, ms: ours=$our_time baseline=$bare_time ratio=$(ratio "$our_time" "$bare_time")"
echo "memory of one, KiB: ours=$our_memory baseline=$bare_memory ratio=$(ratio "$our_memory" "$bare_memory")"
echo "disk of one, KiB: ours=$our_disk baseline=$bare_disk ratio=$(ratio "$our_disk" "$bare_disk")"

# utime, stime and those of the programs that have ended.
ticks() { awk '{ print $14 + $15 + $16 + $17 }' "/proc/$pid/stat"; }
before="$(ticks)"
sleep 60
echo "Wombat with its programs, CPU ms in a minute at rest with $count containers: $((($(ticks) - before) * 1000 / $(getconf CLK_TCK)))"
