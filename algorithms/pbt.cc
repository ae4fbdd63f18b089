#include "algorithms/pbt.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "algorithms/pbt_population.h"
#include "algorithms/perturbation.h"
#include "algorithms/random_engine.h"
#include "algorithms/trial_labels.h"

namespace qalam::algorithms::pbt {
namespace {

using State = Member::State;

constexpr int kTries = 3;  // of a member that fails
constexpr std::uint64_t kDrawStream = 1;
constexpr std::uint64_t kExploitStream = 2;

struct Options {
  std::int64_t population = 0;
  double threshold = 0;
  std::optional<double> resample;
};

absl::StatusOr<std::optional<double>> ReadShare(const Settings& settings, std::string_view name) {
  QALAM_ASSIGN_OR_RETURN(const std::optional<double> share, DoubleSetting(settings, name));
  if (share && (*share < 0 || *share > 1)) {
    return absl::InvalidArgumentError(
        fmt::format("Param({}) should be between 0 and 1, inclusive, got {}", name, *share));
  }
  return share;
}

absl::StatusOr<Options> ReadOptions(const Settings& settings) {
  std::vector<std::string_view> missing;
  for (const std::string_view name : {"suggestion_trial_dir", "n_population", "truncation_threshold"}) {
    if (!FindSetting(settings, name)) missing.push_back(name);
  }
  if (!missing.empty()) {
    return absl::InvalidArgumentError(fmt::format("Required params missing: {}", fmt::join(missing, ", ")));
  }
  Options options;
  QALAM_ASSIGN_OR_RETURN(const std::optional<std::int64_t> population, IntSetting(settings, "n_population"));
  if (*population < 5) return absl::InvalidArgumentError("Param(n_population) should be >= 5");
  options.population = *population;
  QALAM_ASSIGN_OR_RETURN(const std::optional<double> threshold, ReadShare(settings, "truncation_threshold"));
  options.threshold = *threshold;
  QALAM_ASSIGN_OR_RETURN(options.resample, ReadShare(settings, "resample_probability"));
  return options;
}

// Where a new member comes from.
struct Origin {
  Point point;
  std::string parent;                  // empty: none
  std::optional<std::int64_t> number;  // of the parent
};

class PopulationBasedTraining final : public Algorithm {
 public:
  PopulationBasedTraining(Problem problem, Options options, std::uint64_t seed)
      : problem_(std::move(problem)), options_(options), seed_(seed) {}

  bool uses_history() const override { return true; }

  absl::StatusOr<Suggestions> Suggest(const History& history, const Ask& ask) const override {
    QALAM_RETURN_IF_ERROR(CheckAsk(ask));
    Evolution evolution(*this, history);
    Suggestions suggestions;
    for (int i = 0; i < ask.count; ++i) {
      QALAM_RETURN_IF_ERROR(CheckStop(ask));
      suggestions.proposals.push_back(evolution.Next(ask.handed_out + i));
    }
    return suggestions;
  }

 private:
  // The population during one call; what is proposed joins it.
  class Evolution {
   public:
    Evolution(const PopulationBasedTraining& of, const History& history)
        : of_(of), generations_(ReadPopulation(of.problem_, history)) {
      for (const Trial& trial : history.trials) names_.insert(trial.name);
      while (Results(current_) >= of_.options_.population) ++current_;
      if (current_ > 0) RankPool();
      for (const Member& member : generations_[current_]) {
        const bool lives = member.state == State::kPending || member.state == State::kResult;
        if (!lives) continue;
        ++living_;
        continued_.insert(member.parent);
      }
      FindRetries();
    }

    Proposal Next(std::int64_t number) {
      Rng rng({of_.seed_, kDrawStream, static_cast<std::uint64_t>(number)});
      Origin origin = NextOrigin(rng, static_cast<std::uint64_t>(number));
      Proposal proposal{.point = origin.point, .trial_name = {}, .labels = {}, .texts = {}};
      MemberName name{.generation = current_, .number = number, .parent = origin.number};
      do {
        proposal.trial_name = TrialName(of_.problem_.experiment_name, name);
        ++name.number;
      } while (!names_.insert(proposal.trial_name).second);
      proposal.labels.emplace(kGenerationLabel, fmt::format("{}", current_));
      if (!origin.parent.empty()) proposal.labels.emplace(kPbtParentLabel, origin.parent);
      ++living_;
      continued_.insert(std::move(origin.parent));
      return proposal;
    }

