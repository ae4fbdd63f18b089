// Results of runs and the files they are kept in.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace qalam::bench {

/// History lengths at which the time per suggestion is reported.
inline constexpr std::array kHistoryLengths = {10, 25, 50, 100, 200, 500, 1000};

struct Improvement {
  int evaluation = 0;  // from 1
  double regret = 0;   // lowest so far; the loss itself where the best one is not known
  bool operator==(const Improvement&) const = default;
};

/// One run: a row of the result file.
struct RunRecord {
  std::string optimizer, problem;
  std::uint64_t seed = 0;
  int batch = 1;
  std::string mode = "sync";  // "async": workers that do not wait for each other; "sync" where batch is 1
  int evaluations = 0;
  double cpu_seconds = 0;   // of the thread
  long peak_memory_mb = 0;  // of the process so far
  std::vector<Improvement> curve;
  /// Median milliseconds per suggestion with about that many finished trials; nothing where the run was
  /// shorter.
  std::array<std::optional<double>, kHistoryLengths.size()> milliseconds;

  /// Regret after n evaluations; nothing when the run was shorter or nothing succeeded by then.
  std::optional<double> RegretAfter(int n) const;
};

/// Runs that differ in nothing of this are the same run, of different length maybe.
bool SameRun(const RunRecord& a, const RunRecord& b);

/// By seed, optimiser, problem, batch, mode.
bool OrderedBefore(const RunRecord& a, const RunRecord& b);

enum class ResultFormat { kCsv, kJsonLines };

/// The columns of a CSV file, and one row of it. Regrets have six significant digits:
///   optimizer,problem,seed,batch,evals,cpu_s,rss_mb,curve,ms_at_10,...,ms_at_1000,mode
/// where curve is "evaluation:regret" joined by ";".
std::string ResultHeader(ResultFormat format);
std::string ResultLine(const RunRecord& record, ResultFormat format);

/// Reads what the functions above wrote; columns may be missing except optimizer, problem, seed and curve. A
/// last line without its end is left out: its writer was interrupted. INVALID_ARGUMENT, with the line.
absl::StatusOr<std::vector<RunRecord>> ParseResults(std::string_view text, ResultFormat format);

}  // namespace qalam::bench
