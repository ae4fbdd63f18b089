#!/bin/sh
# Newton's method for the square root of 2, begun at $1; writes a table, as old simulation codes do.
exec awk -v x="$1" 'BEGIN {
  x += 0.1
  print "   step            x        residual"
  for (step = 1; step <= 4; ++step) {
    x = (x + 2 / x) / 2
    residual = x * x - 2
    if (residual < 0) residual = -residual
    printf "%7d %12.6f %15.3e\n", step, x, residual
  }
}'
