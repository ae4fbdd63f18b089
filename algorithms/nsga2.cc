#include "algorithms/nsga2.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "algorithms/axis.h"
#include "algorithms/elite.h"
#include "algorithms/feasible_points.h"
#include "algorithms/genetic_operators.h"
#include "algorithms/random_engine.h"
#include "algorithms/taken_points.h"

namespace qalam::algorithms::nsga2 {
namespace {

constexpr std::int64_t kUnlimitedPopulation = 50, kMaxPopulation = 10'000;
constexpr double kCrossoverIndex = 15;
constexpr double kMutationIndex = 5;  // wider steps than the usual 20: some hundred trials are few
constexpr int kMaxRedraws = 20;       // of a point that was proposed before, or looks like one that failed
constexpr std::uint64_t kChildStream = 0x6e73676132;

struct Options {
  std::int64_t population = kUnlimitedPopulation;
  double crossover_probability = 0.9;
  double mutation_probability = 0;  // of each parameter
  std::uint64_t seed = 0;
};

absl::StatusOr<double> Probability(const Settings& settings, std::string_view name, double fallback) {
  QALAM_ASSIGN_OR_RETURN(const std::optional<double> given, DoubleSetting(settings, name));
  if (given && !(*given >= 0 && *given <= 1)) {
    return absl::InvalidArgumentError(fmt::format("{} should be between 0 and 1, got {}", name, *given));
  }
  return given.value_or(fallback);
}

// Ten of them make some progress.
std::int64_t DefaultPopulation(int trials) {
  return trials == 0 ? kUnlimitedPopulation : std::clamp(trials / 10, 20, 100);
}

absl::StatusOr<Options> ReadOptions(const Problem& problem) {
  Options options;
  QALAM_ASSIGN_OR_RETURN(options.seed, SeedFrom(problem.settings, problem.experiment_name));
  QALAM_ASSIGN_OR_RETURN(const auto population, IntSetting(problem.settings, "population_size"));
  if (population && (*population < 2 || *population > kMaxPopulation)) {
    return absl::InvalidArgumentError(
        fmt::format("population_size should be between 2 and {}, got {}", kMaxPopulation, *population));
  }
  options.population = population.value_or(DefaultPopulation(problem.max_trial_count));
  QALAM_ASSIGN_OR_RETURN(options.crossover_probability, Probability(problem.settings, "crossover_prob", 0.9));
  const double one_of_them = 1 / std::max(1.0, static_cast<double>(problem.space.size()));
  QALAM_ASSIGN_OR_RETURN(options.mutation_probability,
                         Probability(problem.settings, "mutation_prob", one_of_them));
  return options;
}

class Nsga2 final : public Algorithm {
 public:
  Nsga2(Problem problem, const Options& options)
      : problem_(std::move(problem)), options_(options), axes_(AxesOf(problem_.space)) {}

  bool uses_history() const override { return true; }

  absl::StatusOr<Suggestions> Suggest(const History& history, const Ask& ask) const override {
    QALAM_RETURN_IF_ERROR(CheckAsk(ask));
    QALAM_RETURN_IF_ERROR(CheckStop(ask));
    Suggestions suggestions;
    if (ask.count == 0) return suggestions;
    const Observations seen = Observe(problem_, history);
    const auto size = static_cast<size_t>(options_.population);
    Parents parents;
    if (seen.finished.size() >= size) {
      for (const EliteMember& member : EliteOf(seen.finished, size))
        parents.push_back({member, Encode(axes_, seen.finished[member.index].point)});
    }
    const Ended ended = seen.failed.empty() ? Ended() : EndedOf(seen);
    TakenPoints taken(problem_.space, seen);
    suggestions.proposals.reserve(ask.count);
    for (int i = 0; i < ask.count; ++i) {
      QALAM_RETURN_IF_ERROR(CheckStop(ask));
      QALAM_ASSIGN_OR_RETURN(Point point, Propose(parents, ended, taken, ask.handed_out + i));
      taken.Add(point);
      suggestions.proposals.push_back({std::move(point), {}, {}, {}});
    }
    return suggestions;
  }

 private:
  using Codes = std::vector<double>;
  struct Parent {
    EliteMember member;
    Codes codes;
  };
  using Parents = std::vector<Parent>;

  // Empty where nothing has failed.
  struct Ended {
    std::vector<Codes> finished, failed;
  };

