#include "algorithms/end_rule_text.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <string>

#include "base/number_text.h"

namespace qalam::algorithms {
namespace {

// A model that has just been surprised, or is about to be, is often sure of itself; a search that has brought nothing
// for a while seldom brings more.
constexpr int kDefaultPatience = 10;

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

absl::Status Invalid(std::string_view entry, std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("\"{}\": {}", entry, why));
}

absl::Status ReadImprovement(std::string_view entry, std::string_view value, EndRule& rule) {
  rule.relative = value.ends_with('%');
  if (rule.relative) value.remove_suffix(1);
  const std::optional<double> number = ParseDouble(value);
  if (!number || !std::isfinite(*number) || *number <= 0)
    return Invalid(
        entry, "improvement should be a number above 0, as in 0.001, or a share of the best value, as in 1%");
  rule.improvement = rule.relative ? *number / 100 : *number;
  return absl::OkStatus();
}

absl::Status ReadCount(std::string_view entry, std::string_view value, int least, int& count) {
  const std::optional<long long> number = ParseInt(value);
  if (!number || *number < least || *number > std::numeric_limits<int>::max())
    return Invalid(
        entry, fmt::format("should be a whole number from {} to {}", least, std::numeric_limits<int>::max()));
  count = static_cast<int>(*number);
  return absl::OkStatus();
}

absl::Status ReadEntry(std::string_view entry, std::set<std::string_view>& seen, EndRule& rule) {
  const size_t sign = entry.find_first_of("<=");
  const std::string_view name = Trim(entry.substr(0, sign));
  const bool known =
      name == "improvement" || name == "confidence" || name == "patience" || name == "min_trials";
  const char wanted = name == "improvement" ? '<' : '=';
  if (!known)
    return Invalid(entry,
                   fmt::format("\"{}\" is none of improvement, confidence, patience, min_trials", name));
  if (sign == std::string_view::npos || entry[sign] != wanted)
    return Invalid(entry, fmt::format("should be {} {} VALUE", name, wanted));
  if (!seen.insert(name).second) return Invalid(entry, fmt::format("{} is given twice", name));
  const std::string_view value = Trim(entry.substr(sign + 1));
  if (name == "improvement") return ReadImprovement(entry, value, rule);
  if (name == "patience") return ReadCount(entry, value, 0, rule.patience);
  if (name == "min_trials") return ReadCount(entry, value, 1, rule.min_trials);
  rule.confidence = ParseDouble(value).value_or(0);
  if (rule.confidence >= 0.5 && rule.confidence < 1) return absl::OkStatus();
  return Invalid(entry, "confidence should be at least 0.5 and below 1");
}

}  // namespace

absl::StatusOr<EndRule> ParseEndRule(std::string_view text) {
  EndRule rule;
  rule.patience = kDefaultPatience;
  std::set<std::string_view> seen;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(";\n"), text.size());
    const std::string_view entry = Trim(text.substr(0, end));
    if (!entry.empty()) QALAM_RETURN_IF_ERROR(ReadEntry(entry, seen, rule));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (!seen.contains("improvement"))
    return absl::InvalidArgumentError("should say what is not worth a trial, as in \"improvement < 0.001\"");
  return rule;
}

}  // namespace qalam::algorithms
