#!/bin/sh
# Makes the checkout ready for an npm script: the packages of the lock file, once per lock file.
# Silent when there is nothing to do. Runs on any Node; everything after it runs on node_modules' Node 24.
set -eu
cd "$(dirname "$0")/.."
stamp=node_modules/.causeway-lock

# Also where somebody ran `npm ci` by hand: npm writes its own record when all is done.
is_ready() {
  if [ -f "$stamp" ]; then cmp -s package-lock.json "$stamp"; else
    [ node_modules/.package-lock.json -nt package-lock.json ] && [ -e node_modules/.bin/vitest ]
  fi
}

if ! is_ready; then
  if ! command -v npm >/dev/null 2>&1; then
    echo "npm is missing: install Node.js 20 or newer with npm, then run this again." >&2
    exit 69
  fi
  echo "Installing the packages of package-lock.json ..."
  # Two more tries, soon: by default npm waits for more than a minute before it says that no registry answers.
  npm ci --no-fund --no-audit --loglevel=error --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000 || {
    echo "npm ci failed, see the lines above. It needs an npm registry that can be reached." >&2
    exit 69
  }
  cp package-lock.json "$stamp"
fi
