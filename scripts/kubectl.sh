#!/bin/sh
# kubectl as Debian's releases have it, for tests against real clients: kubectl.sh DIRECTORY SUITE...
# makes DIRECTORY/SUITE/kubectl. Nothing is installed; what is there stays. apt checks the signatures.
set -eu
directory=$1
shift
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# The mirror that this machine uses.
# shellcheck disable=SC2016  # apt's own $()
mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' | awk '$1 !~ /[-\/]/ { print $2; exit }')
if [ -z "$mirror" ]; then
  echo "kubectl.sh: apt knows no Debian release here (see /etc/apt/sources.list)" >&2
  exit 1
fi

for suite; do
  target=$directory/$suite
  if [ -x "$target/kubectl" ]; then continue; fi
  work=$target/work
  rm -rf "$work"
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/tree"
  work=$(cd "$work" && pwd)
  : >"$work/status" # what is installed here does not matter
  echo "deb [signed-by=$keyring] $mirror $suite main" >"$work/sources.list"
  apt() {
    apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
      -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User= \
      -o Dir::State::Status="$work/status" -o Acquire::Languages=none -o Acquire::Retries=3 \
      -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false "$@"
  }
  apt update
  # The package was called kubernetes-client once.
  (cd "$work/tree" && { apt download kubectl 2>/dev/null || apt download kubernetes-client; })
  dpkg-deb -x "$work"/tree/*.deb "$work/tree"
  mv "$work/tree/usr/bin/kubectl" "$target/kubectl"
  rm -rf "$work"
done
