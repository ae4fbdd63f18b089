#include "bench/suite.h"

#include <array>
#include <cmath>
#include <memory>
#include <numbers>

#include "bench/continuous.h"
#include "bench/embedded_tables.h"
#include "bench/functions.h"
#include "bench/space_parts.h"
#include "bench/table_problem.h"

namespace qalam::bench {
namespace {

using algorithms::Choice;
using algorithms::Parameter;
using algorithms::Point;
using std::numbers::pi;

// Where the optimum of a shifted function lies, as a share of half the range from its centre.
constexpr std::array kOffCentre = {0.37, -0.52, 0.24, 0.61, -0.43, -0.18, 0.55, -0.33, 0.47, -0.64};

Problem Shifted(std::string name, std::function<double(Coordinates)> function, double bound, int dimensions) {
  std::vector<double> at(dimensions);
  for (int i = 0; i < dimensions; ++i) at[i] = bound * kOffCentre[i];
  const auto moved = [function = std::move(function), at](Coordinates x) {
    std::vector<double> z(x.size());
    for (size_t i = 0; i < z.size(); ++i) z[i] = x[i] - at[i];
    return function(z);
  };
  return Continuous(std::move(name), "continuous", Box(dimensions, -bound, bound), moved, 0, at, true);
}

Problem AtHome(std::string name, std::function<double(Coordinates)> function, std::vector<Parameter> box,
               double best, std::vector<double> optimum, bool extends = true) {
  return Continuous(std::move(name), "continuous", std::move(box), std::move(function), best,
                    std::move(optimum), extends);
}

std::function<double(Coordinates)> RotatedEllipsoid() {
  const auto rotation = std::make_shared<const std::vector<double>>(EmbeddedRotation());
  return [rotation](Coordinates x) {
    std::vector<double> z(x.size(), 0.0);
    for (size_t i = 0; i < z.size(); ++i) {
      for (size_t j = 0; j < z.size(); ++j) z[i] += (*rotation)[i * z.size() + j] * x[j];
    }
    return Ellipsoid(z, 4);
  };
}

Problem Mixed(std::string name, std::vector<Parameter> parameters, double (*function)(const Point&),
              double best, Point optimum) {
  return {.name = std::move(name),
          .group = "mixed",
          .space = Must(algorithms::SearchSpace::Make(std::move(parameters))),
          .evaluate = [function](const Point& point) -> absl::StatusOr<double> { return function(point); },
          .best = best,
          .optimum = std::move(optimum)};
}

double BraninOnGrid(const Point& p) {
  return Branin(static_cast<double>(WholeAt(p, 0)), 0.5 * static_cast<double>(WholeAt(p, 1)));
}

// Two categories choose one of 15 landscapes over the same square, in the manner of func2C of Ru et al.,
// Bayesian Optimisation over Multiple Continuous and Categorical Inputs, ICML 2020.
double FifteenLandscapes(const Point& p) {
  const double x = RealAt(p, 2), y = RealAt(p, 3);
  double value = 0;
  switch (ChoiceAt(p, 0)) {
    case 0:
      value = Branin(2.5 + 7.5 * x, 7.5 + 7.5 * y) / 50;
      break;
    case 1:
      value = SixHumpCamel(2 * x, y);
      break;
    case 2:
      value = std::log1p(Beale(4.5 * x, 4.5 * y));
      break;
    case 3:
      value = std::log1p(Rosenbrock(std::array{2 * x, 2 * y})) / 2;
      break;
    default:
      value = Levy(std::array{10 * x, 10 * y}) / 20;
  }
  switch (ChoiceAt(p, 1)) {
    case 0:
      return value + 0.3;
    case 1:
      return value + (x - 0.3) * (x - 0.3) + (y + 0.4) * (y + 0.4);
    default:
      return value + 0.15 * (1 + std::sin(6 * x + 2) * std::cos(5 * y));
  }
}

// A simulated validation error. The best learning rate depends on optimiser and depth; momentum matters to
// the first two optimisers only.
double ValidationError(const Point& p) {
  constexpr double kBestRate[] = {-1.0, -1.7, -3.1, -2.8}, kFloor[] = {0.05, 0.015, 0.01, 0.0};
  const std::uint32_t optimizer = ChoiceAt(p, 2);
  const double layers = static_cast<double>(WholeAt(p, 3)) - 3;
  const double units = std::log2(static_cast<double>(WholeAt(p, 4))) - 7;
  const double miss = std::log10(RealAt(p, 0)) - kBestRate[optimizer] + 0.15 * layers;
  double error = 0.04 + kFloor[optimizer];
  error += 0.86 * (1 - std::exp(-0.5 * std::pow(miss / 0.8, 2)));
  error += 0.004 * layers * layers + 0.012 * units * units / 4;
  error += 0.01 * std::pow(std::log10(RealAt(p, 1)) + 4 + 0.3 * miss, 2);
  error += 0.3 * std::pow(RealAt(p, 5) - 0.2, 2);
  if (optimizer < 2) error += 0.5 * std::pow(RealAt(p, 6) - 0.9, 2);
  return error;
}

// Three ordered lists, two categories, a whole number and two reals that interact; `decay` is inactive while
// the schedule is the first one.
double OrderedLists(const Point& p) {
  constexpr double kSize[] = {1, 2, 3, 5, 7, 9, 11};
  constexpr double kRate[] = {0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9};
  constexpr double kActivation[] = {0.1, 0.4, 0.8, 0.0};
  const double doublings = static_cast<double>(WholeAt(p, 0)) - 2;  // of the batch, from 64
  const double size = kSize[WholeAt(p, 1)] - 5, rate = kRate[WholeAt(p, 2)] - 0.1;
  const double depth = static_cast<double>(WholeAt(p, 5)) - 7;
  const double miss = std::log10(RealAt(p, 6)) + 3 - 0.5 * doublings * std::log10(2.0);
  double value = 1.5 * miss * miss + 0.05 * doublings * doublings;
  value += 0.03 * size * size + 2.0 * rate * rate + 0.02 * depth * depth + kActivation[ChoiceAt(p, 3)];
  const std::uint32_t schedule = ChoiceAt(p, 4);
  if (schedule == 0) return value + 0.25;
  const double decay = RealAt(p, 7) - (schedule == 1 ? 0.7 : 0.3);
  return value + (schedule == 1 ? 0.08 : 0.0) + 1.2 * decay * decay;
}

std::vector<Problem> Build() {
  std::vector<Problem> suite = {
      AtHome("branin2", [](Coordinates x) { return Branin(x[0], x[1]); },
             {Real("x0", -5, 10), Real("x1", 0, 15)}, 0.39788735772973816, {pi, 2.275}),
      AtHome("hartmann3", Hartmann3, Box(3, 0, 1), -3.8627797873327187, {0.114589, 0.555649, 0.852547}),
      AtHome("hartmann6", Hartmann6, Box(6, 0, 1), -3.322368011415513,
             {0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573}),
      Shifted("ackley5", Ackley, 32.768, 5),
      Shifted("ackley10", Ackley, 32.768, 10),
      AtHome("rosenbrock5", Rosenbrock, Box(5, -5, 10), 0, std::vector<double>(5, 1.0)),
      AtHome("levy8", Levy, Box(8, -10, 10), 0, std::vector<double>(8, 1.0)),
      AtHome("styblinski4", StyblinskiTang, Box(4, -5, 5), -156.66466281508566,
             std::vector<double>(4, -2.9035340)),
      Shifted("griewank6", Griewank, 600, 6),
      AtHome("michalewicz5", Michalewicz, Box(5, 0, pi), -4.68765817908815,
             {2.202906, 1.570796, 1.284992, 1.923058, 1.720470}, /*extends=*/false),
      Shifted("rastrigin5", Rastrigin, 5.12, 5),
      Shifted("ellipsoid10", RotatedEllipsoid(), 5, 10),
      Mixed("branin_mixed", {Whole("x0", -5, 10), Level("x1", 31)}, BraninOnGrid, 0.4979107097873232,
            {std::int64_t{-3}, std::int64_t{24}}),
      Mixed("func2c_like",
            {OneOf("base", {"branin", "camel", "beale", "rosenbrock", "levy"}),
             OneOf("extra", {"none", "bowl", "ripple"}), Real("x", -1, 1), Real("y", -1, 1)},
            FifteenLandscapes, -1.0192580227748227,
            {Choice{1}, Choice{2}, -0.047791331936770445, 0.6972059238864723}),
      Mixed("hpo_bowl",
            {LogReal("lr", 1e-5, 1), LogReal("weight_decay", 1e-7, 1e-1),
             OneOf("optimizer", {"sgd", "momentum", "rmsprop", "adam"}), Whole("layers", 1, 8),
             LogWhole("units", 16, 1024), Real("dropout", 0, 0.8), Real("momentum", 0, 0.99)},
            ValidationError, 0.04,
            {std::pow(10.0, -2.8), 1e-4, Choice{3}, std::int64_t{3}, std::int64_t{128}, 0.2, 0.5}),
      Mixed("mixed_ordinal",
            {Level("batch", 7), Level("size", 7), Level("rate", 8),
             OneOf("act", {"relu", "tanh", "sigmoid", "gelu"}),
             OneOf("schedule", {"constant", "step", "cosine"}), Whole("depth", 1, 16), LogReal("lr", 1e-6, 1),
             Real("decay", 0, 1)},
            OrderedLists, 0,
            {std::int64_t{2}, std::int64_t{3}, std::int64_t{2}, Choice{3}, Choice{2}, std::int64_t{7}, 1e-3,
             0.3}),
  };
  for (const EmbeddedTable& table : EmbeddedTables()) {
    suite.push_back(Must(TableProblem(table.name, table.csv, table.json)));
  }

  // Median regret of 4,096 random points, as the other libraries' results are scored with.
  constexpr double kScales[] = {33.9056, 3.32007,   3.21453,  21.4311,  21.5022,  405484.0, 90.8856,  125.885,
                                266.856, 4.25921,   118.676,  191169.0, 34.6028,  3.25661,  0.772478, 5.50268,
                                0.132,   0.0439367, 0.173161, 0.0559,   0.102565, 0.102246};
  for (size_t i = 0; i < suite.size(); ++i) suite[i].scale = kScales[i];
  return suite;
}

}  // namespace

const std::vector<Problem>& Suite() {
  static const auto* const suite = new std::vector<Problem>(Build());
  return *suite;
}

}  // namespace qalam::bench
