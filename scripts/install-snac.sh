#!/bin/sh
# Finds or fetches snac2, the Fediverse server of the demo and the integration tests, and prints the path of its
# program. From Debian's backports; the machine stays as it is: backports is read from a source list of our own,
# copied from the machine's Debian source, in a folder that is removed, and the package is unpacked below
# /var/lib/causeway and not installed, because its installation would make a server that starts at each boot.
# Exit codes: 0 snac is there; 69 it cannot be had, with one line on stderr that says why.
set -eu
cd "$(dirname "$0")/.."

home=/var/lib/causeway/snac2
for program in /usr/bin/snac "$home/usr/bin/snac"; do
  if [ -x "$program" ]; then
    echo "$program"
    exit 0
  fi
done

give_up() {
  echo "snac2 cannot be had: $1." >&2
  exit 69
}
[ "$(id -u)" = 0 ] || give_up "fetching a Debian package needs root"
command -v apt-get >/dev/null 2>&1 || give_up "this machine has no apt-get"
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
[ -n "$codename" ] || give_up "/etc/os-release names no release"

# The folder lies in a place that apt's download user may enter.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
chmod 755 "$work"
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/deb"

# The paragraph or the line of the release itself, with nothing but the suite changed.
# Both formats of apt are read; updates and security live in suites of other names and are left out.
for file in /etc/apt/sources.list.d/*.sources; do
  [ -f "$file" ] || continue
  awk -v suite="$codename" '
    BEGIN { RS = ""; FS = "\n" }
    {
      ours = 0; text = ""
      for (i = 1; i <= NF; i++) {
        if ($i ~ /^#/) continue
        if ($i ~ /^Suites:/) {
          count = split($i, words, /[ \t]+/)
          for (w = 2; w <= count; w++) if (words[w] == suite) ours = 1
          $i = "Suites: " suite "-backports"
        }
        text = text $i "\n"
      }
      if (ours) { printf "%s", text; exit }
    }' "$file" >"$work/backports.sources"
  [ ! -s "$work/backports.sources" ] || break
done
if [ ! -s "$work/backports.sources" ]; then
  rm -f "$work/backports.sources"
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | awk -v suite="$codename" '
    $1 == "deb" {
      for (i = 2; i <= NF; i++) if ($i == suite) { $i = suite "-backports"; print; exit }
    }' >"$work/backports.list" || true
  [ -s "$work/backports.list" ] || give_up "the machine names no Debian source for $codename"
fi
list=$(ls "$work"/backports.*)

# One word per option keeps this list free of quoting; mktemp makes no spaces.
apt_options="-o Dir::Etc::sourcelist=$list -o Dir::Etc::sourceparts=- -o Dir::State::lists=$work/lists
  -o Dir::Cache=$work/cache -o Acquire::Languages=none -o Acquire::Retries=2 -o APT::Get::List-Cleanup=0
  -o APT::Update::Error-Mode=any"

echo "Fetching snac2 from $codename-backports ..." >&2
# shellcheck disable=SC2086
apt-get -qq $apt_options update >"$work/log" 2>&1 || give_up "$codename-backports cannot be read; a Debian mirror must be reachable"
# shellcheck disable=SC2086
(cd "$work/deb" && apt-get -qq $apt_options download snac2) >"$work/log" 2>&1 ||
  # Newer releases hold it themselves.
  (cd "$work/deb" && apt-get -qq download snac2) >"$work/log" 2>&1 ||
  give_up "$codename-backports and $codename hold no snac2 for this machine"

deb=$(ls "$work"/deb/snac2_*.deb)

# Its libraries come from the machine's own sources; adduser is for the server that we do not make. It reads the
# list of authorities, which tests replace in a mount namespace: the file must be there to be mounted over.
libraries=$(dpkg-deb -f "$deb" Depends | tr ',' '\n' | sed 's/(.*//; s/|.*//; s/[ \t]//g' | grep -vx adduser)
[ -f /etc/ssl/certs/ca-certificates.crt ] || libraries="$libraries ca-certificates"
# shellcheck disable=SC2086
sh scripts/debian-packages.sh $libraries >&2 || give_up "its libraries cannot be installed"

# Unpacked beside and moved, so that a stop in between leaves no half of it.
dpkg-deb -x "$deb" "$work/tree" || give_up "the package cannot be unpacked"
[ -x "$work/tree/usr/bin/snac" ] || give_up "the package holds no /usr/bin/snac"
mkdir -p "${home%/*}"
rm -rf "$home" "$home.new"
cp -a "$work/tree" "$home.new"
mv "$home.new" "$home"
echo "$home/usr/bin/snac"
