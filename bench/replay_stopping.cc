#include "bench/replay_stopping.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <list>
#include <numeric>
#include <utility>

#include "api/trial_facts.h"
#include "base/number_text.h"
#include "bench/stopping_rules.h"
#include "metrics/stop_rule_set.h"

namespace qalam::bench {
namespace {

using algorithms::TrialStatus;

constexpr double kNever = std::numeric_limits<double>::infinity();

class Player {
 public:
  Player(const api::ObjectiveSpec& objective, const std::vector<RecordedTrial>& recorded, RuleSource rules,
         bool refresh)
      : objective_(objective),
        strategy_(api::ObjectiveStrategy(objective)),
        recorded_(recorded),
        rules_(std::move(rules)),
        refresh_(refresh) {}

  absl::StatusOr<StoppingReplay> Play() {
    std::vector<size_t> order(recorded_.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return recorded_[a].start < recorded_[b].start; });
    size_t next_start = 0;
    while (true) {
      const auto next = std::min_element(running_.begin(), running_.end(), [](const auto& a, const auto& b) {
        return std::make_pair(a.next_event(), a.is_read()) < std::make_pair(b.next_event(), b.is_read());
      });
      const double start = next_start < order.size() ? recorded_[order[next_start]].start : kNever;
      if (next == running_.end() && next_start == order.size()) break;
      // What ends as another one begins has ended before it.
      if (next != running_.end() && next->next_event() <= start) {
        QALAM_RETURN_IF_ERROR(Advance(next));
      } else {
        QALAM_RETURN_IF_ERROR(Start(recorded_[order[next_start++]]));
      }
    }
    return Result();
  }

 private:
  struct Running {
    const RecordedTrial* recorded;
    size_t number;  // in history_ and result_
    size_t place = 0;
    metrics::StopRuleSet rules;

    // All reports of a moment come before the ends of trials in it.
    bool is_read() const { return place == recorded->points.size(); }
    double next_event() const { return is_read() ? recorded->end : recorded->points[place].seconds; }
  };

  bool IsBetter(double a, double b) const {
    return objective_.type == api::ObjectiveType::kMaximize ? a > b : a < b;
  }

  absl::Status Start(const RecordedTrial& recorded) {
    algorithms::Trial& trial = history_.trials.emplace_back();
    trial.name = recorded.name;
    trial.point = recorded.point;
    trial.number = static_cast<std::int64_t>(history_.trials.size()) - 1;
    trial.start_time = absl::UnixEpoch() + absl::Seconds(recorded.start);
    ReplayedTrial& replayed = result_.trials.emplace_back();
    replayed.name = recorded.name;
    replayed.seconds = std::max(0.0, recorded.end - recorded.start);
    for (const RecordedPoint& point : recorded.points) {
      if (ObjectiveValue(point)) ++replayed.reports;
    }
    if (recorded.succeeded) {
      for (const RecordedPoint& point : recorded.points) Take(point, replayed.recorded);
    }
    QALAM_ASSIGN_OR_RETURN(const std::vector<api::EarlyStoppingRule> rules, rules_.Rules(history_));
    metrics::StopRuleSet rule_set(objective_, rules_.evaluation(), recorded.name);
    QALAM_RETURN_IF_ERROR(rule_set.SetRules(rules));
    running_.push_back({&recorded, history_.trials.size() - 1, 0, std::move(rule_set)});
    return absl::OkStatus();
  }

  std::optional<double> ObjectiveValue(const RecordedPoint& point) const {
    if (point.metric != objective_.objective_metric_name) return std::nullopt;
    const std::optional<double> value = ParseDouble(point.value);
    return value && std::isfinite(*value) ? value : std::nullopt;
  }

  // The result so far, after one more report.
  void Take(const RecordedPoint& point, std::optional<double>& to) const {
    const std::optional<double> value = ObjectiveValue(point);
    if (!value) return;
    if (!to || strategy_ == api::MetricStrategyType::kLatest) {
      to = value;
    } else {
      to = strategy_ == api::MetricStrategyType::kMax ? std::max(*to, *value) : std::min(*to, *value);
    }
  }