   private:
    std::int64_t Results(int generation) const {
      const auto found = generations_.find(generation);
      if (found == generations_.end()) return 0;
      return std::count_if(found->second.begin(), found->second.end(),
                           [](const Member& member) { return member.state == State::kResult; });
    }

    // Equal values stay in order of number.
    void RankPool() {
      for (const Member& member : generations_.at(current_ - 1)) {
        if (member.state == State::kResult) pool_.push_back(member);
      }
      std::stable_sort(pool_.begin(), pool_.end(),
                       [](const Member& a, const Member& b) { return a.value < b.value; });
    }

    static bool IsSame(const Member& a, const Member& b) {
      return a.parent == b.parent && a.point == b.point;
    }

    // Members that failed and have no successor, each once.
    void FindRetries() {
      const Generation& members = generations_[current_];
      for (auto member = members.begin(); member != members.end(); ++member) {
        if (member->state != State::kFailed || member->parent.starts_with('#')) continue;
        const auto same = [&](const Member& other) { return IsSame(*member, other); };
        if (std::any_of(member + 1, members.end(), same)) continue;
        const auto failures = std::count_if(members.begin(), members.end(), [&](const Member& other) {
          return same(other) && other.state == State::kFailed;
        });
        if (failures < kTries) retries_.push_back(*member);
      }
      std::reverse(retries_.begin(), retries_.end());
    }

    Origin NextOrigin(Rng& rng, std::uint64_t number) {
      if (!retries_.empty()) {
        Member again = std::move(retries_.back());
        retries_.pop_back();
        return {std::move(again.point), again.parent, NumberOf(again.parent)};
      }
      if (current_ == 0) return {of_.Draw(rng), {}, {}};
      if (const Member* survivor = NextSurvivor()) return Explore(*survivor, rng);
      const auto best =
          std::max<size_t>(1, std::floor(static_cast<double>(pool_.size()) * of_.options_.threshold));
      const Member& winner =
          pool_[Rng({of_.seed_, kExploitStream, number}).Below(std::min(best, pool_.size()))];
      if (living_ >= of_.options_.population) return Explore(winner, rng);
      return {winner.point, winner.name, winner.number};
    }

    // The best of those that go on and have no child yet; null: they all have.
    const Member* NextSurvivor() {
      const auto population = static_cast<double>(of_.options_.population);
      const auto survivors =
          static_cast<size_t>(population - std::floor(population * of_.options_.threshold));
      for (; next_survivor_ < std::min(survivors, pool_.size()); ++next_survivor_) {
        if (!continued_.contains(pool_[next_survivor_].name)) return &pool_[next_survivor_];
      }
      return nullptr;
    }

    Origin Explore(const Member& member, Rng& rng) const {
      return {of_.Change(member.point, rng), member.name, member.number};
    }

    std::optional<std::int64_t> NumberOf(const std::string& name) const {
      for (const Member& member : pool_) {
        if (member.name == name) return member.number;
      }
      return std::nullopt;
    }

    const PopulationBasedTraining& of_;
    std::map<int, Generation> generations_;
    std::set<std::string> names_;
    int current_ = 0;
    std::int64_t living_ = 0;          // of the current generation: those that run or have a result
    std::set<std::string> continued_;  // whose children they are
    size_t next_survivor_ = 0;         // place in the pool; all before have a child
    std::vector<Member> pool_;         // results of the generation before, best first
    std::vector<Member> retries_;      // the next one last
  };

  Point Draw(Rng& rng) const {
    std::vector<double> u(problem_.space.size());
    for (double& x : u) x = rng.Uniform();
    return problem_.space.FromUnit(u);
  }

  Point Change(const Point& point, Rng& rng) const {
    if (!options_.resample) return Perturbed(problem_.space, point, rng);
    Point changed = Draw(rng);
    for (size_t i = 0; i < point.size(); ++i) {
      if (rng.Uniform() >= *options_.resample) changed[i] = point[i];
    }
    return changed;
  }

  const Problem problem_;
  const Options options_;
  const std::uint64_t seed_;
};

}  // namespace

absl::Status Validate(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(SeedFrom(problem.settings, problem.experiment_name).status());
  return ReadOptions(problem.settings).status();
}

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(RequireParameters(problem));
  QALAM_ASSIGN_OR_RETURN(const Options options, ReadOptions(problem.settings));
  QALAM_ASSIGN_OR_RETURN(const std::uint64_t seed, SeedFrom(problem.settings, problem.experiment_name));
  return std::make_unique<PopulationBasedTraining>(problem, options, seed);
}

}  // namespace qalam::algorithms::pbt
