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
  int evaluation = 0;  // from 1; in runs whose cost is epochs: the epoch, of all trials together
  double regret = 0;   // lowest so far; the loss itself where the best one is not known
  double time = 0;     // on the simulated clock; 0: not recorded
  bool operator==(const Improvement&) const = default;
};

/// One run: a row of the result file.
struct RunRecord {
  std::string optimizer, problem;
  std::uint64_t seed = 0;
  int batch = 1;
  /// "async": workers that do not wait for each other; "sync" where batch is 1. "epochs" and "scratch": the cost is counted
  /// in epochs, and promoted trials go on from a checkpoint or begin again.
  std::string mode = "sync";
  int evaluations = 0;      // or epochs
  double time = 0;          // of the whole run on the simulated clock; 0: not recorded
  double cpu_seconds = 0;   // of the thread
  long peak_memory_mb = 0;  // of the process so far
  std::vector<Improvement> curve;
  /// Median milliseconds per suggestion with about that many finished trials; nothing where the run was
  /// shorter.
  std::array<std::optional<double>, kHistoryLengths.size()> milliseconds;

  /// Regret after n evaluations; nothing when the run was shorter or nothing succeeded by then.
  std::optional<double> RegretAfter(int n) const;
};

/// By seed, optimiser, problem, batch, mode, evaluations.
bool OrderedBefore(const RunRecord& a, const RunRecord& b);

/// In that order; of runs that differ in nothing of it the first one stays.
void PutInOrder(std::vector<RunRecord>& records);

/// Of runs that differ in their number of evaluations only, the longest stays. In order.
void KeepLongest(std::vector<RunRecord>& records);

/// To the six significant digits that files keep of regrets and times, so that a run reads back as it was.
double Rounded(double number);

/// Whether the cost of runs with this mode is counted in epochs.
bool CountsEpochs(std::string_view mode);

enum class ResultFormat { kCsv, kJsonLines };

/// The columns of a CSV file, and one row of it. Regrets are as rounded above:
///   optimizer,problem,seed,batch,evals,cpu_s,rss_mb,curve,ms_at_10,...,ms_at_1000,mode,time,times
/// where curve is "evaluation:regret" joined by ";", and times, where they are recorded, are those of its entries.
std::string ResultHeader(ResultFormat format);
std::string ResultLine(const RunRecord& record, ResultFormat format);

/// Reads what the functions above wrote; columns may be missing except optimizer, problem, seed and curve. A
/// last line without its end is left out: its writer was interrupted. INVALID_ARGUMENT, with the line.
absl::StatusOr<std::vector<RunRecord>> ParseResults(std::string_view text, ResultFormat format);

}  // namespace qalam::bench
