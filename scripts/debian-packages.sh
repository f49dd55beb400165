#!/bin/sh
# Installs Debian packages where they are missing: scripts/debian-packages.sh PACKAGE...
# Silent and fast when all are there. A package may be pinned to a suite as apt-get takes it (name/suite).
# Exits 69 (EX_UNAVAILABLE) with one sentence when they cannot be had.
set -eu

missing=
for package in "$@"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "${package%%/*}" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

unavailable() {
  echo "$1 Missing Debian packages:$missing. As root on Debian: apt-get install --no-install-recommends$missing" >&2
  exit 69
}
command -v apt-get >/dev/null 2>&1 || unavailable 'This machine has no apt-get.'
[ "$(id -u)" = 0 ] || unavailable 'Packages can be installed by root only.'

echo "Installing Debian packages:$missing ..."
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
policy=${POLICY_RC_D:-/usr/sbin/policy-rc.d}
own_policy=
# shellcheck disable=SC2329 # called by the trap
tidy() {
  rm -f "$log"
  [ -z "$own_policy" ] || rm -f "$policy"
}
trap tidy EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A package that brings a daemon starts it on installation; ours run under the tests' own configuration.
if [ ! -e "$policy" ]; then
  own_policy=yes
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

install() {
  # Unquoted on purpose: package names hold no blanks.
  # The lock is waited for: another installation may be under way.
  # shellcheck disable=SC2086
  apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 $missing >"$log" 2>&1
}
# The lists may be missing or name versions that the mirror no longer has: fetch them only then.
install || {
  apt-get update -q >"$log" 2>&1 && install || {
    tail -n 5 "$log" >&2
    unavailable 'apt-get failed (its last lines are above); a Debian mirror must be reachable.'
  }
}
