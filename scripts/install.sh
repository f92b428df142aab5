#!/usr/bin/env bash
# install.sh PUBLISHED: copies the output of `make publish` to $DESTDIR$PREFIX. Creates no account and starts nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
published="$1"
prefix="${PREFIX:-/usr/local}" dest="${DESTDIR:-}"
lib="$prefix/lib/wombat"
rm -rf "$dest$lib.new"
install -d "$dest$lib.new" "$dest$prefix/bin" "$dest$prefix/share/doc/wombat" "$dest$prefix/lib/systemd/system"
cp -a "$published/." "$dest$lib.new/"
# Copy next to the old version and move at the end, so that an interrupted run leaves the old version complete.
rm -rf "$dest$lib.old"
[ ! -e "$dest$lib" ] || mv "$dest$lib" "$dest$lib.old"
mv "$dest$lib.new" "$dest$lib"
rm -rf "$dest$lib.old"
sed "s|@LIBDIR@|$lib|" packaging/wombat >"$dest$prefix/bin/wombat"
chmod 755 "$dest$prefix/bin/wombat"
cp -a docs/. README.md CHANGELOG.md LICENSE packaging/environment.example packaging/wombat-lxc.conf "$dest$prefix/share/doc/wombat/"
sed "s|/usr/local|$prefix|g" packaging/wombat.service >"$dest$prefix/lib/systemd/system/wombat.service"
chmod 644 "$dest$prefix/lib/systemd/system/wombat.service"
install -D -m 644 packaging/wombat.bash-completion "$dest$prefix/share/bash-completion/completions/wombat"
echo "installed to $dest$lib, with $dest$prefix/bin/wombat and $dest$prefix/lib/systemd/system/wombat.service"
