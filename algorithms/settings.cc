#include "algorithms/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "algorithms/random_engine.h"
#include "base/number_text.h"

namespace qalam::algorithms {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<long long> ParsePythonInt(std::string_view text) {
  std::string digits;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      digits += text[i];
    } else if (i == 0 || i + 1 == text.size() || !IsDigit(text[i - 1]) || !IsDigit(text[i + 1])) {
      return std::nullopt;
    }
  }
  return ParseInt(digits);
}

}  // namespace

std::optional<std::string_view> FindSetting(const Settings& settings, std::string_view name) {
  const auto found =
      std::find_if(settings.rbegin(), settings.rend(), [&](const Setting& s) { return s.name == name; });
  if (found == settings.rend()) return std::nullopt;
  return found->value;
}

absl::Status CheckSettingNames(const Settings& settings, std::string_view algorithm,
                               std::span<const std::string_view> known) {
  for (const Setting& setting : settings) {
    if (std::find(known.begin(), known.end(), setting.name) == known.end()) {
      return absl::InvalidArgumentError(
          fmt::format("unknown setting {} for algorithm {}", setting.name, algorithm));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::int64_t>> IntSetting(const Settings& settings, std::string_view name) {
  const std::optional<std::string_view> text = FindSetting(settings, name);
  if (!text) return std::nullopt;
  const std::optional<long long> value = ParsePythonInt(*text);
  if (!value) {
    return absl::InvalidArgumentError(
        fmt::format("failed to validate {}({}): not a whole number", name, *text));
  }
  return *value;
}

absl::StatusOr<std::optional<double>> DoubleSetting(const Settings& settings, std::string_view name) {
  const std::optional<std::string_view> text = FindSetting(settings, name);
  if (!text) return std::nullopt;
  const std::optional<double> value = ParseDouble(*text);
  if (!value || !std::isfinite(*value)) {
    return absl::InvalidArgumentError(fmt::format("failed to validate {}({}): not a number", name, *text));
  }
  return *value;
}

absl::StatusOr<std::uint64_t> SeedFrom(const Settings& settings, std::string_view experiment_name) {
  std::optional<std::int64_t> seed;
  for (const std::string_view name : {"random_state", "seed"}) {
    QALAM_ASSIGN_OR_RETURN(const std::optional<std::int64_t> given, IntSetting(settings, name));
    if (given && *given < 0) {
      return absl::InvalidArgumentError(fmt::format("{} should be great or equal than zero", name));
    }
    if (given) seed = given;
  }
  return seed ? static_cast<std::uint64_t>(*seed) : HashText(experiment_name);
}

}  // namespace qalam::algorithms
