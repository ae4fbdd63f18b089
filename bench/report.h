// What a campaign's results say, as a document.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"

#include "bench/document.h"
#include "bench/run_record.h"
#include "bench/score.h"

namespace qalam::bench {

struct ReportInput {
  std::vector<RunRecord> records;  // of one batch size; of ours and of others
  std::vector<ProblemFacts> problems;
  std::vector<int> evaluations;         // at which tables are given; ascending, not empty
  std::optional<double> target_regret;  // adds how soon runs got there
  std::string conditions;               // a sentence: what was run
  std::string unit = "evaluations";     // what is counted; or "epochs"
  std::string reference;                // an optimiser; adds how soon others are where it ends; empty: no
};

/// Standings with significance, scores and solved targets against evaluations, regret with quartiles per
/// problem, time per suggestion. The same input gives the same document.
Document Report(const ReportInput& input);

/// Header and rows: median regret with quartiles of one problem, by optimiser, after each number of
/// evaluations.
std::vector<std::vector<std::string>> RegretRows(const Cells& cells, const std::string& problem,
                                                 std::span<const int> evaluations);

/// Expected evaluations to a target: all evaluations of the runs until they reached it or ended, divided by
/// the number of runs that reached it (Hansen et al., COCO, 2021: ERT). Nothing when none did.
struct TargetResult {
  int reached = 0, runs = 0;
  std::optional<double> expected_evaluations;
};
TargetResult EvaluationsToTarget(std::span<const RunRecord* const> runs, double regret);

/// "Epochs to a regret of 0.01": what these rows are. `input` has a target.
std::string TargetCaption(const ReportInput& input);

/// Header and rows: the same by problem and optimiser.
std::vector<std::vector<std::string>> TargetRows(const ReportInput& input, double regret);

/// REPORT.md, report.html and plots/*.svg in `directory`, which is made. UNAVAILABLE: it cannot be written.
absl::Status WriteReport(const Document& document, const std::string& directory);

}  // namespace qalam::bench
