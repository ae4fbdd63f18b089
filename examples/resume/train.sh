#!/bin/sh
# Fits a straight line to noisy points by gradient descent, in awk, to show that a training program can be anything that
# prints. Usage: train.sh LEARNING_RATE STEPS
# A time stamp before the first blank of a line becomes the time of its metrics.
set -eu
if [ $# -ne 2 ]; then
  echo "usage: train.sh LEARNING_RATE STEPS" >&2
  exit 2
fi

awk -v rate="$1" -v steps="$2" 'BEGIN {
  srand(7)
  n = 200
  for (i = 0; i < n; i++) { x[i] = 2 * rand() - 1; y[i] = 3 * x[i] - 1 + 0.2 * (rand() - 0.5) }
  for (step = 1; step <= steps; step++) {
    loss = slope_gradient = offset_gradient = 0
    for (i = 0; i < n; i++) {
      error = slope * x[i] + offset - y[i]
      loss += error * error / n
      slope_gradient += 2 * error * x[i] / n
      offset_gradient += 2 * error / n
    }
    slope -= rate * slope_gradient
    offset -= rate * offset_gradient
    printf "step=%d loss=%.6f\n", step, loss
  }
}' | while read -r line; do
  echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $line"
done
