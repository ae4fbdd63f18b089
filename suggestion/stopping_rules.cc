#include "suggestion/stopping_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/random_engine.h"
#include "algorithms/registry.h"
#include "base/number_text.h"
#include "suggestion/labels.h"
#include "suggestion/proto_convert.h"

namespace qalam::suggestion {
namespace {

constexpr std::string_view kRuleOfUnnamedRequests = "medianstop";
// A curve may still grow by reports that were under way when its trial ended, for so long.
constexpr absl::Duration kReportsMayTake = absl::Minutes(1);

wire::ComparisonType ToWire(algorithms::Comparison comparison) {
  switch (comparison) {
    case algorithms::Comparison::kEqual:
      return wire::EQUAL;
    case algorithms::Comparison::kLess:
      return wire::LESS;
    case algorithms::Comparison::kGreater:
      return wire::GREATER;
  }
  return wire::UNKNOWN_COMPARISON;
}

const std::string& ObservationKeyOf(const algorithms::Trial& trial) {
  const auto label = trial.labels.find(std::string(kObservationKeyLabel));
  return label == trial.labels.end() ? trial.name : label->second;
}

// Empty for a trial whose curve may still change. The times tell trials apart that had the same name one after the other.
std::string CacheKey(const CurveQuery& query, const algorithms::Trial& trial) {
  if (!trial.start_time || !trial.completion_time) return {};
  return fmt::format("{} {} {} {} {} {}{}{}", query.length, absl::ToUnixSeconds(*trial.start_time),
                     absl::ToUnixSeconds(*trial.completion_time), query.address.size(), query.metric.size(),
                     query.address, query.metric, ObservationKeyOf(trial));
}

// The last thing that the request knows to have happened.
absl::Time LatestTime(const algorithms::History& history) {
  absl::Time latest = absl::InfinitePast();
  for (const algorithms::Trial& trial : history.trials) {
    latest = std::max({latest, trial.start_time.value_or(latest), trial.completion_time.value_or(latest)});
  }
  return latest;
}

void SetCurve(algorithms::Trial& trial, const Curve& curve) {
  trial.curve.clear();
  for (const double value : curve) {
    trial.curve.push_back({static_cast<double>(trial.curve.size() + 1), value});
  }
}

}  // namespace

absl::StatusOr<wire::GetEarlyStoppingRulesReply> StoppingRules::Answer(
    const wire::GetEarlyStoppingRulesRequest& request, absl::Time deadline,
    const std::function<bool()>& stop_requested) {
  const wire::ExperimentSpec& spec = request.experiment().spec();
  const std::string& name = spec.early_stopping().algorithm_name();
  QALAM_ASSIGN_OR_RETURN(
      const algorithms::EarlyStopperInfo* info,
      algorithms::FindEarlyStopper(name.empty() ? kRuleOfUnnamedRequests : std::string_view(name)));
  const algorithms::Problem problem = ToStoppingProblem(request.experiment());
  QALAM_ASSIGN_OR_RETURN(const std::unique_ptr<algorithms::EarlyStopper> stopper, info->create(problem));
  algorithms::History history = ToHistory(request.trials(), problem);

  std::vector<algorithms::Trial*> read;
  for (algorithms::Trial& trial : history.trials) {
    if (stopper->UsesCurveOf(trial)) read.push_back(&trial);
  }
  if (!read.empty()) {
    const std::string& metric = problem.objectives[0].metric;
    if (metric.empty()) {
      return absl::InvalidArgumentError("objective_metric_name must name the metric to compare, got ''");
    }
    const absl::Time settled = LatestTime(history) - kReportsMayTake;
    QALAM_RETURN_IF_ERROR(AddCurves({.address = request.db_manager_address(),
                                     .metric = metric,
                                     .length = stopper->curve_length(),
                                     .deadline = deadline,
                                     .stop_requested = stop_requested},
                                    read, settled));
  }
  QALAM_ASSIGN_OR_RETURN(const std::vector<algorithms::StoppingRule> rules, stopper->Rules(history));
  wire::GetEarlyStoppingRulesReply reply;
  for (const algorithms::StoppingRule& rule : rules) {
    wire::EarlyStoppingRule& to = *reply.add_early_stopping_rules();
    to.set_name(rule.metric);
    to.set_value(NumberText(rule.value));
    to.set_comparison(ToWire(rule.comparison));
    to.set_start_step(rule.start_step);
  }
  return reply;
}

absl::Status StoppingRules::AddCurves(CurveQuery query, const std::vector<algorithms::Trial*>& trials,
                                      absl::Time settled) {
  std::vector<std::pair<algorithms::Trial*, std::string>> missing;
  for (algorithms::Trial* trial : trials) {
    std::string key = CacheKey(query, *trial);
    if (const auto kept = Find(key)) {
      SetCurve(*trial, kept->curve);
    } else {
      query.trials.push_back(ObservationKeyOf(*trial));
      missing.emplace_back(trial, std::move(key));
    }
  }
  if (missing.empty()) return absl::OkStatus();
  QALAM_ASSIGN_OR_RETURN(const std::vector<Curve> curves, read_curves_(query));
  for (size_t i = 0; i < missing.size(); ++i) {
    SetCurve(*missing[i].first, curves[i]);
    const std::optional<absl::Time>& ended = missing[i].first->completion_time;
    if (static_cast<int>(curves[i].size()) >= query.length || (ended && *ended <= settled))
      Keep(std::move(missing[i].second), curves[i]);
  }
  return absl::OkStatus();
}

std::shared_ptr<const StoppingRules::Kept> StoppingRules::Find(const std::string& key) {
  if (key.empty()) return nullptr;
  auto kept = cache_.Get(algorithms::HashText(key));
  return kept != nullptr && kept->key == key ? kept : nullptr;
}

void StoppingRules::Keep(std::string key, const Curve& curve) {
  if (key.empty()) return;
  const std::uint64_t hash = algorithms::HashText(key);
  const size_t weight = key.size() + curve.size() * sizeof(double) + 128;
  cache_.Put(hash, std::make_shared<const Kept>(Kept{std::move(key), curve}), weight);
}

}  // namespace qalam::suggestion
