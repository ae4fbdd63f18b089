#!/bin/sh
# A Python environment with packages from PyPI, for tests against the real clients: python_packages.sh DIRECTORY REQUIREMENTS
# Does nothing when it is there with the same requirements.
set -eu
directory=$1
requirements=$2
if cmp -s "$requirements" "$directory/requirements.txt"; then exit 0; fi
/usr/bin/python3 -m venv --clear "$directory"
"$directory/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
cp "$requirements" "$directory/requirements.txt"
