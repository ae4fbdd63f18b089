// How soon others are where a reference ends.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "bench/run_record.h"

namespace qalam::bench {

/// The target is the median, over the reference's runs, of the regret that they end with; costs are evaluations, or epochs.
struct CatchUp {
  std::string optimizer;
  int runs = 0, reached = 0;
  double cost = 0;  // median over runs until the target; infinite where most did not reach it
  /// 95% interval of that median: percentile bootstrap over runs, always the same 2,000 draws.
  double low = 0, high = 0;
  double share = 0;  // of what a run of the reference costs as a whole
  /// Median time until the target, as a share of that of a whole run of the reference; 0: times are not recorded.
  double time_share = 0;
  double regret = 0;  // median at the end of the runs
};

/// Those of one problem.
std::vector<RunRecord> RecordsOf(std::span<const RunRecord> records, const std::string& problem);

/// `records` are of one problem; one entry for each optimiser, the soonest first. Empty, without a `target`, where the reference
/// has no runs.
std::vector<CatchUp> CatchUps(std::span<const RunRecord> records, const std::string& reference,
                              double& target);

/// A sentence before the table: what the target is.
std::string CatchUpCaption(const std::string& problem, const std::string& reference, double target);

/// Header and rows. `unit` is what costs are counted in.
std::vector<std::vector<std::string>> CatchUpRows(std::span<const CatchUp> entries, const std::string& unit);

}  // namespace qalam::bench
