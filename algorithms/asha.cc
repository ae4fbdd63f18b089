#include "algorithms/asha.h"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/asha_plan.h"
#include "algorithms/promotion_memory.h"
#include "algorithms/registry.h"

namespace qalam::algorithms::asha {
namespace {

struct Options {
  HalvingSettings halving;
  int brackets = 1;
  std::string sampler = "tpe";
  std::uint64_t seed = 0;
};

absl::StatusOr<Options> Read(const Problem& problem) {
  Options options;
  QALAM_ASSIGN_OR_RETURN(options.halving, ReadHalvingSettings(problem.settings));
  QALAM_ASSIGN_OR_RETURN(options.seed, SeedFrom(problem.settings, problem.experiment_name));
  QALAM_ASSIGN_OR_RETURN(const auto brackets, IntSetting(problem.settings, "brackets"));
  if (brackets.value_or(1) < 1) {
    return absl::InvalidArgumentError(fmt::format("brackets must be at least 1, got {}", *brackets));
  }
  options.brackets =
      static_cast<int>(std::min<std::int64_t>(brackets.value_or(1), FidelitySpace::kMaxLevels));
  options.sampler = FindSetting(problem.settings, "sampler").value_or(options.sampler);
  if (options.sampler != "random" && options.sampler != "tpe" && options.sampler != "bayesianoptimization") {
    return absl::InvalidArgumentError(
        fmt::format("sampler must be random, tpe or bayesianoptimization, got '{}'", options.sampler));
  }
  return options;
}

absl::StatusOr<std::unique_ptr<Algorithm>> NewModel(const Options& options, const Problem& problem,
                                                    const FidelitySpace& space) {
  if (options.sampler == "random" || space.configurations().size() == 0) return nullptr;
  QALAM_ASSIGN_OR_RETURN(const AlgorithmInfo* info, FindAlgorithm(options.sampler));
  return info->create(
      ConfigurationSampler::ModelProblem(problem, space, {{"seed", std::to_string(options.seed >> 1)}}));
}

}  // namespace

absl::Status Validate(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(CheckSettingNames(problem.settings, "asha",
                                          {"resource_name", "r_max", "r_l", "r_min", "eta", "brackets",
                                           "sampler", "seed", "random_state", kPromotionsSetting}));
  QALAM_ASSIGN_OR_RETURN(const Options options, Read(problem));
  SearchSpace space = problem.space;
  FreeResource(options.halving, space);
  return FidelitySpace::Make(space, options.halving).status();
}

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(RequireParameters(problem));
  QALAM_ASSIGN_OR_RETURN(const Options options, Read(problem));
  QALAM_ASSIGN_OR_RETURN(FidelitySpace space, FidelitySpace::Make(problem.space, options.halving));
  QALAM_ASSIGN_OR_RETURN(std::unique_ptr<Algorithm> model, NewModel(options, problem, space));
  AshaOptions plan = {options.halving.eta, BracketTable(space.levels(), options.halving.eta), options.seed};
  plan.brackets.resize(std::min<size_t>(plan.brackets.size(), options.brackets));
  const SamplerOptions sampler = {
      .seed = options.seed, .random_fraction = 0, .min_points = static_cast<int>(problem.space.size()) + 2};
  return NewHalvingSearch(
      problem, std::move(space),
      [plan](const ConfigurationRuns& runs, const Ask& ask) { return PlanAsha(plan, runs, ask); },
      ConfigurationSampler(sampler, std::move(model)));
}

void Adapt(Problem& problem) {
  const auto settings = ReadHalvingSettings(problem.settings);
  if (settings.ok()) FreeResource(*settings, problem.space);
}

}  // namespace qalam::algorithms::asha
