#!/bin/sh
# Installs what is missing of the packages in packages.txt. Usage: setup.sh USE... (build, run, test, lint, fuzz, peers).
# Does nothing, quickly and without rights, when all of them are there.
set -eu

if [ $# -eq 0 ]; then
  echo "usage: scripts/setup.sh USE...   (uses: build run test lint fuzz peers)" >&2
  exit 2
fi

list="$(dirname "$0")/packages.txt"
wanted=""
for use in "$@"; do
  packages=$(awk -v use="$use" '$1 == use { print $2 }' "$list")
  if [ -z "$packages" ]; then
    echo "setup: no package in $list has the use '$use'" >&2
    exit 2
  fi
  wanted="$wanted $packages"
done

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "setup: not a Debian system, nothing installed. What these packages hold must be there:" >&2
  # shellcheck disable=SC2086  # a list of words
  echo $wanted >&2
  exit 0
fi

# shellcheck disable=SC2016,SC2086  # dpkg's own ${}; a list of words
installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' $wanted 2>/dev/null | awk '$2 == "installed" { print $1 }')
missing=""
for package in $wanted; do
  if ! printf '%s\n' "$installed" | grep -qxF "$package"; then
    missing="$missing $package"
  fi
done
if [ -z "$missing" ]; then
  exit 0
fi

if [ "$(id -u)" -eq 0 ]; then
  as_root="env"  # takes NAME=VALUE before the command, as sudo does
elif command -v sudo >/dev/null 2>&1; then
  as_root="sudo"
else
  echo "setup: packages are missing, and installing them needs root or sudo. As root, type:" >&2
  echo "  apt-get update && apt-get install --no-install-recommends$missing" >&2
  exit 1
fi

echo "setup: installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086  # a list of words
if ! { $as_root apt-get update -qq &&
       $as_root DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing; } >"$log" 2>&1; then
  cat "$log" >&2
  echo "setup: apt-get failed; its output is above" >&2
  exit 1
fi
