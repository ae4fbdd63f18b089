// Promotions that were suggested and have not been seen to end, as the text of a setting.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/configuration_runs.h"

namespace qalam::algorithms {

struct SuggestedPromotion {
  std::uint64_t key = 0;  // of the configuration, taken_points.h
  int level = 0;
  std::int64_t number = 0;  // of the point
  bool operator==(const SuggestedPromotion&) const = default;
};

/// Returned, and so accepted.
inline constexpr std::string_view kPromotionsSetting = "promotions";

/// Text is KEY:LEVEL:NUMBER ..., KEY in hexadecimal. Entries that cannot be read are left out.
std::vector<SuggestedPromotion> ParsePromotions(std::string_view text);
std::string PromotionsText(const std::vector<SuggestedPromotion>& promotions);

/// Leaves out what has ended, and tells `runs` of what is not there: running, or failed if more than `patience` points were
/// handed out since.
std::vector<SuggestedPromotion> Recall(std::vector<SuggestedPromotion> promotions, std::int64_t handed_out,
                                       std::int64_t patience, ConfigurationRuns& runs);

}  // namespace qalam::algorithms
