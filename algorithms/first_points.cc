#include "algorithms/first_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "algorithms/feasible_points.h"
#include "algorithms/observations.h"
#include "algorithms/random_engine.h"
#include "algorithms/taken_points.h"
#include "algorithms/trial_labels.h"
#include "base/number_text.h"

namespace qalam::algorithms {
namespace {

constexpr std::uint64_t kStream = 0x656e7175657565;
constexpr int kDraws = 256;  // of what is left open, where constraints refuse some

bool Fits(const PartialPoint& partial, const Point& point) {
  for (size_t i = 0; i < partial.size(); ++i) {
    if (partial[i] && *partial[i] != point[i]) return false;
  }
  return true;
}

// Canonical; feasible unless what is given leaves hardly any room for that.
Point Complete(const SearchSpace& space, const PartialPoint& partial, std::uint64_t seed, size_t place) {
  Rng rng({seed, kStream, place});
  Point point;
  for (int draw = 0; draw < kDraws; ++draw) {
    point.clear();
    for (size_t i = 0; i < partial.size(); ++i) {
      const double u = rng.Uniform();
      point.push_back(partial[i] ? *partial[i] : space.parameters()[i].FromUnit(u));
    }
    point = space.Canonical(std::move(point));
    if (space.IsFeasible(point)) return point;
  }
  return Repair(space, point).value_or(point);
}

std::optional<std::int64_t> LabelNumber(const Trial& trial, std::string_view label) {
  const auto found = trial.labels.find(std::string(label));
  return found == trial.labels.end() ? std::nullopt : ParseInt(found->second);
}

struct Tried {
  Observation result;
  const std::string* experiment;
};

class FirstPoints final : public Algorithm {
 public:
  FirstPoints(Problem problem, std::unique_ptr<Algorithm> inner, int best_of_earlier, std::uint64_t seed,
              std::int64_t enqueued_done, std::int64_t earlier_done)
      : problem_(std::move(problem)),
        inner_(std::move(inner)),
        enqueued_done_(enqueued_done),
        earlier_done_(earlier_done),
        best_of_earlier_(best_of_earlier) {
    for (size_t i = 0; i < problem_.enqueued.size(); ++i) {
      enqueued_.push_back(Complete(problem_.space, problem_.enqueued[i], seed, i));
    }
  }

  bool uses_history() const override { return true; }

  absl::StatusOr<Suggestions> Suggest(const History& history, const Ask& ask) const override {
    QALAM_RETURN_IF_ERROR(CheckAsk(ask));
    TakenPoints taken(problem_.space);
    for (const Trial& trial : history.trials) {
      if (trial.point) taken.Add(problem_.space.Canonical(*trial.point));
    }
    Suggestions first;
    std::int64_t before = AddEnqueued(history, ask.count, taken, first);
    before += AddEarlier(history, ask.count, taken, first);

    Ask rest = ask;
    rest.count = ask.count - static_cast<int>(first.proposals.size());
    rest.handed_out = std::max<std::int64_t>(0, ask.handed_out - before);
    if (rest.count == 0) return first;
    absl::StatusOr<Suggestions> own;
    if (first.proposals.empty()) {
      own = inner_->Suggest(history, rest);
    } else {
      History with_first = history;
      for (const Proposal& proposal : first.proposals) {
        Trial& trial = with_first.trials.emplace_back();
        trial.point = proposal.point;
        trial.labels = proposal.labels;
      }
      own = inner_->Suggest(with_first, rest);
    }
    QALAM_RETURN_IF_ERROR(own.status());
    std::move(own->proposals.begin(), own->proposals.end(), std::back_inserter(first.proposals));
    std::move(own->settings.begin(), own->settings.end(), std::back_inserter(first.settings));
    return first;
  }

 private:
  // How many were handed out before this call.
  std::int64_t AddEnqueued(const History& history, int count, TakenPoints& taken, Suggestions& to) const {
    const auto size = static_cast<std::int64_t>(enqueued_.size());
    std::vector<bool> done(enqueued_.size(), false);
    std::fill(done.begin(), done.begin() + std::clamp<std::int64_t>(enqueued_done_, 0, size), true);
    for (const Trial& trial : history.trials) {
      const auto place = LabelNumber(trial, kEnqueuedLabel);
      if (place && *place >= 0 && *place < size && trial.point &&
          Fits(problem_.enqueued[*place], *trial.point)) {
        done[*place] = true;
      }
    }
    for (std::int64_t i = 0; i < size; ++i) {
      if (taken.Contains(enqueued_[i])) done[i] = true;
    }
    const std::int64_t before = std::count(done.begin(), done.end(), true);
    std::int64_t end = 0;
    for (std::int64_t i = 0; i < size && static_cast<int>(to.proposals.size()) < count; ++i) {
      if (done[i]) continue;
      Proposal& proposal = to.proposals.emplace_back();
      proposal.point = enqueued_[i];
      proposal.labels.emplace(kEnqueuedLabel, std::to_string(i));
      taken.Add(proposal.point);
      end = i + 1;
    }
    if (end > 0) to.settings.push_back({std::string(kEnqueuedState), std::to_string(end)});
    return before;
  }

