#!/bin/sh
# Brings a Debian 12 machine with Node, npm and root to where `npm start` can run, and with the argument `test` to where `npm test` can: distribution packages,
# npm packages, Bun, dist/bhatti. Says what it does, how far it is and how long it took; says nothing and is done in a moment where nothing is to do.
# shellcheck disable=SC2086 # lists of packages are split at spaces on purpose
set -eu
cd "$(dirname "$0")/.."

run_packages='ca-certificates e2fsprogs iproute2 kmod mmdebstrap nftables runc util-linux'
test_packages='busybox chromium dbus-daemon fonts-dejavu-core fonts-liberation gvncviewer imagemagick iptables libc6-dev libdeflate0 libgnutls30
  libopenh264-7 libturbojpeg0 libvncserver-dev libwebp7 libyuv0 mousepad openssl procps s6 scrot strace tcc tigervnc-standalone-server
  tigervnc-viewer x11-utils x11-xserver-utils xauth xclip xdotool xterm'

log=$(mktemp "${TMPDIR:-/tmp}/bhatti-prepare.XXXXXX")
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM

main() {
  check_caller
  wanted=$run_packages
  [ "${1:-}" != test ] || wanted="$run_packages $test_packages"
  packages=$(missing_packages $wanted)
  count=0
  total=0
  [ -z "$packages" ] || total=$((total + 2))
  ! npm_is_stale || total=$((total + 1))
  # Where npm has work to do, what comes after it is not known yet; it mostly has work to do as well.
  ! build_is_stale || total=$((total + 1))

  if [ -n "$packages" ]; then
    step 'package lists of the distribution' update_lists
    step "distribution packages ($(echo $packages | wc -w))" install_packages $packages
  fi
  ! npm_is_stale || step 'npm packages' install_npm_packages
  bun_works || step 'Bun, without its install script' place_bun
  ! build_is_stale || step 'dist/bhatti' build
}

check_caller() {
  [ "$(id -u)" = 0 ] || fail 'cannot prepare this machine: it takes root' 'sudo npm start (or sudo npm test)'
  version=$(node -p 'process.versions.node' 2>/dev/null || echo none)
  major=${version%%.*}
  case $major in
    '' | *[!0-9]*) fail 'cannot find Node' 'apt-get install nodejs npm' ;;
  esac
  [ "$major" -ge 18 ] || fail "Node $version is too old" 'install Node 18 or later; Debian 12 has 18'
}

# ---- distribution packages

missing_packages() {
  if ! command -v apt-get >/dev/null; then
    note_other_distribution
    return
  fi
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' || :)
  for name in "$@"; do
    echo "$installed" | grep -qx "$name" || printf '%s ' "$name"
  done
}

note_other_distribution() {
  for tool in runc mmdebstrap nft ip mkfs.ext4; do
    command -v "$tool" >/dev/null || echo "note: \"$tool\" is missing; only Debian 12 is prepared by itself" >&2
  done
}

update_lists() { apt-get -o DPkg::Lock::Timeout=300 update; }

install_packages() {
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
}

# ---- npm packages

# The lock file that node_modules was made from is kept in it, so that a checkout that only touches the file's date costs nothing.
lock_copy=node_modules/.bhatti-package-lock.json

npm_is_stale() {
  [ -d node_modules ] || return 0
  if [ -f "$lock_copy" ]; then
    if cmp -s package-lock.json "$lock_copy"; then return 1; else return 0; fi
  fi
  # Somebody ran npm by hand.
  [ ! -f node_modules/.package-lock.json ] || [ -n "$(find package-lock.json -newer node_modules/.package-lock.json)" ]
}

install_npm_packages() {
  npm ci --no-audit --no-fund
  place_native_parts
  cp package-lock.json "$lock_copy"
}

# The checkers' native parts name a newer Node than Debian 12 has, and npm then leaves them out, since they are optional. They run under Bun, which asks for no Node.
place_native_parts() {
  parts=$(node -e '
    const fits = (wanted, here) => wanted === undefined || wanted.includes(here);
    for (const [path, part] of Object.entries(require("./package-lock.json").packages))
      if (part.optional && part.engines && fits(part.os, process.platform) && fits(part.cpu, process.arch) &&
          fits(part.libc, "glibc") && !require("fs").existsSync(path))
        console.log(`${path} ${path.slice("node_modules/".length)}@${part.version}`);')
  [ -n "$parts" ] || return 0
  archives=$(mktemp -d)
  echo "$parts" | while read -r path package; do
    npm pack --silent --pack-destination "$archives" "$package" >/dev/null
    mkdir -p "$path"
    tar -xzf "$archives"/*.tgz -C "$path" --strip-components=1
    rm "$archives"/*.tgz
  done
  rm -r "$archives"
}

# ---- Bun

bun=node_modules/bun/bin/bun.exe

bun_works() { [ -x "$bun" ] && [ "$("$bun" --version 2>/dev/null)" = "$(bun_version)" ]; }

bun_version() { sed -n 's/^    "bun": "\([^"]*\)".*/\1/p' package.json; }

# What the package's install script does, where npm was told to run none.
place_bun() {
  case $(uname -m) in
    x86_64) binary=node_modules/@oven/bun-linux-x64/bin/bun ;;
    aarch64) binary=node_modules/@oven/bun-linux-aarch64/bin/bun ;;
    *) echo "no Bun for $(uname -m)" && return 1 ;;
  esac
  [ -f "$binary" ] || { echo "$binary is missing: npm left out optional packages?" && return 1; }
  mkdir -p node_modules/bun/bin node_modules/.bin
  ln -f "$binary" "$bun"
  chmod 755 "$bun"
  ln -sf ../bun/bin/bun.exe node_modules/.bin/bun
  bun_works || { echo "Bun does not run here: $("$bun" --version 2>&1 | head -n 1)" && return 1; }
}

# ---- the executable

build_is_stale() {
  [ -x dist/bhatti ] || return 0
  [ -n "$(find bin packages scripts/build.ts package-lock.json -name node_modules -prune -o \
    -type f ! -name '*.test.ts' ! -name '*.bench.ts' -newer dist/bhatti -print -quit)" ]
}

build() { "$bun" scripts/build.ts; }

# ---- what the person sees

# step WHAT COMMAND…: one line that counts the seconds on a terminal, and the last lines of the log when it fails.
step() {
  what=$1
  shift
  count=$((count + 1))
  [ "$count" -le "$total" ] || total=$count
  label="[$count/$total] $what"
  begun=$(date +%s)
  : >"$log"
  ("$@") >"$log" 2>&1 </dev/null &
  pid=$!
  if [ -t 1 ]; then
    while kill -0 "$pid" 2>/dev/null; do
      printf '\r\033[K  … %-44s %4d s' "$label" $(($(date +%s) - begun))
      sleep 0.2
    done
    printf '\r\033[K'
  fi
  code=0
  wait "$pid" || code=$?
  seconds=$(($(date +%s) - begun))
  if [ "$code" != 0 ]; then
    printf '  ✗ %-44s %4d s\n' "$label" "$seconds"
    tail -n 20 "$log" | sed 's/^/    /' >&2
    fail "cannot prepare this machine: $what failed with exit code $code" 'the lines above say why; run it again, it goes on where it stopped'
  fi
  printf '  ✓ %-44s %4d s\n' "$label" "$seconds"
}

fail() {
  echo "error: $1" >&2
  [ -z "${2:-}" ] || echo "hint: $2" >&2
  exit 6
}

main "$@"
