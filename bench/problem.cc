#include "bench/problem.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "algorithms/metric_constraints.h"
#include "algorithms/random_engine.h"

namespace qalam::bench {
namespace {

using algorithms::Choice;
using algorithms::HashText;
using algorithms::Parameter;
using algorithms::ParameterType;
using algorithms::Point;
using algorithms::Rng;
using algorithms::Value;

constexpr std::uint64_t kScaleStream = 0x7363616c65;
constexpr std::uint64_t kMoveStream = 0x6d6f7665;
constexpr int kScaleDraws = 4096;

// The triangle wave through 0, 1, 0 at 0, 1, 2.
double Reflect(double u) {
  u = std::abs(std::remainder(u, 2.0));
  return std::clamp(u, 0x1p-53, 1 - 0x1p-53);
}

// The same on 0 .. n-1, where each end is met twice in a row.
std::int64_t Reflect(std::int64_t i, std::int64_t n) {
  i = ((i % (2 * n)) + 2 * n) % (2 * n);
  return i < n ? i : 2 * n - 1 - i;
}

// Maps one coordinate of the moved problem to that of the original one.
class Axis {
 public:
  Axis(const Parameter& parameter, const Value& optimum, bool translate, Rng rng) : parameter_(parameter) {
    const std::optional<std::uint64_t> count = parameter.cardinality();
    if (!count) {
      const double at = 0.1 + 0.8 * rng.Uniform();
      moved_optimum_ = parameter.FromUnit(at);
      if (translate) {
        offset_ = std::get<double>(moved_optimum_) - std::get<double>(optimum);
        kind_ = Kind::kTranslate;
      } else {
        offset_ = parameter.ToUnit(moved_optimum_) - parameter.ToUnit(optimum);
        kind_ = Kind::kSlide;
      }
    } else if (parameter.type() == ParameterType::kCategorical) {
      kind_ = Kind::kPermute;
      order_.resize(*count);
      std::iota(order_.begin(), order_.end(), 0);
      for (size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[rng.Below(i)]);
      const std::uint32_t index = std::get<Choice>(optimum).index;
      const auto place = std::find(order_.begin(), order_.end(), index);
      moved_optimum_ = Choice{static_cast<std::uint32_t>(place - order_.begin())};
    } else {
      kind_ = Kind::kStep;
      const auto target = static_cast<std::int64_t>(rng.Below(*count));
      steps_ = target - static_cast<std::int64_t>(parameter.IndexOf(optimum));
      moved_optimum_ = parameter.At(target);
    }
  }

  Value Original(const Value& value) const {
    switch (kind_) {
      case Kind::kTranslate:
        return std::get<double>(value) - offset_;
      case Kind::kSlide:
        return parameter_.FromUnit(Reflect(parameter_.ToUnit(value) - offset_));
      case Kind::kStep: {
        const auto index = static_cast<std::int64_t>(parameter_.IndexOf(value));
        return parameter_.At(Reflect(index - steps_, static_cast<std::int64_t>(*parameter_.cardinality())));
      }
      case Kind::kPermute:
        return Choice{order_[std::get<Choice>(value).index]};
    }
    return value;
  }

  const Value& moved_optimum() const { return moved_optimum_; }

 private:
  enum class Kind { kTranslate, kSlide, kStep, kPermute };

  Parameter parameter_;
  Kind kind_;
  double offset_ = 0;
  std::int64_t steps_ = 0;
  std::vector<std::uint32_t> order_;
  Value moved_optimum_;
};

}  // namespace

double Regret(const Problem& problem, double value) {
  return problem.best ? std::max(0.0, value - *problem.best) : value;
}

bool KeepsConstraints(const Problem& problem, const Point& point) {
  if (!problem.space.IsFeasible(point)) return false;
  return problem.metric_constraints.empty() ||
         algorithms::Violation(problem.metric_constraints, problem.metrics(point)) == 0;
}

std::optional<double> MedianRegret(const Problem& problem) {
  if (!problem.best) return std::nullopt;
  std::vector<double> regrets, u(problem.space.size());
  for (int i = 0; i < kScaleDraws; ++i) {
    Rng rng({kScaleStream, static_cast<std::uint64_t>(i)});
    for (double& x : u) x = rng.Uniform();
    const Point point = problem.space.FromUnit(u);
    if (!KeepsConstraints(problem, point)) continue;
    const absl::StatusOr<double> value = problem.evaluate(point);
    if (!value.ok()) return std::nullopt;
    regrets.push_back(std::isnan(*value) ? std::numeric_limits<double>::infinity() : Regret(problem, *value));
  }
  if (regrets.size() < 2) return std::nullopt;
  std::sort(regrets.begin(), regrets.end());
  const double median = (regrets[(regrets.size() - 1) / 2] + regrets[regrets.size() / 2]) / 2;
  if (!(median > 0) || !std::isfinite(median)) return std::nullopt;
  return median;
}

Problem WithMovedOptimum(Problem problem, std::uint64_t seed) {
  if (!problem.optimum) return problem;
  std::vector<Axis> axes;
  Point moved;
  for (size_t i = 0; i < problem.space.size(); ++i) {
    axes.emplace_back(problem.space.parameters()[i], (*problem.optimum)[i], problem.extends,
                      Rng({seed, kMoveStream, HashText(problem.name), i}));
    moved.push_back(axes.back().moved_optimum());
  }
  problem.optimum = std::move(moved);
  const auto map = [axes = std::make_shared<const std::vector<Axis>>(std::move(axes))](const Point& point) {
    Point mapped;
    mapped.reserve(point.size());
    for (size_t i = 0; i < point.size(); ++i) mapped.push_back((*axes)[i].Original(point[i]));
    return mapped;
  };
  problem.evaluate = [original = std::move(problem.evaluate), map](const Point& point) {
    return original(map(point));
  };
  if (problem.fidelity) {
    problem.fidelity->loss = [original = std::move(problem.fidelity->loss), map](
                                 const Point& point, int epoch) { return original(map(point), epoch); };
  }
  return problem;
}

}  // namespace qalam::bench
