#include "algorithms/hyperband.h"

#include <algorithm>
#include <cmath>

#include "algorithms/hyperband_plan.h"
#include "algorithms/quoted_json.h"
#include "base/number_text.h"

namespace qalam::algorithms::hyperband {
namespace {

std::int64_t CountRunning(const ConfigurationRuns& runs) {
  std::int64_t count = 0;
  for (const Configuration& configuration : runs.all()) {
    count += std::count_if(configuration.runs.begin(), configuration.runs.end(),
                           [](const Run& run) { return run.state == Run::State::kRunning; });
  }
  return count;
}

// What Katib's service returns, of the bracket of the last point, for clients that look at it. The user's own settings are
// among them, with the values that count.
Settings KatibState(const std::vector<Bracket>& table, const HalvingSettings& settings, bool eta_given,
                    const ConfigurationRuns& runs, const Plan& plan) {
  const int round = static_cast<int>(table.size());
  const int number = !plan.starts.empty() ? plan.starts.back().bracket : plan.promotions.back().bracket;
  const int level = !plan.starts.empty() ? plan.starts.back().level : plan.promotions.back().level;
  const Bracket& bracket = table[number % round];
  const int s = round - 1 - bracket.first_level;
  const std::int64_t evaluating =
      CountRunning(runs) + static_cast<std::int64_t>(plan.starts.size() + plan.promotions.size());
  return {{"eta", eta_given ? RealJson(settings.eta) : NumberText(settings.eta)},
          {"s_max", std::to_string(round - 1)},
          {"r_l", RealJson(*settings.r_max)},
          {"b_l", RealJson(round * *settings.r_max)},
          {"r", RealJson(*settings.r_max / std::pow(settings.eta, s))},
          {"n", std::to_string(bracket.sizes[0])},
          {"current_s", std::to_string(s)},
          {"current_i", std::to_string(level - bracket.first_level)},
          {"resource_name", settings.resource_name},
          {"evaluating_trials", std::to_string(evaluating)}};
}

}  // namespace

absl::Status Validate(const Problem& problem) {
  QALAM_ASSIGN_OR_RETURN(const HalvingSettings settings, ReadKatibHalvingSettings(problem.settings));
  QALAM_RETURN_IF_ERROR(SeedFrom(problem.settings, problem.experiment_name).status());
  SearchSpace space = problem.space;
  FreeResource(settings, space);
  return FidelitySpace::Make(space, settings).status();
}

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(RequireParameters(problem));
  QALAM_ASSIGN_OR_RETURN(const HalvingSettings settings, ReadKatibHalvingSettings(problem.settings));
  QALAM_ASSIGN_OR_RETURN(const std::uint64_t seed, SeedFrom(problem.settings, problem.experiment_name));
  const auto parameters = problem.space.parameters();
  const bool has_resource =
      std::any_of(parameters.begin(), parameters.end(),
                  [&](const Parameter& parameter) { return parameter.name() == settings.resource_name; });
  // Katib checks the name at validation only.
  FidelitySpace space(problem.space);
  if (has_resource) {
    QALAM_ASSIGN_OR_RETURN(space, FidelitySpace::Make(problem.space, settings));
  }
  const bool eta_given = FindSetting(problem.settings, "eta").has_value();
  const auto planner = [table = BracketTable(space.levels(), settings.eta), settings, eta_given](
                           const ConfigurationRuns& runs, const Ask& ask) {
    Plan plan = PlanHyperband(table, runs, ask);
    plan.settings = KatibState(table, settings, eta_given, runs, plan);
    return plan;
  };
  return NewHalvingSearch(problem, std::move(space), planner, ConfigurationSampler({.seed = seed}, nullptr));
}

void Adapt(Problem& problem) {
  const auto settings = ReadKatibHalvingSettings(problem.settings);
  if (settings.ok()) FreeResource(*settings, problem.space);
}

}  // namespace qalam::algorithms::hyperband
