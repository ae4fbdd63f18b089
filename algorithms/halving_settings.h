// Settings of the algorithms that give most of the resource to the best configurations.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// What the settings say, read but not yet held against the space.
struct HalvingSettings {
  std::string resource_name;    // of the parameter that is the resource of a trial
  std::optional<double> r_max;  // > 0; nothing: the parameter's max
  std::optional<double> r_min;  // > 0; nothing: from the parameter's min
  double eta = 3;               // > 1
};

/// resource_name, r_max (or r_l, its name in Katib), r_min, eta. INVALID_ARGUMENT, naming the setting.
absl::StatusOr<HalvingSettings> ReadHalvingSettings(const Settings& settings);

/// The same as Katib's hyperband reads them: r_l and resource_name must be there, and an eta of 0 or less is 3. With Katib's
/// texts.
absl::StatusOr<HalvingSettings> ReadKatibHalvingSettings(const Settings& settings);

}  // namespace qalam::algorithms
