// `qalam bench`, without its flags: what it does with them.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "bench/optimizer.h"
#include "bench/problem.h"

namespace qalam::bench {

/// As they are typed; defaults are those of the command line.
struct CommandOptions {
  std::string algorithms;
  std::vector<std::string> problems;  // lists of names; none: the user's own, else suite
  std::string seeds = "0-9";
  int budget = 200;
  int batch = 1;
  std::string batch_mode = "async";
  std::string shift_seed;  // empty: optima stay where they are
  int threads = 0;         // 0: one per processor
  std::string output;      // CSV, or JSON lines where it ends with .jsonl
  std::vector<std::string> compare;
  std::string report;         // folder for a report; empty: none
  std::string target_regret;  // a number; empty: none
  bool latency = false;       // measures the time of one suggestion instead of running anything
  std::string latency_trials = "200,1000,10000";
  std::string stop;           // early-stopping rules: measures what they save and cost instead; empty: no
  int epochs = 0;             // limit of a run in epochs instead of evaluations, on learning curves; 0: no
  bool from_scratch = false;  // there, promoted trials begin again
  std::string reference;  // report how soon others are where it ends; empty: with epochs, the first algorithm
  bool list = false;
  bool quiet = false;

  std::vector<std::string> tables;     // CSV files; a JSON file of the same name describes the columns
  std::vector<Problem> user_problems;  // besides the tables
  std::vector<Optimizer> services;     // measured besides the algorithms
  bool progress_in_place = false;      // the progress goes to a terminal
};

/// Runs what was asked for; tables to `out`, progress and failures to `err`. INVALID_ARGUMENT names the flag,
/// the value and what would be right. OK with `failed_runs` > 0 when single runs failed.
absl::Status RunBench(const CommandOptions& options, std::ostream& out, std::ostream& err, int& failed_runs);

}  // namespace qalam::bench
