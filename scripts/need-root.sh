#!/bin/sh
# Ends with one sentence, before anything is fetched, where a script that needs root is run by somebody else:
# scripts/need-root.sh NAME [WHAT TO DO INSTEAD]. Exits 69 (EX_UNAVAILABLE).
set -eu
[ "$(id -u)" = 0 ] && exit 0
echo "$1 needs root, for Debian packages, port 443 and names in /etc/hosts (taken out again at the end).${2:+ $2}" >&2
exit 69
