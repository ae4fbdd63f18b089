// The name = value texts a user gives an algorithm.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace qalam::algorithms {

struct Setting {
  std::string name, value;
  bool operator==(const Setting&) const = default;
};

/// In the user's order. Of two settings with one name the last one counts.
using Settings = std::vector<Setting>;

std::optional<std::string_view> FindSetting(const Settings& settings, std::string_view name);

/// INVALID_ARGUMENT "unknown setting X for algorithm Y" for the first setting not in `known`.
absl::Status CheckSettingNames(const Settings& settings, std::string_view algorithm,
                               std::span<const std::string_view> known);
inline absl::Status CheckSettingNames(const Settings& settings, std::string_view algorithm,
                                      std::initializer_list<std::string_view> known) {
  return CheckSettingNames(settings, algorithm, std::span(known.begin(), known.size()));
}

/// A whole number as Python's int() reads it: blanks around and single underscores between digits are
/// allowed. Nothing when the setting is not given. INVALID_ARGUMENT "failed to validate NAME(VALUE): ..."
/// otherwise.
absl::StatusOr<std::optional<std::int64_t>> IntSetting(const Settings& settings, std::string_view name);

/// A finite number in decimal or exponent form, otherwise as IntSetting.
absl::StatusOr<std::optional<double>> DoubleSetting(const Settings& settings, std::string_view name);

/// The seed of an experiment: the setting `seed` (Qalam's), else `random_state` (Katib's), else a hash of the
/// experiment's name, so that a restart continues the same sequence and two experiments differ.
/// INVALID_ARGUMENT for a text that is no whole number, and "NAME should be great or equal than zero" (sic:
/// clients compare this text).
absl::StatusOr<std::uint64_t> SeedFrom(const Settings& settings, std::string_view experiment_name);

}  // namespace qalam::algorithms
