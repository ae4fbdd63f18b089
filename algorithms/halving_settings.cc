#include "algorithms/halving_settings.h"

#include <fmt/format.h>

#include "base/number_text.h"

namespace qalam::algorithms {
namespace {

absl::StatusOr<std::optional<double>> PositiveSetting(const Settings& settings, std::string_view name) {
  QALAM_ASSIGN_OR_RETURN(const std::optional<double> value, DoubleSetting(settings, name));
  if (value && *value <= 0) {
    return absl::InvalidArgumentError(
        fmt::format("{} must be greater than 0, got {}", name, NumberText(*value)));
  }
  return value;
}

absl::Status CheckEta(double eta) {
  if (eta > 1) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("eta must be greater than 1, got {}", NumberText(eta)));
}

}  // namespace

absl::StatusOr<HalvingSettings> ReadHalvingSettings(const Settings& settings) {
  HalvingSettings result;
  const std::optional<std::string_view> resource_name = FindSetting(settings, "resource_name");
  if (!resource_name || resource_name->empty()) {
    return absl::InvalidArgumentError(
        "resource_name must be set: the parameter that says how long a trial trains");
  }
  result.resource_name = *resource_name;
  if (FindSetting(settings, "r_max") && FindSetting(settings, "r_l")) {
    return absl::InvalidArgumentError("r_max and r_l are two names of one setting, only one may be set");
  }
  QALAM_ASSIGN_OR_RETURN(result.r_max,
                         PositiveSetting(settings, FindSetting(settings, "r_l") ? "r_l" : "r_max"));
  QALAM_ASSIGN_OR_RETURN(result.r_min, PositiveSetting(settings, "r_min"));
  QALAM_ASSIGN_OR_RETURN(const std::optional<double> eta, DoubleSetting(settings, "eta"));
  result.eta = eta.value_or(result.eta);
  QALAM_RETURN_IF_ERROR(CheckEta(result.eta));
  return result;
}

absl::StatusOr<HalvingSettings> ReadKatibHalvingSettings(const Settings& settings) {
  HalvingSettings result;
  const std::optional<std::string_view> resource_name = FindSetting(settings, "resource_name");
  if (!FindSetting(settings, "r_l") || !resource_name) {
    return absl::InvalidArgumentError("r_l and resource_name must be set.");
  }
  result.resource_name = *resource_name;
  const absl::StatusOr<std::optional<double>> r_l = DoubleSetting(settings, "r_l");
  if (!r_l.ok() || **r_l <= 0) return absl::InvalidArgumentError("r_l must be a positive float number.");
  result.r_max = *r_l;
  QALAM_ASSIGN_OR_RETURN(result.r_min, PositiveSetting(settings, "r_min"));
  QALAM_ASSIGN_OR_RETURN(const std::optional<double> eta, DoubleSetting(settings, "eta"));
  if (eta && *eta > 0) result.eta = *eta;
  QALAM_RETURN_IF_ERROR(CheckEta(result.eta));
  return result;
}

}  // namespace qalam::algorithms
