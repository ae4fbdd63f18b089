// Names of trials whose suggestion service gave none.
#pragma once

#include <set>
#include <string>

#include "api/suggestion.h"

namespace qalam::controller {

/// `<experiment>-<8 characters>` from Kubernetes' name alphabet. A pure function of the suggestion's uid and the index of
/// the assignment (from 0), so that a suggestion that was lost before it was stored comes back under the same name.
/// Never one of `taken`.
std::string TrialName(const api::Suggestion& suggestion, int index,
                      const std::set<std::string, std::less<>>& taken);

}  // namespace qalam::controller
