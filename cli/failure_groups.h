// Many failures, few reasons: trials with the same message but for numbers and names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/read_store.h"

namespace qalam::cli {

struct FailureGroup {
  std::vector<TrialPtr> trials;  // in order of creation
};

/// `message` with all that differs from trial to trial taken out: numbers become "#".
std::string MessagePattern(std::string_view message);

/// Groups of `trials` with the same state and message pattern, the largest first, of equal ones the earlier.
std::vector<FailureGroup> GroupFailures(const std::vector<TrialPtr>& trials);

}  // namespace qalam::cli
