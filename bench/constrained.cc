#include "bench/constrained.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <utility>

#include "algorithms/metric_constraints.h"
#include "bench/space_parts.h"
#include "bench/suite.h"

namespace qalam::bench {
namespace {

using algorithms::Choice;
using algorithms::Condition;
using algorithms::Point;
using algorithms::SearchSpace;
using std::numbers::pi;

using Function = double (*)(const Point&);
using Metrics = std::vector<double> (*)(const Point&);

Problem Make(std::string name, std::string group, SearchSpace space, Function function, double best) {
  return {.name = std::move(name),
          .group = std::move(group),
          .space = std::move(space),
          .evaluate = [function](const Point& point) -> absl::StatusOr<double> { return function(point); },
          .best = best};
}

// Each metric is to be at most 0.
Problem Constrained(std::string name, SearchSpace space, Function function, Metrics metrics, size_t count,
                    double best) {
  Problem problem = Make(std::move(name), "constrained", std::move(space), function, best);
  for (size_t i = 0; i < count; ++i) {
    problem.metric_constraints.push_back({"c" + std::to_string(i + 1), /*at_most=*/true, 0});
  }
  problem.metrics = metrics;
  return problem;
}

SearchSpace Space(std::vector<algorithms::Parameter> parameters) {
  return Must(SearchSpace::Make(std::move(parameters)));
}

Problem Gardner1() {
  return Constrained(
      "gardner-1", Space(Box(2, 0, 6)),
      [](const Point& p) {
        return std::cos(2 * RealAt(p, 0)) * std::cos(RealAt(p, 1)) + std::sin(RealAt(p, 0));
      },
      [](const Point& p) { return std::vector{std::cos(RealAt(p, 0) + RealAt(p, 1)) - 0.5}; }, 1, -2);
}

Problem Gardner2() {
  return Constrained(
      "gardner-2", Space(Box(2, 0, 6)), [](const Point& p) { return std::sin(RealAt(p, 0)) + RealAt(p, 1); },
      [](const Point& p) { return std::vector{std::sin(RealAt(p, 0)) * std::sin(RealAt(p, 1)) + 0.95}; }, 1,
      std::asin(0.95) - 1);
}

Problem Gramacy() {
  return Constrained(
      "gramacy", Space(Box(2, 0, 1)), [](const Point& p) { return RealAt(p, 0) + RealAt(p, 1); },
      [](const Point& p) {
        const double x = RealAt(p, 0), y = RealAt(p, 1);
        return std::vector{1.5 - x - 2 * y - 0.5 * std::sin(2 * pi * (x * x - 2 * y)), x * x + y * y - 1.5};
      },
      2, 0.5997880520100676);
}

// Thickness of shell and head, radius and length: the cost of a vessel that holds 750 cubic feet.
Problem PressureVessel() {
  const auto thickness = [](std::string name) {
    return Must(algorithms::Parameter::Double(std::move(name), {0.0625, 6.1875, 0.0625, {}}));
  };
  SearchSpace space =
      Space({thickness("shell"), thickness("head"), Real("radius", 10, 200), Real("length", 10, 200)});
  space =
      Must(space.WithConstraints({{{{2, 0.0193}, {0, -1}}, 0, false}, {{{2, 0.00954}, {1, -1}}, 0, false}}));
  return Constrained(
      "pressure-vessel", std::move(space),
      [](const Point& p) {
        const double shell = RealAt(p, 0), head = RealAt(p, 1), radius = RealAt(p, 2), length = RealAt(p, 3);
        return 0.6224 * shell * radius * length + 1.7781 * head * radius * radius +
               3.1661 * shell * shell * length + 19.84 * shell * shell * radius;
      },
      [](const Point& p) {
        const double radius = RealAt(p, 2), length = RealAt(p, 3);
        const double volume = pi * radius * radius * length + 4.0 / 3 * pi * radius * radius * radius;
        return std::vector{1 - volume / 1'296'000};
      },
      1, 6059.714335048436);
}

// Three binary choices lead to one of four leaves; a leaf has a parameter of its own and one it shares with its neighbour.
Problem JenattonTree() {
  SearchSpace space =
      Space({OneOf("x1", {"0", "1"}), OneOf("x2", {"0", "1"}), OneOf("x3", {"0", "1"}), Real("x4", -1, 1),
             Real("x5", -1, 1), Real("x6", -1, 1), Real("x7", -1, 1), Real("r8", 0, 1), Real("r9", 0, 1)});
  const auto where = [](size_t parameter, size_t parent, std::uint32_t entry) {
    return Condition{parameter, parent, Condition::Test::kIn, {Choice{entry}}, 0};
  };
  space = Must(space.WithConditions({where(1, 0, 0), where(2, 0, 1), where(3, 1, 0), where(4, 1, 1),
                                     where(5, 2, 0), where(6, 2, 1), where(7, 0, 0), where(8, 0, 1)}));
  return Make(
      "jenatton-tree", "conditional", std::move(space),
      [](const Point& p) {
        const bool right = ChoiceAt(p, 0) == 1;
        const size_t leaf = right ? 5 + ChoiceAt(p, 2) : 3 + ChoiceAt(p, 1);
        return RealAt(p, leaf) * RealAt(p, leaf) + 0.1 + RealAt(p, right ? 8 : 7);
      },
      0.1);
}

Problem SvmDigits() {
  const std::vector<Problem>& suite = Suite();
  Problem problem =
      *std::find_if(suite.begin(), suite.end(), [](const Problem& p) { return p.name == "svm_digits"; });
  problem.name += "-conditional";
  problem.group = "conditional";
  problem.optimum.reset();
  const auto parameters = problem.space.parameters();
  const auto place = [&](std::string_view name) {
    return static_cast<size_t>(
        std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.name() == name; }) -
        parameters.begin());
  };
  const size_t kernel = place("kernel");
  problem.space = Must(problem.space.WithConditions(
      {{place("gamma"), kernel, Condition::Test::kNotIn, {*parameters[kernel].Parse("linear")}, 0}}));
  return problem;
}

Problem Blind(const Problem& problem) {
  Problem blind = problem;
  blind.name += "-blind";
  blind.group += "-blind";
  blind.space = Space({problem.space.parameters().begin(), problem.space.parameters().end()});
  blind.metric_constraints.clear();
  blind.metrics = nullptr;
  blind.scale = MedianRegret(problem);
  blind.evaluate = [problem](const Point& point) -> absl::StatusOr<double> {
    if (!KeepsConstraints(problem, point)) return absl::FailedPreconditionError("a constraint is violated");
    return problem.evaluate(point);
  };
  return blind;
}

}  // namespace

const std::vector<Problem>& ConstrainedProblems() {
  static const auto& problems = *[] {
    auto made = std::make_unique<std::vector<Problem>>();
    *made = {Gardner1(), Gardner2(), Gramacy(), PressureVessel(), JenattonTree(), SvmDigits()};
    for (size_t i = 0, count = made->size(); i < count; ++i) made->push_back(Blind((*made)[i]));
    return made.release();
  }();
  return problems;
}

}  // namespace qalam::bench
