// A program of the user as a problem: it is run for every evaluation and prints a number.
#pragma once

#include <optional>
#include <string>

#include "bench/problem.h"

namespace qalam::bench {

struct ProgramOptions {
  std::string name = "program";
  std::string command;  // for /bin/sh; {NAME} is replaced by the value of parameter NAME, quoted
  algorithms::SearchSpace space;
  bool maximize = false;       // the loss is then minus what is printed
  std::optional<double> best;  // the best value that can be printed, where it is known
};

/// The last word of the output is the value, or what stands after its last "=", as in "loss=0.5". An
/// evaluation fails when the program ends with another code than 0 or prints no number there. Other braces
/// than those of parameters are the program's own; {{NAME}} stands for the text {NAME}.
///
/// INVALID_ARGUMENT: an empty command, or a space without parameters.
absl::StatusOr<Problem> ProgramProblem(ProgramOptions options);

/// The command of one evaluation.
std::string CommandFor(const ProgramOptions& options, const algorithms::Point& point);

}  // namespace qalam::bench
