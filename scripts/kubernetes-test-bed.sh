#!/usr/bin/env bash
# Builds kube-apiserver and fetches etcd and kubectl for the tests, once per machine, into a cache folder outside the repository, and prints
# the folder. The packages of Debian 12 are the only source; they are unpacked, not installed, so no root rights are needed. The first run
# takes 4 to 10 minutes and 3 GB while it lasts, every other some milliseconds. With "download" it only fetches what the build needs.
set -euo pipefail
version=v1.20.2
cache="${XDG_CACHE_HOME:-${HOME:-/var/cache}/.cache}/wombat-test-bed/kubernetes-$version"
log="$cache/build.log"

built() { [ -x "$cache/kube-apiserver" ] && [ -x "$cache/etcd" ]; }
have() { built && [ -x "$cache/kubectl" ]; }
if have; then echo "$cache"; exit 0; fi

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if have; then echo "$cache"; exit 0; fi
exec 8>&2
trap 'code=$?; [ $code = 0 ] || { tail -20 "$log"; echo "The Kubernetes test bed was not built, it needs the packages of Debian 12; see $log"; } >&8; exit $code' EXIT
: >"$log"
built || echo "building kube-apiserver in $cache, once for this machine" >&2

for tool in apt-get dpkg-deb make tar; do
  command -v "$tool" >/dev/null || { echo "$tool is missing" >>"$log"; exit 1; }
done

# Lists of its own, so that the machine's configuration of apt stays as it is: its Debian archives, with sources.
apt="$cache/apt"
download() {
  mkdir -p "$apt/lists/partial" "$apt/archives/partial"
  local options=(-q -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update
  apt-get "${options[@]}" indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI) $(COMPONENT) $(SIGNED_BY)' 'Created-By: Packages' |
    awk '$1 == "Debian" && $4 == "main" {
      signed = $5 ~ /^\// ? "[signed-by=" $5 "] " : "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] "
      print "deb " signed $3 " " $2 " main"; print "deb-src " signed $3 " " $2 " main" }' | sort -u >"$apt/sources.list"
  [ -s "$apt/sources.list" ] || { echo "apt knows no archive of Debian"; return 1; }
  options+=(-o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=-)
  apt-get "${options[@]}" update
  (
    cd "$apt"
    apt-get "${options[@]}" download kubernetes-client
    built || {
      apt-get "${options[@]}" source --download-only kubernetes
      apt-get "${options[@]}" download etcd-server golang-1.19-go golang-1.19-src golang-github-modern-go-reflect2-dev rsync libpopt0 libxxhash0
    }
  )
}

unpack() {
  rm -rf "$cache/root" "$cache/go"
  mkdir -p "$cache/root" "$cache/go/src/k8s.io/kubernetes"
  local package
  for package in "$apt"/*.deb; do dpkg-deb -x "$package" "$cache/root"; done
  ! built || return 0
  ln -sfn ../../share/go-1.19/src "$cache/root/usr/lib/go-1.19/src"
  tar xf "$apt"/kubernetes_*.orig.tar.* -C "$cache/go/src/k8s.io/kubernetes" --strip-components=1
}

compile() {
  local source="$cache/go/src/k8s.io/kubernetes" reflect=vendor/github.com/modern-go/reflect2
  export GOROOT="$cache/root/usr/lib/go-1.19" GOPATH="$cache/go" GO111MODULE=off GOFLAGS= CGO_ENABLED=0 GOCACHE="$cache/go-build" GOTOOLCHAIN=local
  export PATH="$GOROOT/bin:$cache/root/usr/bin:$PATH" LD_LIBRARY_PATH
  LD_LIBRARY_PATH="$(echo "$cache"/root/usr/lib/*-linux-gnu*)"
  cd "$source"
  # The vendored 1.0.1 crashes with Go 1.18 and later.
  rm -rf "$reflect"
  cp -r "$cache/root/usr/share/gocode/src/github.com/modern-go/reflect2" "$reflect"
  make gen_openapi
  local package=k8s.io/component-base/version
  go build -ldflags "-s -w -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=20" -o "$cache/kube-apiserver.new" ./cmd/kube-apiserver
}

{
  { [ -f "$apt/.done" ] && compgen -G "$apt/kubernetes-client_*.deb"; } || { rm -rf "$apt"; download; touch "$apt/.done"; }
} >>"$log" 2>&1
if [ "${1:-}" = download ]; then exit 0; fi
{
  unpack
  if ! built; then
    (compile)
    "$cache/kube-apiserver.new" --version
    cp "$cache/root/usr/bin/etcd" "$cache/etcd"
    "$cache/etcd" --version
    mv "$cache/kube-apiserver.new" "$cache/kube-apiserver"
  fi
  "$cache/root/usr/bin/kubectl" version --client
  cp "$cache/root/usr/bin/kubectl" "$cache/kubectl.new"
  mv "$cache/kubectl.new" "$cache/kubectl"
  rm -rf "$cache/root" "$cache/go" "$cache/go-build" "$apt"
} >>"$log" 2>&1
echo "$cache"
