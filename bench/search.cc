#include "bench/search.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <climits>
#include <cmath>

#include "algorithms/end_rule_text.h"
#include "algorithms/random_engine.h"
#include "base/extensions.h"
#include "bench/earlier_problem.h"

namespace qalam::bench {
namespace {

using algorithms::Point;

constexpr std::uint64_t kDurationStream = 0x636c6f636b;

bool FitsSpace(const algorithms::SearchSpace& space, const Point& point) {
  if (point.size() != space.size()) return false;
  for (size_t i = 0; i < point.size(); ++i) {
    const algorithms::Parameter& parameter = space.parameters()[i];
    const algorithms::Value& value = point[i];
    switch (parameter.type()) {
      case algorithms::ParameterType::kDouble: {
        const auto* number = std::get_if<double>(&value);
        if (number == nullptr || !(*number >= parameter.range().min && *number <= parameter.range().max))
          return false;
        break;
      }
      case algorithms::ParameterType::kInt: {
        const auto* number = std::get_if<std::int64_t>(&value);
        if (number == nullptr || static_cast<double>(*number) < parameter.range().min ||
            static_cast<double>(*number) > parameter.range().max)
          return false;
        break;
      }
      default: {
        const auto* choice = std::get_if<algorithms::Choice>(&value);
        if (choice == nullptr || choice->index >= parameter.list().size()) return false;
      }
    }
  }
  return true;
}

}  // namespace

Search::Search(const Optimizer& optimizer, const Problem& problem, const SearchOptions& options)
    : optimizer_(optimizer), problem_(problem), seed_(options.seed) {
  definition_.experiment_name = fmt::format("bench-{}-{}", problem.name, options.seed);
  definition_.space = problem.space;
  definition_.objectives = {{kLoss, algorithms::Direction::kMinimize}};
  definition_.metric_constraints = problem.metric_constraints;
  for (size_t i = 1; problem.front && i < problem.front->reference.size(); ++i)
    definition_.objectives.push_back({fmt::format("{}{}", kLoss, i + 1), algorithms::Direction::kMinimize});
  definition_.settings = {{"seed", std::to_string(options.seed)}};
  definition_.settings.insert(definition_.settings.end(), optimizer.settings.begin(),
                              optimizer.settings.end());
  definition_.parallel_trial_count = options.workers;
  definition_.max_trial_count = options.trials;
  if (const auto points = problem.space.combinations();
      options.trials > 0 && points && *points < INT_MAX)  // grid allows no more
    definition_.max_trial_count = std::min(options.trials, static_cast<int>(*points));
}

absl::Status Search::Begin() {
  if (const auto end_when = algorithms::FindSetting(definition_.settings, kEndWhenExtension)) {
    QALAM_ASSIGN_OR_RETURN(definition_.end_rule, algorithms::ParseEndRule(*end_when));
    std::erase_if(definition_.settings,
                  [](const auto& setting) { return setting.name == kEndWhenExtension; });
  }
  if (problem_.earlier_loss) {
    algorithms::EarlierExperiment earlier = EarlierTrialsOf(problem_, seed_);
    definition_.earlier_experiments = {earlier.name};
    earlier_.push_back(std::move(earlier));
  }
  QALAM_ASSIGN_OR_RETURN(algorithm_, optimizer_.create(definition_));
  return absl::OkStatus();
}

absl::StatusOr<Search::Answer> Search::Ask(const algorithms::History& own, int count) {
  algorithms::History with_earlier;
  if (!earlier_.empty()) with_earlier = {own.trials, earlier_};
  const algorithms::History& history = earlier_.empty() ? own : with_earlier;
  algorithms::Ask ask;
  ask.handed_out = static_cast<std::int64_t>(history.trials.size());
  ask.count = count;
  const clockid_t clock = optimizer_.is_remote ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
  const double start = Seconds(clock);
  absl::StatusOr<algorithms::Suggestions> suggestions = algorithm_->Suggest(history, ask);
  if (absl::IsOutOfRange(suggestions.status()) && count > 1) {
    ask.count = count = 1;  // fewer are left than were asked
    suggestions = algorithm_->Suggest(history, ask);
  }
  if (absl::IsOutOfRange(suggestions.status())) {
    exhausted_ = true;
    return Answer{};
  }
  QALAM_RETURN_IF_ERROR(suggestions.status());
  Answer answer{std::move(suggestions->proposals), (Seconds(clock) - start) / count};
  const size_t given = answer.proposals.size();
  const bool may_be_fewer = optimizer_.is_remote && given > 0;
  if (given > static_cast<size_t>(count) || (given < static_cast<size_t>(count) && !may_be_fewer)) {
    return absl::InternalError(fmt::format("{} points instead of {}", given, count));
  }
  for (const algorithms::Proposal& proposal : answer.proposals) {
    if (!FitsSpace(problem_.space, proposal.point)) return absl::InternalError("a point outside the space");
  }
  if (!suggestions->settings.empty()) {
    for (algorithms::Setting& setting : suggestions->settings) {
      std::erase_if(definition_.settings, [&](const auto& old) { return old.name == setting.name; });
      definition_.settings.push_back(std::move(setting));
    }
    QALAM_ASSIGN_OR_RETURN(algorithm_, optimizer_.create(definition_));
  }
  return answer;
}

algorithms::Trial StartedTrial(algorithms::Proposal proposal, size_t number, double now) {
  algorithms::Trial trial;
  trial.name =
      proposal.trial_name.empty() ? fmt::format("trial-{:09}", number) : std::move(proposal.trial_name);
  trial.point = std::move(proposal.point);
  trial.labels = std::move(proposal.labels);
  trial.start_time = absl::UnixEpoch() + absl::Seconds(now);
  return trial;
}

double TrialSlowness(std::uint64_t seed, size_t number) {
  return std::exp(0.5 * algorithms::Rng({seed, kDurationStream, number}).Normal());
}

double Seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace qalam::bench
