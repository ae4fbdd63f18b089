#include "cli/region_cause.h"

#include <fmt/format.h>

#include "algorithms/failure_region.h"
#include "cli/recorded_trials.h"
#include "cli/resource_facts.h"
#include "server/remote_algorithm.h"

namespace qalam::cli {
namespace {

using algorithms::FailureRegion;
using algorithms::Parameter;
using algorithms::ParameterRegion;
using algorithms::Point;

enum class End { kWell, kFailed, kInfeasible, kSaysNothing };

End EndOf(const api::Trial& trial) {
  switch (StateOf(trial)) {
    case TrialState::kSucceeded:
    case TrialState::kEarlyStopped:
      return End::kWell;
    case TrialState::kMetricsUnavailable:
      return End::kFailed;
    case TrialState::kFailed: {
      const std::string_view reason = api::FailureReason(trial);
      if (reason == api::kReasonInfeasible) return End::kInfeasible;
      return reason == api::kReasonTemporaryFailure ? End::kSaysNothing : End::kFailed;
    }
    default:
      return End::kSaysNothing;
  }
}

std::string SideText(const Parameter& parameter, const ParameterRegion& side, bool brief) {
  const auto text = [&](const algorithms::Value& value) {
    const std::string whole = parameter.Text(value);
    return brief ? ShortNumber(whole) : whole;
  };
  if (side.lower && side.upper) {
    if (*side.lower == *side.upper) return fmt::format("{} = {}", parameter.name(), text(*side.lower));
    return fmt::format("{} from {} to {}", parameter.name(), text(*side.lower), text(*side.upper));
  }
  return side.lower ? fmt::format("{} >= {}", parameter.name(), text(*side.lower))
                    : fmt::format("{} <= {}", parameter.name(), text(*side.upper));
}

Cause ToCause(const FailureRegion& region, const algorithms::SearchSpace& space, bool infeasible) {
  std::string brief, exact;
  for (const ParameterRegion& side : region.sides) {
    const Parameter& parameter = space.parameters()[side.parameter];
    if (!brief.empty()) brief += " and ", exact += " and ";
    brief += SideText(parameter, side, true);
    exact += SideText(parameter, side, false);
  }
  return {.key = infeasible ? "infeasible-region" : "failure-region",
          .text = fmt::format("{} of {} trials with {} {}, {} of {} others (by chance: p = {:.2g})",
                              region.failed_inside, region.inside, brief,
                              infeasible ? "are infeasible" : "failed", region.failed_outside, region.outside,
                              region.p_value),
          .remedy = "look at what the program does there, or leave that region out of the search",
          .facts = {{"region", exact},
                    {"failedInside", std::int64_t{region.failed_inside}},
                    {"inside", std::int64_t{region.inside}},
                    {"failedOutside", std::int64_t{region.failed_outside}},
                    {"outside", std::int64_t{region.outside}},
                    {"pValue", region.p_value}}};
}

}  // namespace

std::vector<Cause> RegionCauses(const api::Experiment& experiment, const std::vector<TrialPtr>& trials) {
  const auto space = server::SearchSpaceOf(experiment);
  if (!space.ok() || space->size() == 0) return {};
  std::vector<Cause> causes;
  for (const End bad : {End::kFailed, End::kInfeasible}) {
    std::vector<Point> points;
    std::vector<bool> failed;
    for (const TrialPtr& trial : trials) {
      const End end = EndOf(*trial);
      if (end != End::kWell && end != bad) continue;
      const std::optional<Point> point = PointOf(*space, *trial);
      if (!point) continue;
      points.push_back(*point);
      failed.push_back(end == bad);
    }
    if (const auto region = algorithms::FindFailureRegion(*space, points, failed))
      causes.push_back(ToCause(*region, *space, bad == End::kInfeasible));
  }
  return causes;
}

}  // namespace qalam::cli
