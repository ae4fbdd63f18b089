// Ways to stop trials early, as they are written on a command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "algorithms/settings.h"
#include "base/status.h"

namespace qalam::bench {

/// One way to stop trials.
struct Stopping {
  std::string name;       // as results are labelled
  std::string algorithm;  // a registered early-stopping rule; empty: none is stopped
  algorithms::Settings settings;
  /// Whether running trials get the rules that follow from trials that have ended since they began, as Qalam's
  /// controller does it; else they keep those they began with, as in a stock Katib.
  bool refresh = true;
};

/// Reads names of rules, each with its settings or without, and with the label under which results stand:
///
///   medianstop,katib=medianstop(statistic=mean,evaluate=once,refresh=no),patience(patience=3)
///
/// refresh=no is the only setting that is not the rule's own. "none" always comes first, given or not. INVALID_ARGUMENT: an
/// unknown rule, settings it refuses, text of another form, a label given twice.
absl::StatusOr<std::vector<Stopping>> ParseStoppings(std::string_view text);

}  // namespace qalam::bench
