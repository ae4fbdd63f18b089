#!/bin/sh
# How many points a second `qalam serve` stores, each report on disk before it is answered. Usage: bench_reports.sh [FLAGS
# of tests/db/bench_reports.cc]. TMPDIR chooses the disk.
set -eu
cd "$(dirname "$0")/.."
cmake --build --preset release --target qalam bench_reports >/dev/null
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
address=127.0.0.1:${BENCH_PORT:-17890}
build/release/tests/db/bench_reports "$@" "$address" -- \
  build/release/qalam serve --grpc "$address" --services db --log-level warning --data-dir "$data"
