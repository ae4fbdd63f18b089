#include "bench/classical.h"

#include <cmath>
#include <memory>
#include <numbers>
#include <string>

#include "algorithms/random_engine.h"
#include "base/number_text.h"
#include "bench/continuous.h"
#include "bench/functions.h"
#include "bench/rotation.h"
#include "bench/space_parts.h"

namespace qalam::bench {
namespace {

using std::numbers::pi;

constexpr int kMaxDimensions = 10'000;
constexpr int kMaxRotated = 500;  // a rotation has the square of that many numbers

constexpr ClassicalFunction kFunctions[] = {
    {"ackley"},        {"beale", 2},
    {"branin", 2},     {"dixon-price"},
    {"ellipsoid"},     {"goldstein-price", 2},
    {"griewank"},      {"hartmann-3", 3},
    {"hartmann-6", 6}, {"levy"},
    {"michalewicz"},   {"rastrigin"},
    {"rosenbrock"},    {"rotated-ellipsoid"},
    {"schwefel"},      {"six-hump-camel", 2},
    {"sphere"},        {"styblinski-tang"},
    {"zakharov"},
};

// Lowest point of one coordinate's share, by a grid fine enough for its i valleys and golden sections.
double MichalewiczOptimum(int i) {
  const int cells = 200 * (i + 1);
  double best = 0, at = 0;
  for (int k = 0; k <= cells; ++k) {
    const double x = pi * k / cells, value = MichalewiczTerm(x, i);
    if (value < best) best = value, at = x;
  }
  double low = std::max(0.0, at - pi / cells), high = std::min(pi, at + pi / cells);
  constexpr double kShare = 0.6180339887498949;
  for (int step = 0; step < 80; ++step) {
    const double left = high - kShare * (high - low), right = low + kShare * (high - low);
    (MichalewiczTerm(left, i) < MichalewiczTerm(right, i) ? high : low) =
        MichalewiczTerm(left, i) < MichalewiczTerm(right, i) ? right : left;
  }
  return (low + high) / 2;
}

std::function<double(Coordinates)> RotatedEllipsoid(int dimensions) {
  const auto rotation =
      std::make_shared<const Rotation>(RandomRotation(dimensions, algorithms::HashText("rotated-ellipsoid")));
  return [rotation](Coordinates x) { return Ellipsoid(rotation->Apply(x), 4); };
}

struct NameAndDimensions {
  std::string_view name;
  int dimensions = 0;
};

std::optional<NameAndDimensions> Split(std::string_view text) {
  for (const ClassicalFunction& function : kFunctions) {
    if (text == function.name && function.dimensions > 0) return NameAndDimensions{text, function.dimensions};
  }
  const size_t dash = text.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::optional<long long> dimensions = ParseInt(text.substr(dash + 1));
  if (!dimensions || *dimensions < 1 || *dimensions > kMaxDimensions) return std::nullopt;
  for (const ClassicalFunction& function : kFunctions) {
    if (text.substr(0, dash) == function.name &&
        (function.dimensions == 0 || function.dimensions == *dimensions)) {
      return NameAndDimensions{function.name, static_cast<int>(*dimensions)};
    }
  }
  return std::nullopt;
}

}  // namespace

std::span<const ClassicalFunction> ClassicalFunctions() { return kFunctions; }

std::optional<Problem> Classical(std::string_view text) {
  const std::optional<NameAndDimensions> parts = Split(text);
  if (!parts) return std::nullopt;
  const auto [name, d] = *parts;
  const auto make = [&, d = d](std::function<double(Coordinates)> function, double min, double max,
                               double best, std::vector<double> optimum, bool extends = true) {
    return Continuous(std::string(text), "continuous", Box(d, min, max), std::move(function), best,
                      std::move(optimum), extends);
  };
  const auto all = [d = d](double value) { return std::vector<double>(d, value); };

  if (name == "ackley") return make(Ackley, -32.768, 32.768, 0, all(0));
  if (name == "beale") return make([](Coordinates x) { return Beale(x[0], x[1]); }, -4.5, 4.5, 0, {3, 0.5});
  if (name == "branin") {
    return Continuous(
        std::string(text), "continuous", {Real("x0", -5, 10), Real("x1", 0, 15)},
        [](Coordinates x) { return Branin(x[0], x[1]); }, 0.39788735772973816, {pi, 2.275}, true);
  }
  if (name == "dixon-price") {
    std::vector<double> optimum(d, 1.0);
    for (int i = 1; i < d; ++i) optimum[i] = std::sqrt(optimum[i - 1] / 2);
    return make(DixonPrice, -10, 10, 0, std::move(optimum));
  }
  if (name == "ellipsoid") return make([](Coordinates x) { return Ellipsoid(x, 6); }, -5, 5, 0, all(0));
  if (name == "goldstein-price") {
    return make([](Coordinates x) { return GoldsteinPrice(x[0], x[1]); }, -2, 2, 3, {0, -1}, false);
  }
  if (name == "griewank") return make(Griewank, -600, 600, 0, all(0));
  if (name == "hartmann-3") return make(Hartmann3, 0, 1, -3.8627797873327187, {0.114589, 0.555649, 0.852547});
  if (name == "hartmann-6") {
    return make(Hartmann6, 0, 1, -3.322368011415513,
                {0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573});
  }
  if (name == "levy") return make(Levy, -10, 10, 0, all(1));
  if (name == "michalewicz") {
    double best = 0;
    std::vector<double> optimum;
    for (int i = 1; i <= d; ++i) {
      optimum.push_back(MichalewiczOptimum(i));
      best += MichalewiczTerm(optimum.back(), i);
    }
    return make(Michalewicz, 0, pi, best, std::move(optimum), false);
  }
  if (name == "rastrigin") return make(Rastrigin, -5.12, 5.12, 0, all(0));
  if (name == "rosenbrock") {
    if (d < 2) return std::nullopt;
    return make(Rosenbrock, -5, 10, 0, all(1));
  }
  if (name == "rotated-ellipsoid") {
    if (d > kMaxRotated) return std::nullopt;
    return make(RotatedEllipsoid(d), -5, 5, 0, all(0));
  }
  if (name == "schwefel") return make(Schwefel, -500, 500, 0, all(420.96874635998202), false);
  if (name == "six-hump-camel") {
    return Continuous(
        std::string(text), "continuous", {Real("x0", -3, 3), Real("x1", -2, 2)},
        [](Coordinates x) { return SixHumpCamel(x[0], x[1]); }, -1.0316284534898774,
        {0.08984201368301331, -0.7126564032704135}, true);
  }
  if (name == "sphere") return make(Sphere, -5, 5, 0, all(0));
  if (name == "styblinski-tang")
    return make(StyblinskiTang, -5, 5, -39.16616570377141 * d, all(-2.903534027771177));
  if (name == "zakharov") return make(Zakharov, -5, 10, 0, all(0));
  return std::nullopt;
}

}  // namespace qalam::bench