  std::int64_t AddEarlier(const History& history, int count, TakenPoints& taken, Suggestions& to) const {
    const auto labelled = std::count_if(history.trials.begin(), history.trials.end(), [](const Trial& trial) {
      return trial.labels.contains(std::string(kFirstTriedInLabel));
    });
    std::int64_t done = std::max<std::int64_t>(earlier_done_, labelled);
    const std::int64_t before = done;
    if (done >= best_of_earlier_ || static_cast<int>(to.proposals.size()) >= count) return before;
    std::vector<Tried> tried;
    for (const EarlierExperiment& earlier : history.earlier) {
      for (Observation& result : Observe(problem_, {earlier.trials, {}}).finished) {
        if (!result.early_stopped) tried.push_back({std::move(result), &earlier.name});
      }
    }
    std::stable_sort(tried.begin(), tried.end(),
                     [](const Tried& a, const Tried& b) { return IsBetter(a.result, b.result); });
    for (const Tried& best : tried) {
      if (done == best_of_earlier_ || static_cast<int>(to.proposals.size()) == count) break;
      const Point& point = best.result.point;
      if (taken.Contains(point) || !problem_.space.IsFeasible(point)) continue;
      Proposal& proposal = to.proposals.emplace_back();
      proposal.point = point;
      proposal.labels.emplace(kFirstTriedInLabel, *best.experiment);
      taken.Add(proposal.point);
      ++done;
    }
    if (done > before) to.settings.push_back({std::string(kEarlierState), std::to_string(done)});
    return before;
  }

  const Problem problem_;
  const std::unique_ptr<Algorithm> inner_;
  const std::int64_t enqueued_done_, earlier_done_;
  const int best_of_earlier_;
  std::vector<Point> enqueued_;
};

}  // namespace

Problem WithoutFirstPoints(Problem problem) {
  std::erase_if(problem.settings, [](const Setting& setting) { return IsFirstPointsState(setting.name); });
  return problem;
}

absl::Status ValidateFirstPoints(const Problem& problem) {
  const size_t count = problem.enqueued.size();
  if (problem.max_trial_count > 0 && count > static_cast<size_t>(problem.max_trial_count)) {
    return absl::InvalidArgumentError(fmt::format(
        "{} points are enqueued, but maxTrialCount allows {} trials", count, problem.max_trial_count));
  }
  for (size_t i = 0; i < count; ++i) {
    const PartialPoint& point = problem.enqueued[i];
    if (!std::all_of(point.begin(), point.end(), [](const auto& value) { return value.has_value(); }))
      continue;
    Point given;
    for (const auto& value : point) given.push_back(*value);
    if (!problem.space.IsFeasible(problem.space.Canonical(std::move(given)))) {
      return absl::InvalidArgumentError(
          fmt::format("enqueued point {} does not keep the constraints between parameters", i + 1));
    }
    const auto same = std::find(problem.enqueued.begin() + i + 1, problem.enqueued.end(), point);
    if (same != problem.enqueued.end()) {
      return absl::InvalidArgumentError(
          fmt::format("enqueued points {} and {} are the same", i + 1, same - problem.enqueued.begin() + 1));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Algorithm>> PutFirst(const Problem& problem, std::unique_ptr<Algorithm> inner,
                                                    int best_of_earlier) {
  if (problem.earlier_experiments.empty()) best_of_earlier = 0;
  if (problem.enqueued.empty() && best_of_earlier == 0) return inner;
  QALAM_ASSIGN_OR_RETURN(const std::uint64_t seed, SeedFrom(problem.settings, problem.experiment_name));
  QALAM_ASSIGN_OR_RETURN(const auto enqueued, IntSetting(problem.settings, kEnqueuedState));
  QALAM_ASSIGN_OR_RETURN(const auto earlier, IntSetting(problem.settings, kEarlierState));
  return std::make_unique<FirstPoints>(problem, std::move(inner), best_of_earlier, seed, enqueued.value_or(0),
                                       earlier.value_or(0));
}

}  // namespace qalam::algorithms
