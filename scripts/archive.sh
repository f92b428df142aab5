#!/usr/bin/env bash
# archive.sh PUBLISHED: dist/wombat-VERSION-linux-x64.tar.gz with everything to install, and its SHA-256.
set -euo pipefail
cd "$(dirname "$0")/.."
published="$1"
version="$("$published/Wombat.Api" version)"
name="wombat-${version%%+*}-linux-x64"
stage="$(mktemp -d)"
trap 'rm -rf "$stage"' EXIT
mkdir -p dist "$stage/$name/bin"
cp -a "$published" "$stage/$name/bin/published"
cp -a docs packaging scripts/install.sh README.md CHANGELOG.md LICENSE "$stage/$name/"
mkdir "$stage/$name/scripts" && mv "$stage/$name/install.sh" "$stage/$name/scripts/"
(cd "$stage/$name" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum >SHA256SUMS)
tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner -czf "dist/$name.tar.gz" "$name"
(cd dist && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256" && cat "$name.tar.gz.sha256")
