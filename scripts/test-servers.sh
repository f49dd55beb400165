#!/bin/sh
# Runs the tests that `npm run check` leaves out. First those that need this machine alone (vitest.config.ts says what
# they are), then those that need servers, in two halves at the same time: each with a network, a hosts file and shared
# memory of its own, for their servers take the HTTPS port and lines of the hosts file. Where the machine gives no
# such rooms: one half after the other. What measures how long things take comes afterwards, by itself.
# Ends with the names of the tests that failed, if any.
set -eu
cd "$(dirname "$0")/.."

# As npm does: the packages' programs, Node among them.
PATH=$PWD/node_modules/.bin:$PATH
export PATH

CAUSEWAY_FAILURES=$(mktemp)
export CAUSEWAY_FAILURES
trap 'rm -f "$CAUSEWAY_FAILURES"' EXIT

# shellcheck disable=SC2016 # its own shell expands them
enter='ip link set lo up &&
  mount -t tmpfs -o mode=1777 tmpfs /dev/shm && cp /etc/hosts /dev/shm/hosts && mount --bind /dev/shm/hosts /etc/hosts &&
  exec "$@"'
in_a_room() { unshare -n -m sh -c "$enter" room "$@"; }

status=0
vitest run --project machine || status=$?
if in_a_room true 2>/dev/null; then
  # Nothing can be fetched from there.
  sh scripts/install-snac.sh >/dev/null || true
  in_a_room vitest run --project scenarios &
  other=$!
  trap 'kill "$other" 2>/dev/null || true; exit 130' INT
  trap 'kill "$other" 2>/dev/null || true; exit 143' TERM
  in_a_room vitest run --project integration || status=$?
  wait "$other" || status=$?
else
  echo "This machine gives no network namespaces: the tests run one after the other." >&2
  in_a_room() { "$@"; }
  vitest run --project integration --project scenarios || status=$?
fi
in_a_room vitest run --project measured || status=$?
if [ "$status" != 0 ]; then cat "$CAUSEWAY_FAILURES" >&2; fi
exit "$status"
