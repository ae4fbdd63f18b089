// Many runs: every contestant on every problem with every seed, side by side, resumable.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/catalog.h"
#include "bench/contestant.h"
#include "bench/run_record.h"

namespace qalam::bench {

struct CampaignOptions {
  std::vector<Contestant> contestants;
  std::vector<ProblemChoice> problems;
  std::vector<std::uint64_t> seeds;
  int budget = 200;           // RunRecord::evaluations of a whole run
  int batch = 1;              // RunRecord::batch of the contestants' records
  std::string mode = "sync";  // RunRecord::mode of them
  int threads = 1;

  std::string output;  // file of results; empty: none
  ResultFormat format = ResultFormat::kCsv;

  /// Called after every run, never by two threads at once. May be empty.
  std::function<void(int done, int total)> progress;
};

struct Campaign {
  std::vector<RunRecord> records;     // of these options only, ordered as OrderedBefore says
  std::vector<std::string> failures;  // "OPTIMIZER on PROBLEM, seed N: why"
  int resumed = 0;                    // runs that were in the file already
};

/// Runs that are in the output file with this budget are not repeated (another budget is another run:
/// algorithms may plan for it). Each result is appended to the file as soon as it is there; at the end the
/// file is put in order. What is in the records does not depend on `threads`, nor on interruptions, except
/// for the measured times.
///
/// UNAVAILABLE: the file cannot be read or written. INVALID_ARGUMENT: it is no file of results. A run that
/// fails is listed and ends nothing else.
absl::StatusOr<Campaign> RunCampaign(const CampaignOptions& options);

}  // namespace qalam::bench
