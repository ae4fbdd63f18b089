// Placeholders of the quick form: {NAME} in the program's arguments.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace qalam::cli {

struct PlaceholderText {
  std::string text;                  // with ${trialParameters.NAME} for each placeholder
  std::set<std::string> used;        // names that were replaced
  std::vector<std::string> unknown;  // {NAME} that look like placeholders of parameters nobody declared
};

/// See BuildExperiment for what counts as a placeholder. `declared` holds the parameters' names.
PlaceholderText ReplacePlaceholders(std::string_view argument,
                                    const std::set<std::string, std::less<>>& declared);

}  // namespace qalam::cli
