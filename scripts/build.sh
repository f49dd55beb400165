#!/bin/sh
# Compiles src/ into dist/ where it is missing or older: a running gateway then carries no compiler in its memory.
set -eu
cd "$(dirname "$0")/.."
stamp=dist/.built
if [ ! -f "$stamp" ] || [ -n "$(find src tsconfig.json tsconfig.build.json package-lock.json -newer "$stamp" -print -quit)" ]; then
  rm -rf dist
  node_modules/.bin/tsc -p tsconfig.build.json
  touch "$stamp"
fi
