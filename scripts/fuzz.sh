#!/bin/sh
# Builds and runs every fuzzer. Usage: fuzz.sh SECONDS JOBS. What they learn is kept in build/fuzz/corpus; an input that
# fails is left in build/fuzz/findings, and is run again with: build/fuzz/tests/<room>/<fuzzer> FILE
set -eu
cd "$(dirname "$0")/.."
if [ $# -ne 2 ]; then
  echo "usage: scripts/fuzz.sh SECONDS JOBS" >&2
  exit 2
fi
seconds=$1
jobs=$2

fuzzers=$(sed -n 's/^ *qalam_fuzzer(\([A-Za-z0-9_]*\).*/\1/p' tests/*/CMakeLists.txt)
if [ -z "$fuzzers" ]; then
  echo "fuzz: no qalam_fuzzer(...) in tests/*/CMakeLists.txt" >&2
  exit 1
fi
cmake --preset fuzz
# shellcheck disable=SC2086  # a list of words
cmake --build --preset fuzz -j "$jobs" --target $fuzzers

mkdir -p build/fuzz/findings
for fuzzer in $fuzzers; do
  program=$(find build/fuzz/tests -type f -name "$fuzzer" -perm -u+x)
  mkdir -p "build/fuzz/corpus/$fuzzer"
  echo "== $fuzzer for $seconds s"
  "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix=build/fuzz/findings/ "build/fuzz/corpus/$fuzzer"
done
echo "fuzz: no finding"
