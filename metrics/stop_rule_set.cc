#include "metrics/stop_rule_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "api/trial_facts.h"
#include "base/number_text.h"
#include "base/trimmed.h"
#include "metrics/collector.h"

namespace qalam::metrics {
namespace {

constexpr std::string_view kSinceImprovement = "reports_since_improvement";
constexpr std::string_view kBeyondSchedule = "beyond_schedule";

std::optional<double> FiniteNumber(std::string_view text) {
  const std::optional<double> value = ParseDouble(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

bool Holds(double value, api::Comparison comparison, double threshold) {
  switch (comparison) {
    case api::Comparison::kEqual:
      return value == threshold;
    case api::Comparison::kLess:
      return value < threshold;
    case api::Comparison::kGreater:
      return value > threshold;
  }
  return false;
}

std::string_view Words(api::Comparison comparison) {
  switch (comparison) {
    case api::Comparison::kEqual:
      return "equal to";
    case api::Comparison::kLess:
      return "less than";
    case api::Comparison::kGreater:
      return "greater than";
  }
  return "";
}

}  // namespace

std::string Describe(const FiredRule& fired) {
  if (!fired.metric.empty()) {
    return fmt::format("best {} {} at report {} is worse than {}", fired.metric, NumberText(fired.value),
                       fired.report, NumberText(fired.bound));
  }
  return fmt::format("{}{} {} at report {} is {} {}", fired.best ? "best " : "", fired.rule.name,
                     NumberText(fired.value), fired.report, Words(fired.rule.comparison), fired.rule.value);
}

StopRuleSet::StopRuleSet(const api::ObjectiveSpec& objective, api::RuleEvaluation evaluation,
                         std::string trial)
    : maximize_(objective.type == api::ObjectiveType::kMaximize),
      evaluation_(evaluation),
      trial_(std::move(trial)) {
  for (std::string& name : WantedMetrics(objective)) {
    const bool is_objective = name == objective.objective_metric_name;
    metrics_.push_back(
        {.name = std::move(name),
         .compared = is_objective ? api::ObjectiveStrategy(objective) : api::MetricStrategyType::kLatest});
  }
}

absl::Status StopRuleSet::SetRules(const std::vector<api::EarlyStoppingRule>& rules) {
  std::vector<Rule> parsed;
  for (const api::EarlyStoppingRule& given : rules) {
    QALAM_ASSIGN_OR_RETURN(Rule rule, Parse(given));
    for (const Rule& before : rules_) {
      if (before.given.name == given.name) rule.improvement = before.improvement;
      if (before.given == given) rule.fired = before.fired;
    }
    parsed.push_back(std::move(rule));
  }
  given_ = rules;
  rules_ = std::move(parsed);
  if (evaluation_ == api::RuleEvaluation::kEvery) {
    for (Rule& rule : rules_) Check(rule);
  }
  return absl::OkStatus();
}

absl::StatusOr<StopRuleSet::Rule> StopRuleSet::Parse(const api::EarlyStoppingRule& given) const {
  const auto invalid = [&](std::string_view why) {
    return absl::InvalidArgumentError(fmt::format("early-stopping rule on {}: {}", given.name, why));
  };
  const std::optional<double> threshold = FiniteNumber(given.value);
  if (!threshold) return invalid(fmt::format("value \"{}\" is not a finite number", given.value));
  if (given.start_step < 0)
    return invalid(fmt::format("startStep {} must not be negative", given.start_step));

  Rule rule{.given = given, .threshold = *threshold};
  std::string_view metric = given.name;
  const size_t open = metric.find('(');
  if (!FindMetric(metric) && open != std::string_view::npos && metric.back() == ')') {
    const auto source = ParseDerived(Trimmed(metric.substr(0, open)),
                                     Trimmed(metric.substr(open + 1, metric.size() - open - 2)), rule);
    if (!source.ok()) return invalid(MessageOf(source.status()));
    metric = *source;
  }
  const std::optional<size_t> found = FindMetric(metric);
  if (!found) {
    std::vector<std::string_view> names;
    for (const Metric& known : metrics_) names.push_back(known.name);
    return invalid(fmt::format("{} is not a metric of the experiment, which collects {}", metric,
                               fmt::join(names, ", ")));
  }
  rule.metric = *found;
  const Metric& source = metrics_[*found];
  if (rule.improvement && source.reports > 0) {
    rule.improvement->best = BestOf(source);
    rule.improvement->report = source.best_report;
  }
  return rule;
}

absl::StatusOr<std::string_view> StopRuleSet::ParseDerived(std::string_view function,
                                                           std::string_view arguments, Rule& rule) const {
  if (function == kSinceImprovement) {
    rule.improvement = Improvement();
    const size_t comma = arguments.rfind(',');
    if (FindMetric(arguments) || comma == std::string_view::npos) return arguments;
    const std::string_view text = Trimmed(arguments.substr(comma + 1));
    const std::optional<double> delta = FiniteNumber(text);
    if (!delta || *delta < 0)
      return absl::InvalidArgumentError(fmt::format("MIN_DELTA \"{}\" must be a number from 0 up", text));
    rule.improvement->min_delta = *delta;
    return Trimmed(arguments.substr(0, comma));
  }
  if (function == kBeyondSchedule) {
    // The names of metrics may have commas, so the longest one that fits is meant; schedules have them, too.
    size_t comma = arguments.find(',');
    for (const Metric& known : metrics_) {
      if (arguments.starts_with(known.name) && arguments.substr(known.name.size()).starts_with(','))
        comma = std::max(comma, known.name.size());
    }
    if (comma == std::string_view::npos)
      return absl::InvalidArgumentError("a schedule must follow the metric, as in (loss, 3:0.5, 9:0.31)");
    QALAM_ASSIGN_OR_RETURN(rule.schedule, BoundSchedule::Parse(Trimmed(arguments.substr(comma + 1)), trial_));
    return Trimmed(arguments.substr(0, comma));
  }
  return absl::InvalidArgumentError(
      fmt::format("{} is not known; it may be {}(METRIC[, MIN_DELTA]) or {}(METRIC, SCHEDULE)", function,
                  kSinceImprovement, kBeyondSchedule));
}

bool StopRuleSet::Add(const MetricPoint& point) {
  const std::optional<size_t> index = FindMetric(point.name);
  const std::optional<double> value = index ? FiniteNumber(point.value) : std::nullopt;
  if (!value) return fired();
  Metric& metric = metrics_[*index];
  const bool first = metric.reports++ == 0;
  if (first || (maximize_ ? *value > metric.max : *value < metric.min)) metric.best_report = metric.reports;
  metric.current = *value;
  metric.min = first ? *value : std::min(metric.min, *value);
  metric.max = first ? *value : std::max(metric.max, *value);
  for (Rule& rule : rules_) {
    if (rule.metric != *index) continue;
    if (std::optional<Improvement>& last = rule.improvement) {
      const double gain = maximize_ ? *value - last->best : last->best - *value;
      if (last->report == 0 || gain > last->min_delta) last->best = *value, last->report = metric.reports;
    }
    Check(rule);
  }
  return fired();
}

bool StopRuleSet::fired() const {
  return !rules_.empty() &&
         std::all_of(rules_.begin(), rules_.end(), [](const Rule& rule) { return rule.fired.has_value(); });
}

std::vector<FiredRule> StopRuleSet::Fired() const {
  std::vector<FiredRule> fired;
  for (const Rule& rule : rules_) {
    if (rule.fired) fired.push_back(*rule.fired);
  }
  return fired;
}

std::optional<size_t> StopRuleSet::FindMetric(std::string_view name) const {
  const auto found = std::find_if(metrics_.begin(), metrics_.end(),
                                  [&](const Metric& metric) { return metric.name == name; });
  if (found == metrics_.end()) return std::nullopt;
  return found - metrics_.begin();
}

double StopRuleSet::BestOf(const Metric& metric) const { return maximize_ ? metric.max : metric.min; }

void StopRuleSet::Check(Rule& rule) const {
  const Metric& metric = metrics_[rule.metric];
  const std::int64_t start = rule.given.start_step;
  if (rule.fired || metric.reports == 0 || metric.reports < start) return;
  const bool once = evaluation_ == api::RuleEvaluation::kOnce;
  FiredRule seen{.rule = rule.given, .value = metric.current, .report = metric.reports};
  double compared = 0;
  if (rule.schedule) {
    const std::optional<double> bound = rule.schedule->At(metric.reports);
    if (!bound || (once && !rule.schedule->IsStep(metric.reports))) return;
    seen.value = BestOf(metric);
    seen.metric = metric.name;
    seen.bound = *bound;
    compared = maximize_ ? *bound - seen.value : seen.value - *bound;
  } else {
    if (once && start > 0 && metric.reports > start) return;
    if (rule.improvement) {
      seen.value = static_cast<double>(metric.reports - rule.improvement->report);
    } else if (metric.compared != api::MetricStrategyType::kLatest) {
      seen.best = true;
      seen.value = metric.compared == api::MetricStrategyType::kMax ? metric.max : metric.min;
    }
    compared = seen.value;
  }
  if (Holds(compared, rule.given.comparison, rule.threshold)) rule.fired = std::move(seen);
}

}  // namespace qalam::metrics
