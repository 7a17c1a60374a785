# setup.sh - sourced by tools/demo and tools/test: packages, builds, the python of the tests.
# Says what it installs, installs only what is missing, works offline once it has run.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }

# need_packages KIND...: install what tools/packages.txt lists under these kinds.
need_packages() {
  local kinds=" $* " kind name missing=() sudo=()
  while read -r kind name _; do
    case "$kind" in '#'*|'') continue ;; esac
    case "$kinds" in *" $kind "*) ;; *) continue ;; esac
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done < "$top/tools/packages.txt"
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "needs ${missing[*]}, and this is no Debian: install them by hand"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "needs ${missing[*]}: run as root, or install them and try again"
    sudo=(sudo)
  fi
  say "installing Debian packages: ${missing[*]}"
  local log
  log=$(mktemp)
  "${sudo[@]}" apt-get update -q >"$log" 2>&1 || say "apt-get update failed; trying with the list as it is"
  if ! "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
      --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
    tail -n 20 "$log" >&2
    die "apt-get could not install ${missing[*]} (the whole log: $log)"
  fi
  rm -f "$log"
}

# build_preset NAME [BUILD-ARGUMENT...]: configure and build build/NAME, showing progress.
build_preset() {
  local preset=$1; shift
  (cd "$top" && cmake --preset "$preset" >"$top/build/$preset.log" 2>&1) \
    || { tail -n 30 "$top/build/$preset.log" >&2; die "cmake failed for the preset $preset"; }
  say "building $preset"
  if [ -t 2 ]; then
    (cd "$top" && cmake --build --preset "$preset" "$@" >&2)
  else
    (cd "$top" && cmake --build --preset "$preset" "$@" >"$top/build/$preset.log" 2>&1) \
      || { grep -E -A12 'FAILED|error' "$top/build/$preset.log" | head -n 60 >&2; false; }
  fi || die "the build of $preset failed"
}
