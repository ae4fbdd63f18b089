// What an experiment had before its search: points enqueued by hand, earlier experiments.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/read_store.h"

namespace qalam::cli {

/// Lines of `qalam show`, each a label and its text; none where the experiment had neither. `suggestion` may be null.
std::vector<std::pair<std::string, std::string>> FirstTrialsTexts(const api::Experiment& experiment,
                                                                  const std::vector<TrialPtr>& trials,
                                                                  const api::Suggestion* suggestion);

}  // namespace qalam::cli
