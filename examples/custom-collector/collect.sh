#!/bin/sh
# Prints error=VALUE for every row of the table that the program has written, once the program has ended: then a collector
# gets TERM. QALAM_PRIMARY_LOG is the program's output, QALAM_PRIMARY_LOG_OFFSET the byte where this run of it begins.
report() {
  tail -c "+$((QALAM_PRIMARY_LOG_OFFSET + 1))" "$QALAM_PRIMARY_LOG" | awk '$1 ~ /^[0-9]+$/ { print "error=" $3 }'
  exit 0
}
trap report TERM
while :; do sleep 0.1; done
