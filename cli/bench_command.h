// qalam bench: how good and how fast algorithms are.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "bench/command.h"
#include "cli/streams.h"

namespace qalam::cli {

struct BenchOptions {
  bench::CommandOptions command;
  std::vector<std::string> services;    // [LABEL=]NAME[(SETTINGS)]=HOST:PORT
  std::string program;                  // a shell command with {NAME} for parameters; empty: none
  std::vector<std::string> parameters;  // of the program, see parameter_text.h
  std::string space;                    // a file with an Experiment whose parameters they are
  bool maximize = false;                // what the program prints
  std::string best;                     // the best value it can print, if it is known
};

/// Tables on standard output, progress and failures on standard error. Exit code 2 for bad input, 1 when a
/// run failed, 5 when a file cannot be written.
int RunBench(const BenchOptions& options, std::istream& input, Streams& streams);

}  // namespace qalam::cli
