#include "suggestion/conditions_extension.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/did_you_mean.h"
#include "base/extensions.h"
#include "base/number_text.h"
#include "base/trimmed.h"
#include "suggestion/extension_entries.h"

namespace qalam::suggestion {
namespace {

using algorithms::Condition;
using algorithms::Parameter;
using algorithms::SearchSpace;
using algorithms::Value;
using Test = Condition::Test;

constexpr std::string_view kForm =
    "write NAME: PARENT in VALUE, VALUE or NAME: PARENT with one of not in, ==, !=, <, <=, >, >= and a value";

// Longer words before their beginnings.
constexpr std::pair<std::string_view, Test> kTests[] = {
    {"not in ", Test::kNotIn}, {"in ", Test::kIn},     {"==", Test::kIn},  {"!=", Test::kNotIn},
    {"<=", Test::kAtMost},     {">=", Test::kAtLeast}, {"<", Test::kLess}, {">", Test::kGreater}};

class Reader {
 public:
  explicit Reader(const SearchSpace& space) : space_(space) {
    for (const Parameter& parameter : space.parameters()) names_.push_back(parameter.name());
  }

  absl::Status ReadEntry(std::string_view entry, std::vector<Condition>& conditions) {
    entry_ = entry;
    const size_t colon = entry.find(':');
    if (colon == std::string_view::npos) return Refusal(kForm);
    std::vector<size_t> children;
    for (const std::string_view name : SplitEntries(entry.substr(0, colon), ",")) {
      QALAM_ASSIGN_OR_RETURN(const size_t child, PlaceOf(name));
      children.push_back(child);
    }
    if (children.empty()) return Refusal(kForm);
    std::string_view rest = Trimmed(entry.substr(colon + 1));
    std::string_view parent = LeadingName(rest, names_);
    if (parent.empty()) parent = LeadingWord(rest);
    Condition condition;
    QALAM_ASSIGN_OR_RETURN(condition.parent, PlaceOf(parent));
    rest = Trimmed(rest.substr(parent.size()));
    const auto test = std::find_if(std::begin(kTests), std::end(kTests),
                                   [&](const auto& t) { return rest.starts_with(t.first); });
    if (test == std::end(kTests)) return Refusal(kForm);
    condition.test = test->second;
    rest = Trimmed(rest.substr(test->first.size()));
    const bool listed = condition.test == Test::kIn || condition.test == Test::kNotIn;
    QALAM_RETURN_IF_ERROR(listed ? ReadValues(rest, test->first.ends_with('='), condition)
                                 : ReadBound(rest, condition));
    for (const size_t child : children) {
      condition.parameter = child;
      conditions.push_back(condition);
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Refusal(std::string_view what) const {
    return absl::InvalidArgumentError(fmt::format("{}: entry '{}': {}", kConditionsExtension, entry_, what));
  }

  absl::StatusOr<size_t> PlaceOf(std::string_view name) const {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found != names_.end()) return static_cast<size_t>(found - names_.begin());
    if (name.empty()) return Refusal(kForm);
    const std::vector<std::string_view> known(names_.begin(), names_.end());
    return Refusal(fmt::format("there is no parameter {}; {}", name, api::NameHint(name, known)));
  }

  absl::Status ReadValues(std::string_view text, bool single, Condition& condition) const {
    const Parameter& parent = space_.parameters()[condition.parent];
    if (parent.type() == algorithms::ParameterType::kDouble && !parent.cardinality()) {
      return Refusal(fmt::format("{} is a double without step; compare it by <, <=, > or >=", parent.name()));
    }
    std::vector<std::string_view> values = SplitEntries(text, ",");
    if (values.empty() || (single && values.size() > 1)) return Refusal(kForm);
    for (std::string_view value : values) {
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        value = value.substr(1, value.size() - 2);
      const std::optional<Value> read = parent.Parse(value);
      if (!read) return RefuseValue(parent, value);
      condition.values.push_back(parent.At(parent.IndexOf(*read)));
    }
    return absl::OkStatus();
  }

  absl::Status RefuseValue(const Parameter& parent, std::string_view value) const {
    if (parent.is_numeric()) {
      return Refusal(
          fmt::format("{} has {} from {} to {}, got '{}'", parent.name(),
                      parent.type() == algorithms::ParameterType::kInt ? "whole numbers" : "numbers",
                      NumberText(parent.range().min), NumberText(parent.range().max), value));
    }
    const std::vector<std::string_view> known(parent.list().begin(), parent.list().end());
    return Refusal(
        fmt::format("'{}' is not in the list of {}; {}", value, parent.name(), api::NameHint(value, known)));
  }

  absl::Status ReadBound(std::string_view text, Condition& condition) const {
    const Parameter& parent = space_.parameters()[condition.parent];
    const std::optional<double> bound = ParseDouble(text);
    if (!bound || !std::isfinite(*bound))
      return Refusal(fmt::format("a comparison needs a number, got '{}'", text));
    condition.bound = *bound;
    double lowest = parent.range().min, highest = parent.range().max;
    if (!parent.is_numeric()) {
      lowest = highest = space_.NumberOf(condition.parent, algorithms::Choice{0});
      if (std::isnan(lowest)) {
        return Refusal(
            fmt::format("{} is a list of words; compare it by in, not in, == or !=", parent.name()));
      }
      for (std::uint32_t i = 1; i < parent.list().size(); ++i) {
        const double number = space_.NumberOf(condition.parent, algorithms::Choice{i});
        lowest = std::min(lowest, number);
        highest = std::max(highest, number);
      }
    }
    const bool possible = condition.test == Test::kLess      ? lowest < *bound
                          : condition.test == Test::kAtMost  ? lowest <= *bound
                          : condition.test == Test::kGreater ? highest > *bound
                                                             : highest >= *bound;
    if (possible) return absl::OkStatus();
    return Refusal(fmt::format("it never holds: {} is from {} to {}", parent.name(), NumberText(lowest),
                               NumberText(highest)));
  }

  const SearchSpace& space_;
  std::vector<std::string> names_;
  std::string_view entry_;
};

}  // namespace

absl::StatusOr<SearchSpace> ReadConditions(std::string_view text, const SearchSpace& space) {
  Reader reader(space);
  std::vector<Condition> conditions;
  for (const std::string_view entry : SplitEntries(text)) {
    QALAM_RETURN_IF_ERROR(reader.ReadEntry(entry, conditions));
  }
  absl::StatusOr<SearchSpace> result = space.WithConditions(std::move(conditions));
  if (result.ok()) return result;
  return absl::InvalidArgumentError(fmt::format("{}: {}", kConditionsExtension, MessageOf(result.status())));
}

}  // namespace qalam::suggestion
