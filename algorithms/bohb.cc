#include "algorithms/bohb.h"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/hyperband_plan.h"
#include "algorithms/promotion_memory.h"
#include "algorithms/tpe.h"

namespace qalam::algorithms::bohb {
namespace {

constexpr double kRandomFraction = 0.2;

absl::StatusOr<SamplerOptions> ReadSamplerOptions(const Problem& problem) {
  SamplerOptions options;
  QALAM_ASSIGN_OR_RETURN(options.seed, SeedFrom(problem.settings, problem.experiment_name));
  QALAM_ASSIGN_OR_RETURN(const auto fraction, DoubleSetting(problem.settings, "random_fraction"));
  options.random_fraction = fraction.value_or(kRandomFraction);
  if (options.random_fraction < 0 || options.random_fraction > 1) {
    return absl::InvalidArgumentError(
        fmt::format("random_fraction must be within 0 .. 1, got {}", options.random_fraction));
  }
  QALAM_ASSIGN_OR_RETURN(const auto points, IntSetting(problem.settings, "min_points_in_model"));
  if (points.value_or(1) < 1) {
    return absl::InvalidArgumentError(fmt::format("min_points_in_model must be at least 1, got {}", *points));
  }
  // The resource is no dimension of the model: one more than it has, and two as in the paper.
  const auto from_dimensions = static_cast<std::int64_t>(problem.space.size()) + 2;
  options.min_points = static_cast<int>(std::min<std::int64_t>(points.value_or(from_dimensions), 1'000'000));
  return options;
}

}  // namespace

absl::Status Validate(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(
      CheckSettingNames(problem.settings, "bohb",
                        {"resource_name", "r_max", "r_l", "r_min", "eta", "random_fraction",
                         "min_points_in_model", "seed", "random_state", kPromotionsSetting}));
  QALAM_ASSIGN_OR_RETURN(const HalvingSettings settings, ReadHalvingSettings(problem.settings));
  QALAM_RETURN_IF_ERROR(ReadSamplerOptions(problem).status());
  SearchSpace space = problem.space;
  FreeResource(settings, space);
  return FidelitySpace::Make(space, settings).status();
}

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(RequireParameters(problem));
  QALAM_ASSIGN_OR_RETURN(const HalvingSettings settings, ReadHalvingSettings(problem.settings));
  QALAM_ASSIGN_OR_RETURN(const SamplerOptions options, ReadSamplerOptions(problem));
  QALAM_ASSIGN_OR_RETURN(FidelitySpace space, FidelitySpace::Make(problem.space, settings));
  std::unique_ptr<Algorithm> model;
  if (space.configurations().size() > 0) {
    const Settings of_model = {{"seed", std::to_string(options.seed >> 1)}, {"n_startup_trials", "0"}};
    QALAM_ASSIGN_OR_RETURN(model, tpe::Create(ConfigurationSampler::ModelProblem(problem, space, of_model)));
  }
  const auto planner = [table = BracketTable(space.levels(), settings.eta)](const ConfigurationRuns& runs,
                                                                            const Ask& ask) {
    return PlanHyperband(table, runs, ask);
  };
  return NewHalvingSearch(problem, std::move(space), planner,
                          ConfigurationSampler(options, std::move(model)));
}

void Adapt(Problem& problem) {
  const auto settings = ReadHalvingSettings(problem.settings);
  if (settings.ok()) FreeResource(*settings, problem.space);
}

}  // namespace qalam::algorithms::bohb
