#include "bench/stopping.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "algorithms/registry.h"
#include "bench/optimizer.h"

namespace qalam::bench {
namespace {

absl::StatusOr<Stopping> ParseStopping(std::string_view text) {
  QALAM_ASSIGN_OR_RETURN(OptimizerText parts, ParseOptimizerText(text));
  Stopping stopping{std::move(parts.label), std::move(parts.algorithm), std::move(parts.settings)};
  const auto info = algorithms::FindEarlyStopper(stopping.algorithm);
  if (!info.ok()) {
    return absl::InvalidArgumentError(fmt::format("unknown early-stopping rule \"{}\"; there are {}",
                                                  stopping.algorithm,
                                                  fmt::join(algorithms::EarlyStopperNames(), ", ")));
  }
  if (const auto refresh = algorithms::FindSetting(stopping.settings, "refresh")) {
    if (*refresh != "yes" && *refresh != "no")
      return absl::InvalidArgumentError(fmt::format("refresh must be yes or no, got '{}'", *refresh));
    stopping.refresh = *refresh == "yes";
    std::erase_if(stopping.settings, [](const auto& setting) { return setting.name == "refresh"; });
  }
  QALAM_RETURN_IF_ERROR((*info)->validate(stopping.settings));
  return stopping;
}

}  // namespace

absl::StatusOr<std::vector<Stopping>> ParseStoppings(std::string_view text) {
  std::vector<Stopping> stoppings = {{.name = "none", .algorithm = {}, .settings = {}}};
  for (const std::string& part : SplitList(text)) {
    if (part == "none") continue;
    QALAM_ASSIGN_OR_RETURN(Stopping stopping, ParseStopping(part));
    for (const Stopping& other : stoppings) {
      if (other.name == stopping.name)
        return absl::InvalidArgumentError(fmt::format("\"{}\" is given twice", stopping.name));
    }
    stoppings.push_back(std::move(stopping));
  }
  return stoppings;
}

}  // namespace qalam::bench
