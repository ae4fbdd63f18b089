#include "bench/earlier_problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "algorithms/random_engine.h"

namespace qalam::bench {
namespace {

using algorithms::Point;
using Loss = std::function<absl::StatusOr<double>(const Point&)>;

constexpr std::uint64_t kStream = 0x6561726c696572;
constexpr double kMove = 0.05;

Loss Sibling(const Problem& problem) {
  return [space = problem.space, loss = problem.evaluate](const Point& point) -> absl::StatusOr<double> {
    std::vector<double> u = space.ToUnit(point);
    for (size_t i = 0; i < u.size(); ++i) {
      if (!space.parameters()[i].is_numeric()) continue;
      u[i] += i % 2 == 0 ? kMove : -kMove;
      u[i] = std::clamp(u[i], 1e-9, 1 - 1e-9);
    }
    QALAM_ASSIGN_OR_RETURN(const double value, loss(space.FromUnit(u)));
    return 100 + 5 * value;
  };
}

bool SameTypes(const algorithms::SearchSpace& a, const algorithms::SearchSpace& b) {
  return std::equal(a.parameters().begin(), a.parameters().end(), b.parameters().begin(),
                    b.parameters().end(), [](const auto& left, const auto& right) {
                      return left.type() == right.type() &&
                             (left.is_numeric() || left.list().size() == right.list().size());
                    });
}

}  // namespace

absl::StatusOr<Loss> EarlierLoss(const Problem& problem, std::string_view name,
                                 const std::function<std::vector<Problem>(std::string_view)>& find) {
  if (problem.front || !problem.metric_constraints.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: after is for problems with one loss and no bounds on metrics", problem.name));
  }
  if (name == "sibling") return Sibling(problem);
  if (name == "contrary") {
    return [loss = problem.evaluate](const Point& point) -> absl::StatusOr<double> {
      QALAM_ASSIGN_OR_RETURN(const double value, loss(point));
      return -value;
    };
  }
  const std::vector<Problem> found = find(name);
  if (found.size() != 1 || !SameTypes(found.front().space, problem.space)) {
    return absl::InvalidArgumentError(fmt::format(
        "{}: after is \"{}\"; should be sibling, contrary or a problem with parameters of the same types",
        problem.name, name));
  }
  return [here = problem.space, there = found.front().space, loss = found.front().evaluate](
             const Point& point) { return loss(there.FromUnit(here.ToUnit(point))); };
}

algorithms::EarlierExperiment EarlierTrialsOf(const Problem& problem, std::uint64_t seed) {
  algorithms::EarlierExperiment earlier{"earlier", {}};
  for (int i = 0; i < kEarlierTrials; ++i) {
    algorithms::Rng rng({seed, kStream, static_cast<std::uint64_t>(i)});
    std::vector<double> u(problem.space.size());
    for (double& v : u) v = rng.Uniform();
    algorithms::Trial& trial = earlier.trials.emplace_back();
    trial.name = fmt::format("earlier-{}", i);
    trial.number = i;
    trial.point = problem.space.FromUnit(u);
    const absl::StatusOr<double> loss = problem.earlier_loss(*trial.point);
    trial.status = loss.ok() ? algorithms::TrialStatus::kSucceeded : algorithms::TrialStatus::kFailed;
    trial.objectives = {loss.value_or(std::nan(""))};
  }
  return earlier;
}

}  // namespace qalam::bench