  // The next report of a running trial, or its end.
  absl::Status Advance(std::list<Running>::iterator at) {
    Running& running = *at;
    if (running.is_read()) return End(at, running.recorded->end, false);
    const RecordedPoint& point = running.recorded->points[running.place++];
    ReplayedTrial& replayed = result_.trials[running.number];
    Take(point, replayed.replayed);
    if (const std::optional<double> value = ObjectiveValue(point)) {
      ++replayed.reports_used;
      std::vector<algorithms::CurvePoint>& curve = history_.trials[running.number].curve;
      curve.push_back({static_cast<double>(curve.size() + 1), *value});
    }
    if (running.rules.Add({{}, point.metric, point.value})) return End(at, point.seconds, true);
    return absl::OkStatus();
  }

  absl::Status End(std::list<Running>::iterator at, double now, bool stopped) {
    std::list<Running> taken;
    taken.splice(taken.end(), running_, at);
    const Running& ended = taken.front();
    ReplayedTrial& replayed = result_.trials[ended.number];
    algorithms::Trial& trial = history_.trials[ended.number];
    replayed.seconds_used = std::max(0.0, now - ended.recorded->start);
    // A rule that fires with the last report has saved nothing.
    replayed.stopped = stopped && (!ended.is_read() || now < ended.recorded->end);
    if (replayed.stopped) {
      ++result_.stopped;
      std::string reason;
      for (const metrics::FiredRule& fired : ended.rules.Fired())
        reason += (reason.empty() ? "" : "; ") + Describe(fired);
      replayed.reason = std::move(reason);
    }
    const bool has_result = ended.recorded->succeeded || replayed.stopped;
    if (!has_result) replayed.replayed.reset();
    trial.status = replayed.stopped || ended.recorded->stopped ? TrialStatus::kEarlyStopped
                   : ended.recorded->succeeded                 ? TrialStatus::kSucceeded
                                                               : TrialStatus::kFailed;
    trial.completion_time = absl::UnixEpoch() + absl::Seconds(now);
    trial.objectives = {replayed.replayed.value_or(std::nan(""))};
    return refresh_ ? Refresh(now) : absl::OkStatus();
  }

  // Newer rules may condemn trials at once; what ends so changes no rules before its turn.
  absl::Status Refresh(double now) {
    QALAM_ASSIGN_OR_RETURN(const std::vector<api::EarlyStoppingRule> rules, rules_.Rules(history_));
    if (rules.empty()) return absl::OkStatus();
    for (Running& running : running_) QALAM_RETURN_IF_ERROR(running.rules.SetRules(rules));
    const auto condemned = std::find_if(running_.begin(), running_.end(),
                                        [](const Running& running) { return running.rules.fired(); });
    if (condemned != running_.end()) return End(condemned, now, true);
    return absl::OkStatus();
  }

  StoppingReplay Result() {
    for (const ReplayedTrial& trial : result_.trials) {
      result_.reports += trial.reports;
      result_.reports_used += trial.reports_used;
      result_.seconds += trial.seconds;
      result_.seconds_used += trial.seconds_used;
      Raise(trial.recorded, trial.name, result_.best, result_.best_trial);
      Raise(trial.replayed, trial.name, result_.best_replayed, result_.best_trial_replayed);
    }
    return std::move(result_);
  }

  void Raise(const std::optional<double>& value, const std::string& name, std::optional<double>& best,
             std::string& best_name) const {
    if (!value || (best && !IsBetter(*value, *best))) return;
    best = value;
    best_name = name;
  }

  const api::ObjectiveSpec& objective_;
  const api::MetricStrategyType strategy_;
  const std::vector<RecordedTrial>& recorded_;
  const RuleSource rules_;
  const bool refresh_;
  algorithms::History history_;
  std::list<Running> running_;
  StoppingReplay result_;
};

}  // namespace

absl::StatusOr<StoppingReplay> ReplayStopping(const api::ObjectiveSpec& objective,
                                              const algorithms::SearchSpace& space,
                                              const std::vector<RecordedTrial>& trials,
                                              const Stopping& stopping) {
  algorithms::Problem problem;
  problem.space = space;
  problem.objectives = {{objective.objective_metric_name, objective.type == api::ObjectiveType::kMaximize
                                                              ? algorithms::Direction::kMaximize
                                                              : algorithms::Direction::kMinimize}};
  QALAM_ASSIGN_OR_RETURN(RuleSource rules, RuleSource::Make(stopping, std::move(problem)));
  return Player(objective, trials, std::move(rules), stopping.refresh).Play();
}

}  // namespace qalam::bench
