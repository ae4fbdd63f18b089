#include "algorithms/halving_search.h"

#include <algorithm>

#include "algorithms/feasible_points.h"
#include "algorithms/promotion_memory.h"
#include "algorithms/random_engine.h"
#include "algorithms/taken_points.h"
#include "algorithms/trial_labels.h"

namespace qalam::algorithms {
namespace {

constexpr std::uint64_t kAgainStream = 0x616761696e;
// A point becomes a trial within a few calls; this many points later it will not any more.
constexpr int kPatienceInBatches = 4, kLeastPatience = 20;

bool Waits(const Configuration& configuration, int top) {
  if (!configuration.has_begun()) return false;
  int level = top;
  while (configuration.runs[level].state == Run::State::kNone) --level;
  return level < top && configuration.runs[level].state == Run::State::kDone;
}

int HighestLevel(const Configuration& configuration) {
  int level = static_cast<int>(configuration.runs.size()) - 1;
  while (level > 0 && configuration.runs[level].state == Run::State::kNone) --level;
  return level;
}

class HalvingSearch final : public Algorithm {
 public:
  HalvingSearch(Problem problem, FidelitySpace space, Planner planner, ConfigurationSampler sampler)
      : problem_(std::move(problem)),
        space_(std::move(space)),
        planner_(std::move(planner)),
        sampler_(std::move(sampler)) {}

  bool uses_history() const override { return true; }

  absl::StatusOr<Suggestions> Suggest(const History& history, const Ask& ask) const override {
    QALAM_RETURN_IF_ERROR(CheckAsk(ask));
    QALAM_RETURN_IF_ERROR(CheckStop(ask));
    Suggestions suggestions;
    if (ask.count == 0) return suggestions;
    ConfigurationRuns runs(problem_, space_, history);
    const std::int64_t patience = kPatienceInBatches * std::max(problem_.parallel_trial_count, ask.count);
    std::vector<SuggestedPromotion> unseen =
        Recall(ParsePromotions(FindSetting(problem_.settings, kPromotionsSetting).value_or("")),
               ask.handed_out, std::max<std::int64_t>(kLeastPatience, patience), runs);
    Plan plan = planner_(runs, ask);
    for (const Promotion& promotion : plan.promotions) {
      const Configuration& configuration = runs.all()[promotion.configuration];
      unseen.push_back({PointKey(space_.configurations(), configuration.point), promotion.level,
                        ask.handed_out + static_cast<std::int64_t>(suggestions.proposals.size())});
      suggestions.proposals.push_back(Promote(configuration, promotion.level, promotion.bracket));
    }
    QALAM_RETURN_IF_ERROR(AddStarts(runs, ask, plan.starts, suggestions));
    QALAM_RETURN_IF_ERROR(AddLeftOver(runs, ask, suggestions));
    suggestions.settings = std::move(plan.settings);
    suggestions.settings.push_back({std::string(kPromotionsSetting), PromotionsText(unseen)});
    return suggestions;
  }

 private:
  Proposal Promote(const Configuration& configuration, int level, int bracket) const {
    Proposal proposal = {
        space_.At(configuration.point, level), {}, Labels(bracket, level - configuration.first_level), {}};
    for (int from = level - 1; from >= 0; --from) {
      const Run& run = configuration.runs[from];
      if (run.state != Run::State::kDone) continue;
      if (!run.trial.empty()) proposal.labels.emplace(kParentLabel, run.trial);
      break;
    }
    return proposal;
  }

  static std::map<std::string, std::string> Labels(int bracket, int rung) {
    return {{std::string(kBracketLabel), std::to_string(bracket)},
            {std::string(kRungLabel), std::to_string(rung)}};
  }

  absl::Status AddStarts(const ConfigurationRuns& runs, const Ask& ask, const std::vector<Start>& starts,
                         Suggestions& suggestions) const {
    const size_t count = std::min<std::uint64_t>(starts.size(), runs.free());
    std::vector<std::int64_t> numbers(count);
    for (size_t i = 0; i < count; ++i) {
      numbers[i] = ask.handed_out + static_cast<std::int64_t>(suggestions.proposals.size() + i);
    }
    QALAM_ASSIGN_OR_RETURN(const std::vector<Point> points, sampler_.Draw(runs, numbers, ask));
    for (size_t i = 0; i < count; ++i) {
      suggestions.proposals.push_back(
          {space_.At(points[i], starts[i].level), {}, Labels(starts[i].bracket, 0), {}});
    }
    return absl::OkStatus();
  }

  // There must be an answer.
  absl::Status AddLeftOver(const ConfigurationRuns& runs, const Ask& ask, Suggestions& suggestions) const {
    const auto missing = [&] { return ask.count - static_cast<int>(suggestions.proposals.size()); };
    if (missing() == 0) return absl::OkStatus();
    const int top = space_.levels() - 1;
    std::vector<const Configuration*> waiting;
    for (const Configuration& configuration : runs.all()) {
      if (Waits(configuration, top)) waiting.push_back(&configuration);
    }
    std::stable_sort(waiting.begin(), waiting.end(), [](const Configuration* a, const Configuration* b) {
      const int left = HighestLevel(*a), right = HighestLevel(*b);
      return left != right ? left > right : a->runs[left].value < b->runs[right].value;
    });
    std::vector<Point> going_on;
    for (const Proposal& proposal : suggestions.proposals)
      going_on.push_back(space_.ConfigurationOf(proposal.point));
    for (const Configuration* configuration : waiting) {
      if (missing() == 0) return absl::OkStatus();
      if (std::find(going_on.begin(), going_on.end(), configuration->point) != going_on.end()) continue;
      suggestions.proposals.push_back(
          Promote(*configuration, HighestLevel(*configuration) + 1, configuration->bracket.value_or(0)));
    }
    while (missing() > 0) {
      const std::int64_t number = ask.handed_out + static_cast<std::int64_t>(suggestions.proposals.size());
      Rng rng({kAgainStream, static_cast<std::uint64_t>(number)});
      QALAM_ASSIGN_OR_RETURN(const Point again, DrawFeasibleOrFail(space_.configurations(), rng));
      suggestions.proposals.push_back({space_.At(again, top), {}, {}, {}});
    }
    return absl::OkStatus();
  }

  const Problem problem_;
  const FidelitySpace space_;
  const Planner planner_;
  const ConfigurationSampler sampler_;
};

}  // namespace

std::unique_ptr<Algorithm> NewHalvingSearch(Problem problem, FidelitySpace space, Planner planner,
                                            ConfigurationSampler sampler) {
  return std::make_unique<HalvingSearch>(std::move(problem), std::move(space), std::move(planner),
                                         std::move(sampler));
}

}  // namespace qalam::algorithms
