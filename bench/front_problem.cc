#include "bench/front_problem.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "algorithms/hypervolume.h"
#include "base/number_text.h"
#include "bench/functions.h"
#include "bench/space_parts.h"

namespace qalam::bench {
namespace {

using algorithms::Losses;
using algorithms::Point;
using std::numbers::pi;

constexpr int kMaxDimensions = 10'000;
constexpr int kMaxLosses = 6;  // the hypervolume of more takes too long

constexpr std::array<FrontFamily, 6> kFamilies = {
    {{"zdt1", "30"}, {"zdt2", "30"}, {"zdt3", "30"}, {"zdt4", "10"}, {"zdt6", "10"}, {"dtlz2-M", "M + 9"}}};

double MeanOfRest(Coordinates x) {
  double sum = 0;
  for (const double value : x.subspan(1)) sum += value;
  return sum / static_cast<double>(x.size() - 1);
}

Losses Zdt1(Coordinates x) {
  const double g = 1 + 9 * MeanOfRest(x);
  return {x[0], g * (1 - std::sqrt(x[0] / g))};
}

Losses Zdt2(Coordinates x) {
  const double g = 1 + 9 * MeanOfRest(x), share = x[0] / g;
  return {x[0], g * (1 - share * share)};
}

Losses Zdt3(Coordinates x) {
  const double g = 1 + 9 * MeanOfRest(x), share = x[0] / g;
  return {x[0], g * (1 - std::sqrt(share) - share * std::sin(10 * pi * x[0]))};
}

Losses Zdt4(Coordinates x) {
  double g = 1;
  for (const double value : x.subspan(1)) g += 10 + value * value - 10 * std::cos(4 * pi * value);
  return {x[0], g * (1 - std::sqrt(x[0] / g))};
}

Losses Zdt6(Coordinates x) {
  const double first = 1 - std::exp(-4 * x[0]) * std::pow(std::sin(6 * pi * x[0]), 6);
  const double g = 1 + 9 * std::pow(MeanOfRest(x), 0.25), share = first / g;
  return {first, g * (1 - share * share)};
}

Losses Dtlz2(Coordinates x, size_t losses) {
  double g = 0;
  for (const double value : x.subspan(losses - 1)) g += (value - 0.5) * (value - 0.5);
  Losses result(losses, 1 + g);
  for (size_t i = 0; i < losses; ++i) {
    for (size_t j = 0; j + i + 1 < losses; ++j) result[i] *= std::cos(x[j] * pi / 2);
    if (i > 0) result[i] *= std::sin(x[losses - i - 1] * pi / 2);
  }
  return result;
}

struct Definition {
  std::vector<algorithms::Parameter> space;
  std::function<Losses(Coordinates)> losses;
  Losses reference;
  double hypervolume = 0;  // of the whole front
};

Problem Make(std::string_view name, Definition definition) {
  const auto losses = [f = std::move(definition.losses)](const Point& point) -> absl::StatusOr<Losses> {
    return f(Reals(point));
  };
  Problem problem;
  problem.name = name;
  problem.group = "front";
  problem.space = Must(algorithms::SearchSpace::Make(std::move(definition.space)));
  problem.evaluate = [losses,
                      reference = definition.reference](const Point& point) -> absl::StatusOr<double> {
    QALAM_ASSIGN_OR_RETURN(const Losses values, losses(point));
    return -algorithms::Hypervolume(std::span(&values, 1), reference);
  };
  problem.best = -definition.hypervolume;
  problem.front = Front{definition.reference, losses};
  return problem;
}

std::optional<Definition> Zdt(std::string_view name, int d) {
  std::vector<algorithms::Parameter> unit = Box(d, 0, 1);
  const Losses reference = {11, 11};
  if (name == "zdt1") return Definition{std::move(unit), Zdt1, reference, 120 + 2.0 / 3};
  if (name == "zdt2") return Definition{std::move(unit), Zdt2, reference, 120 + 1.0 / 3};
  if (name == "zdt3") return Definition{std::move(unit), Zdt3, reference, 128.77811613069076};
  if (name == "zdt4") {
    std::vector<algorithms::Parameter> space = Box(d, -5, 5);
    space[0] = Real("x0", 0, 1);
    return Definition{std::move(space), Zdt4, reference, 120 + 2.0 / 3};
  }
  if (name == "zdt6") {
    // The front is f2 = 1 - f1^2 from the least f1 on.
    constexpr double kLeast = 0.2807753191;
    const double front = 110 + 10 * (1 - kLeast) + (1 - std::pow(kLeast, 3)) / 3;
    return Definition{std::move(unit), Zdt6, reference, front};
  }
  return std::nullopt;
}

double OrthantOfUnitBall(int dimensions) {
  return std::pow(pi, dimensions / 2.0) / std::tgamma(dimensions / 2.0 + 1) / std::pow(2, dimensions);
}

// The numbers after the name: "-3-6" gives 3, 6.
std::optional<std::vector<int>> Numbers(std::string_view text) {
  std::vector<int> numbers;
  while (!text.empty()) {
    text.remove_prefix(1);
    const std::string_view part = text.substr(0, text.find('-'));
    text.remove_prefix(part.size());
    const std::optional<long long> number = ParseInt(part);
    if (!number || *number < 2 || *number > kMaxDimensions) return std::nullopt;
    numbers.push_back(static_cast<int>(*number));
  }
  return numbers;
}

}  // namespace

std::span<const FrontFamily> FrontFamilies() { return kFamilies; }

std::optional<Problem> FrontProblem(std::string_view text) {
  const std::string_view name = text.substr(0, text.find('-'));
  const std::optional<std::vector<int>> numbers = Numbers(text.substr(name.size()));
  if (!numbers) return std::nullopt;
  if (name == "dtlz2") {
    if (numbers->empty() || numbers->size() > 2 || numbers->front() > kMaxLosses) return std::nullopt;
    const int losses = numbers->front(), d = numbers->size() == 1 ? losses + 9 : numbers->back();
    if (d < losses) return std::nullopt;
    return Make(
        text, {Box(d, 0, 1), [losses](Coordinates x) { return Dtlz2(x, static_cast<size_t>(losses)); },
               Losses(static_cast<size_t>(losses), 1.1), std::pow(1.1, losses) - OrthantOfUnitBall(losses)});
  }
  if (numbers->size() > 1) return std::nullopt;
  const int usual = name == "zdt4" || name == "zdt6" ? 10 : 30;
  std::optional<Definition> definition = Zdt(name, numbers->empty() ? usual : numbers->front());
  if (!definition) return std::nullopt;
  return Make(text, *std::move(definition));
}

std::vector<Problem> FrontProblems() {
  std::vector<Problem> problems;
  for (const char* name : {"zdt1", "zdt2", "zdt3", "zdt4", "zdt6", "dtlz2-2", "dtlz2-3"})
    problems.push_back(*FrontProblem(name));
  return problems;
}

}  // namespace qalam::bench
