#!/bin/sh
# Every number of docs/benchmarks.md but the times. Usage: benchmarks.sh QALAM DIRECTORY [PEERS.csv.gz]
#
# ALGORITHMS (all) and SEEDS (0-19) may be set. Resumes: what is in DIRECTORY is not run again.
set -eu

if [ $# -lt 2 ]; then
  echo "usage: scripts/benchmarks.sh QALAM DIRECTORY [PEERS.csv.gz]" >&2
  exit 2
fi
qalam=$1
directory=$2
peers=${3:-}
algorithms=${ALGORITHMS:-all}
seeds=${SEEDS:-0-19}
mkdir -p "$directory"

# measure NAME FLAG...: results in NAME.csv, the report in NAME/, the tables on standard output. Runs that fail are
# listed and leave gaps in the tables.
measure() {
  name=$1
  shift
  printf '\n## %s\n\n' "$name"
  "$qalam" bench --algorithms "$algorithms" --seeds "$seeds" -o "$directory/$name.csv" --report "$directory/$name" "$@" || [ $? -eq 1 ]
}

measure suite --budget 200 ${peers:+--compare "$peers"}
measure moved --budget 200 --shift-seed 1
measure noisy --budget 200 --problems suite+noise=0.1
measure batch-4 --budget 200 --batch 4 --batch-mode sync ${peers:+--compare "$peers"}
measure batch-8 --budget 200 --batch 8
measure bbob-5 --budget 500 --problems bbob-5
measure bbob-10 --budget 1000 --problems bbob-10
