// One optimiser on one problem with one seed.
#pragma once

#include <cstdint>
#include <string>

#include "bench/optimizer.h"
#include "bench/problem.h"
#include "bench/run_record.h"

namespace qalam::bench {

enum class BatchMode {
  kAsync,  // each worker gets its next point as soon as it is free
  kSync,   // a whole batch is asked, evaluated and told
};

/// As RunRecord::mode has it.
std::string ModeText(int batch, BatchMode mode);

struct RunOptions {
  std::uint64_t seed = 0;
  int budget = 200;  // evaluations; >= 1
  int batch = 1;     // parallel workers; >= 1
  BatchMode mode = BatchMode::kAsync;
};

/// Evaluates up to `budget` points. Fewer, without an error, when the algorithm says that the space is
/// exhausted.
///
/// Time is simulated: with asynchronous workers an evaluation takes exp(Z / 2) units, Z a standard normal
/// number, so that results come in another order than points were given out. Everything but measured times is
/// a function of the arguments: workers take no threads.
///
/// The optimiser sees values with noise; the curve holds the lowest loss without noise so far, as is usual
/// for noisy benchmarks. An evaluation that fails or is not finite is a failed trial and counts.
///
/// FAILED_PRECONDITION: no evaluation gave a result; the message says why the first one did not.
/// INVALID_ARGUMENT: settings the algorithm refuses. INTERNAL: not the number of points asked, or a point
/// outside the space. Other errors are the algorithm's.
absl::StatusOr<RunRecord> RunOne(const Optimizer& optimizer, const Problem& problem,
                                 const RunOptions& options);

}  // namespace qalam::bench
