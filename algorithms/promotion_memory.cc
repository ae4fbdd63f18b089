#include "algorithms/promotion_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace qalam::algorithms {
namespace {

constexpr size_t kMaxRemembered = 256;  // the newest; some 10 kB

template <class Number>
bool Take(std::string_view& text, char end, int base, Number& number) {
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc()) return false;
  text.remove_prefix(rest - text.data());
  if (end == '\0') return text.empty();
  if (text.empty() || text.front() != end) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<SuggestedPromotion> ParseOne(std::string_view text) {
  SuggestedPromotion result;
  if (!Take(text, ':', 16, result.key) || !Take(text, ':', 10, result.level) ||
      !Take(text, '\0', 10, result.number) || result.level < 0 || result.number < 0) {
    return std::nullopt;
  }
  return result;
}

}  // namespace

std::vector<SuggestedPromotion> ParsePromotions(std::string_view text) {
  std::vector<SuggestedPromotion> promotions;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (const auto promotion = ParseOne(text.substr(0, end))) promotions.push_back(*promotion);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return promotions;
}

std::string PromotionsText(const std::vector<SuggestedPromotion>& promotions) {
  std::string text;
  const size_t first = promotions.size() - std::min(promotions.size(), kMaxRemembered);
  for (size_t i = first; i < promotions.size(); ++i) {
    const SuggestedPromotion& p = promotions[i];
    text += fmt::format("{}{:x}:{}:{}", text.empty() ? "" : " ", p.key, p.level, p.number);
  }
  return text;
}

std::vector<SuggestedPromotion> Recall(std::vector<SuggestedPromotion> promotions, std::int64_t handed_out,
                                       std::int64_t patience, ConfigurationRuns& runs) {
  std::erase_if(promotions, [&](const SuggestedPromotion& promotion) {
    return !runs.Assume(
        promotion.key, promotion.level,
        handed_out - promotion.number > patience ? Run::State::kFailed : Run::State::kRunning);
  });
  return promotions;
}

}  // namespace qalam::algorithms