  Ended EndedOf(const Observations& seen) const {
    Ended ended;
    for (const Observation& o : seen.finished) ended.finished.push_back(Encode(axes_, o.point));
    for (const Point& point : seen.failed) ended.failed.push_back(Encode(axes_, point));
    return ended;
  }

  double Distance(const Codes& a, const Codes& b) const {
    double sum = 0;
    for (size_t j = 0; j < axes_.size(); ++j) {
      const double step = axes_[j].kind() == Axis::Kind::kUnordered
                              ? (a[j] == b[j] ? 0.0 : 1.0)
                              : axes_[j].Position(a[j]) - axes_[j].Position(b[j]);
      sum += step * step;
    }
    return sum;
  }

  // Whether the nearest of all that ended has failed.
  bool LooksFailed(const Point& point, const Ended& ended) const {
    if (ended.failed.empty()) return false;
    const Codes codes = Encode(axes_, point);
    const auto nearest = [&](const std::vector<Codes>& all) {
      double least = std::numeric_limits<double>::infinity();
      for (const Codes& other : all) least = std::min(least, Distance(codes, other));
      return least;
    };
    return nearest(ended.failed) < nearest(ended.finished);
  }

  absl::StatusOr<Point> Propose(const Parents& parents, const Ended& ended, const TakenPoints& taken,
                                std::uint64_t number) const {
    Rng rng({options_.seed, kChildStream, number});
    Point point;
    if (parents.empty()) {
      QALAM_ASSIGN_OR_RETURN(point, SpreadFeasible(problem_.space, number, options_.seed));
    } else {
      QALAM_ASSIGN_OR_RETURN(point, Child(parents, rng));
    }
    for (int redraw = 0; redraw < kMaxRedraws && (taken.Contains(point) || LooksFailed(point, ended));
         ++redraw) {
      QALAM_ASSIGN_OR_RETURN(point,
                             parents.empty() ? DrawFeasibleOrFail(problem_.space, rng) : Child(parents, rng));
    }
    if (taken.Contains(point)) return taken.AnyFree(HashWords({options_.seed, number})).value_or(point);
    return point;
  }

  absl::StatusOr<Point> Child(const Parents& parents, Rng& rng) const {
    const Parent &first = Winner(parents, rng), &second = Winner(parents, rng);
    const bool crosses = rng.Uniform() < options_.crossover_probability;
    Codes codes = first.codes;
    for (size_t j = 0; j < axes_.size(); ++j) {
      if (crosses && rng.Uniform() < 0.5) codes[j] = Crossed(axes_[j], codes[j], second.codes[j], rng);
      if (rng.Uniform() < options_.mutation_probability) codes[j] = Mutated(axes_[j], codes[j], rng);
    }
    return NearestFeasible(problem_.space, Decode(axes_, codes), rng);
  }

  static const Parent& Winner(const Parents& parents, Rng& rng) {
    const Parent &a = parents[rng.Below(parents.size())], &b = parents[rng.Below(parents.size())];
    return IsFitter(b.member, a.member) ? b : a;
  }

  static double Crossed(const Axis& axis, double a, double b, Rng& rng) {
    if (axis.kind() == Axis::Kind::kUnordered) return b;
    return axis.CodeAt(SimulatedBinaryCrossover(axis.Position(a), axis.Position(b), kCrossoverIndex, rng));
  }

  // To another value, if there is one.
  static double Mutated(const Axis& axis, double code, Rng& rng) {
    if (axis.size() == 1) return code;
    if (axis.kind() == Axis::Kind::kUnordered) {
      const auto other = static_cast<double>(rng.Below(axis.size() - 1));
      return other >= code ? other + 1 : other;
    }
    const double moved = axis.CodeAt(PolynomialMutation(axis.Position(code), kMutationIndex, rng));
    if (moved != code || !axis.is_finite()) return moved;
    const double last = static_cast<double>(axis.size() - 1);
    if (code == 0) return 1;
    return code == last || rng.Uniform() < 0.5 ? code - 1 : code + 1;
  }

  const Problem problem_;
  const Options options_;
  const std::vector<Axis> axes_;
};

}  // namespace

absl::Status Validate(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(
      CheckSettingNames(problem.settings, "nsga2",
                        {"population_size", "crossover_prob", "mutation_prob", "seed", "random_state"}));
  return ReadOptions(problem).status();
}

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(RequireParameters(problem));
  QALAM_ASSIGN_OR_RETURN(const Options options, ReadOptions(problem));
  return std::make_unique<Nsga2>(problem, options);
}

}  // namespace qalam::algorithms::nsga2
