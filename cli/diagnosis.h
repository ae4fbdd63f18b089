// What `qalam why` has found out.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace qalam::cli {

using Fact = std::pair<std::string, std::variant<std::int64_t, double, std::string>>;

/// One reason why a trial or an experiment is as it is, with its evidence.
struct Cause {
  std::string key;                    // which sort of cause; never renamed: scripts look for it
  std::string text;                   // one or two sentences
  std::vector<std::string> evidence;  // lines as they were found: output, rules, messages
  std::string remedy;                 // what would help; empty: nothing is known
  std::vector<std::string>
      paste;  // lines of a file or a shell that the remedy speaks of, to be taken as they are
  std::vector<std::string> trials;  // whom it is about, where that is not said otherwise
  std::vector<Fact> facts;          // the numbers in the text, for programs
};

struct Diagnosis {
  std::string experiment, trial;  // trial: empty when it is about the experiment
  std::string state;              // as `qalam show` calls it
  std::string summary;            // how it is, in a sentence
  std::vector<Cause> causes;      // the most important one first; none: all is well
};

}  // namespace qalam::cli
