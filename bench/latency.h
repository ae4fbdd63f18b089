// How long one suggestion takes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/optimizer.h"

namespace qalam::bench {

struct Latency {
  std::string optimizer;
  int trials = 0;       // finished ones in the history
  double cold_ms = 0;   // by an algorithm that was just made: nothing is cached
  double grown_ms = 0;  // after an earlier suggestion, with the history grown by one trial since
  int repetitions = 0;  // medians of so many measurements
};

struct LatencyOptions {
  std::vector<Optimizer> optimizers;
  std::vector<int> trials = {200, 1000, 10'000};
  int repetitions = 7;           // of each measurement
  double seconds_per_cell = 10;  // no further repetition after this time; one at least
};

/// Milliseconds of this thread's processor time (outside services: elapsed time) for one point of ten
/// parameters: four doubles, two of them on a log scale, three ints, one of them on a log scale, three
/// categories of four. The trials are random points with a smooth loss; every measurement has
/// others, so that no cache can know them.
///
/// `done` is called after each measurement. Errors are those of the algorithms.
absl::Status MeasureLatency(const LatencyOptions& options, const std::function<void(const Latency&)>& done);

/// The problem of the measurements. scripts/bench_peers.py has the same one.
algorithms::SearchSpace LatencySpace();

}  // namespace qalam::bench
