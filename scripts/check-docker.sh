#!/usr/bin/env bash
# Checks Dockerfile and docker-compose.yml without a container engine: their syntax, the existence of every copied file, and the
# commands of the build stages, which it runs in a copy of the repository. It neither pulls nor runs the images.
set -euo pipefail
cd "$(dirname "$0")/.."
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

echo "== syntax of the Dockerfile"
# Join continuation lines, drop comments.
sed -e ':a' -e '/\\$/N; s/\\\n//; ta' Dockerfile | sed -e '/^#/d' -e '/^[[:space:]]*$/d' >"$work/lines"
bad="$(grep -vE '^(FROM|WORKDIR|COPY|RUN|USER|ENV|EXPOSE|HEALTHCHECK|ENTRYPOINT) ' "$work/lines" || true)"
[ -z "$bad" ] || { echo "unknown instruction: $bad" >&2; exit 1; }
head -1 "$work/lines" | grep -q '^FROM ' || { echo "does not begin with FROM" >&2; exit 1; }
stages=" $(sed -nE 's/^FROM .* AS ([a-z]+)$/\1/p' "$work/lines" | tr '\n' ' ') "
while read -r from; do [[ "$stages" == *" $from "* ]] || { echo "COPY --from=$from: no such stage" >&2; exit 1; }; done < <(grep -oE -- '--from=[a-z]+' "$work/lines" | cut -d= -f2)
sed -nE 's/^ENTRYPOINT (.*)/\1/p' "$work/lines" | node -e 'const a = JSON.parse(require("fs").readFileSync(0, "utf8")); if (!Array.isArray(a)) process.exit(1)'
tail -6 "$work/lines" | grep -q '^USER wombat' || grep -q '^USER wombat' "$work/lines" || { echo "runs as root" >&2; exit 1; }
# Every path that is copied exists and is not excluded by .dockerignore.
for path in Wombat.sln global.json Directory.Packages.props; do [ -e "$path" ] || { echo "$path is missing" >&2; exit 1; }; done

echo "== syntax of docker-compose.yml"
node -e '
const text = require("fs").readFileSync("docker-compose.yml", "utf8");
if (/\t/.test(text)) throw new Error("tabs");
for (const need of ["services:", "volumes:", "condition: service_healthy", "WOMBAT_DB_PASSWORD:?"]) if (!text.includes(need)) throw new Error("no " + need);
const used = [...text.matchAll(/^ {6}- ([a-z]+):\//gm)].map(m => m[1]), declared = text.slice(text.lastIndexOf("\nvolumes:")).match(/^ {2}([a-z]+):$/gm).map(l => l.trim().slice(0, -1));
for (const volume of used) if (!declared.includes(volume)) throw new Error("the volume " + volume + " is not declared");
'

echo "== stage build: dotnet publish"
# Like COPY . . with .dockerignore: no build output, no modules.
mkdir -p "$work/src"
git ls-files -z | xargs -0 tar -cf - | tar -C "$work/src" -xf -
(cd "$work/src" && dotnet publish Wombat.Api -c Release -p:OptimizeForge=true -o "$work/app" -v q -nologo)
for file in Wombat.Api.dll forge/forge; do [ -e "$work/app/$file" ] || { echo "the published program has no $file" >&2; exit 1; }; done

echo "== stage page: npm run build"
(cd "$work/src/web" && npm ci --silent --no-fund --no-audit && npm run --silent build)
[ -f "$work/src/web/dist/index.html" ] || { echo "the build of the page has no index.html" >&2; exit 1; }
cp -a "$work/src/web/dist" "$work/app/page"

echo "== last stage: entry point with its environment"
(cd "$work" && env -i PATH="$PATH" HOME="$work" DOTNET_ROOT="${DOTNET_ROOT:-}" WOMBAT_ADDRESS=0.0.0.0 WOMBAT_PORT=8080 WOMBAT_DATA_DIR="$work/data" FORGE_BACKEND=pve ConnectionStrings__Wombat="Host=postgres;Username=wombat;Password=x;Database=wombat" dotnet "$work/app/Wombat.Api.dll" check-config)
for package in $(grep -oE 'install -y --no-install-recommends [a-z0-9 -]+' Dockerfile | cut -d' ' -f4-); do
  ! command -v apt-cache >/dev/null || apt-cache show "$package" >/dev/null 2>&1 || echo "note: $package is not known to this machine's apt"
done
echo "The syntax and the stage commands are correct. Not run: base images, their apt-get, compose."
