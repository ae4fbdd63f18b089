#include "algorithms/feasible_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "algorithms/sobol_sequence.h"
#include "base/extensions.h"
#include "base/number_text.h"

namespace qalam::algorithms {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kRejections = 64;
constexpr int kSweeps = 8;           // of Gibbs' sampler
constexpr int kProjections = 200;    // rounds through the constraints
constexpr int kSteps = 64;           // of single values on their grids
constexpr double kOvershoot = 1e-9;  // of a projection, so that alternating ones end
constexpr int kTries = 16;           // of CheckFeasible, each with as many rejections and repairs

struct Interval {
  double lower = -kInfinity, upper = kInfinity;
};

Point Draw(const SearchSpace& space, Rng& rng) {
  Point point;
  point.reserve(space.size());
  for (const Parameter& parameter : space.parameters()) point.push_back(parameter.FromUnit(rng.Uniform()));
  return space.Canonical(std::move(point));
}

bool Applies(const LinearConstraint& constraint, const std::vector<bool>& active) {
  return std::all_of(constraint.terms.begin(), constraint.terms.end(),
                     [&](const auto& term) { return active[term.parameter]; });
}

// Within the bounds of its numbers.
Interval RangeOf(const SearchSpace& space, size_t j) {
  const Parameter& parameter = space.parameters()[j];
  if (parameter.is_numeric()) return {parameter.range().min, parameter.range().max};
  Interval range{kInfinity, -kInfinity};
  for (std::uint32_t i = 0; i < parameter.list().size(); ++i) {
    const double number = space.NumberOf(j, Choice{i});
    range = {std::min(range.lower, number), std::max(range.upper, number)};
  }
  return range;
}

// The value nearest to a number within the range.
Value ValueAt(const SearchSpace& space, size_t j, double number) {
  const Parameter& parameter = space.parameters()[j];
  if (parameter.type() == ParameterType::kInt) {
    return parameter.At(parameter.IndexOf(static_cast<std::int64_t>(std::llround(number))));
  }
  if (parameter.type() == ParameterType::kDouble) {
    const double x = std::clamp(number, parameter.range().min, parameter.range().max);
    return parameter.cardinality() ? parameter.At(parameter.IndexOf(x)) : x;
  }
  Choice nearest;
  for (std::uint32_t i = 1; i < parameter.list().size(); ++i) {
    const double distance = std::fabs(space.NumberOf(j, Choice{i}) - number);
    if (distance < std::fabs(space.NumberOf(j, nearest) - number)) nearest = Choice{i};
  }
  return nearest;
}

// The next value in a direction; nothing at the end of the range.
std::optional<Value> Neighbour(const SearchSpace& space, size_t j, const Value& value, bool up) {
  const Parameter& parameter = space.parameters()[j];
  if (parameter.is_numeric()) {
    if (!parameter.cardinality()) return std::nullopt;
    const std::uint64_t index = parameter.IndexOf(value);
    if (up ? index + 1 == *parameter.cardinality() : index == 0) return std::nullopt;
    return parameter.At(up ? index + 1 : index - 1);
  }
  const double now = space.NumberOf(j, value);
  std::optional<Value> next;
  double distance = kInfinity;
  for (std::uint32_t i = 0; i < parameter.list().size(); ++i) {
    const double ahead = (space.NumberOf(j, Choice{i}) - now) * (up ? 1 : -1);
    if (ahead > 0 && ahead < distance) {
      distance = ahead;
      next = Choice{i};
    }
  }
  return next;
}

// Moves the active numbers into all half-spaces, in turns.
void Project(const SearchSpace& space, const std::vector<bool>& active, Point& point) {
  std::vector<double> x(space.size());
  std::vector<Interval> range(space.size());
  for (const LinearConstraint& constraint : space.constraints()) {
    for (const auto& term : constraint.terms) {
      x[term.parameter] = space.NumberOf(term.parameter, point[term.parameter]);
      range[term.parameter] = RangeOf(space, term.parameter);
    }
  }
  std::vector<bool> moved(space.size(), false);
  for (int round = 0; round < kProjections; ++round) {
    bool settled = true;
    for (const LinearConstraint& constraint : space.constraints()) {
      if (!Applies(constraint, active)) continue;
      double excess = -constraint.bound, size = std::fabs(constraint.bound), squares = 0;
      for (const auto& [j, coefficient] : constraint.terms) {
        const double width = range[j].upper - range[j].lower;
        excess += coefficient * x[j];
        size += std::fabs(coefficient * x[j]);
        squares += coefficient * width * coefficient * width;
      }
      if (constraint.strict) excess += 1e-9 * size;
      if (excess <= 0 || !(squares > 0)) continue;
      settled = false;
      for (const auto& [j, coefficient] : constraint.terms) {
        const double width = range[j].upper - range[j].lower;
        const double step = excess * (1 + kOvershoot) * coefficient * width * width / squares;
        x[j] = std::clamp(x[j] - step, range[j].lower, range[j].upper);
        moved[j] = true;
      }
    }
    if (settled) break;
  }
  for (size_t j = 0; j < space.size(); ++j) {
    if (moved[j]) point[j] = ValueAt(space, j, x[j]);
  }
}

// Steps from grid value to grid value out of constraints that rounding has broken.
void StepInside(const SearchSpace& space, const std::vector<bool>& active, Point& point) {
  for (int step = 0; step < kSteps; ++step) {
    bool settled = true;
    for (const LinearConstraint& constraint : space.constraints()) {
      if (!Applies(constraint, active) || space.Excess(constraint, point) <= 0) continue;
      settled = false;
      // The shortest step that suffices, else the longest.
      const double excess = space.Excess(constraint, point);
      std::optional<std::pair<size_t, Value>> best;
      double best_gain = 0;
      for (const auto& [j, coefficient] : constraint.terms) {
        const std::optional<Value> next = Neighbour(space, j, point[j], coefficient < 0);
        if (!next) continue;
        const double gain = std::fabs(coefficient * (space.NumberOf(j, *next) - space.NumberOf(j, point[j])));
        const bool better = best_gain >= excess ? gain >= excess && gain < best_gain : gain > best_gain;
        if (!better) continue;
        best = {j, *next};
        best_gain = gain;
      }
      if (best) point[best->first] = best->second;
    }
    if (settled) return;
  }
}

// Where the numbers of parameter j may lie, the other values as they are.
Interval Slice(const SearchSpace& space, const std::vector<bool>& active, const Point& point, size_t j) {
  Interval slice;
  for (const LinearConstraint& constraint : space.constraints()) {
    if (!Applies(constraint, active)) continue;
    double rest = constraint.bound, own = 0;
    for (const auto& [k, coefficient] : constraint.terms) {
      if (k == j) {
        own = coefficient;
      } else {
        rest -= coefficient * space.NumberOf(k, point[k]);
      }
    }
    if (own > 0) slice.upper = std::min(slice.upper, rest / own);
    if (own < 0) slice.lower = std::max(slice.lower, rest / own);
  }
  return slice;
}

// A draw of one value, given the others. A continuous one is drawn from its slice; others may have to be refused.
Value Redrawn(const SearchSpace& space, const std::vector<bool>& active, const Point& point, size_t j,
              Rng& rng) {
  const Parameter& parameter = space.parameters()[j];
  const double u = rng.Uniform();
  if (!parameter.is_numeric() || !active[j]) return parameter.FromUnit(u);
  const auto [lower, upper] = Slice(space, active, point, j);
  const double low = std::max(lower, parameter.range().min), high = std::min(upper, parameter.range().max);
  if (!(low <= high)) return point[j];
  if (!parameter.cardinality()) {
    const double from = parameter.ToUnit(low), to = parameter.ToUnit(high);
    return std::clamp(std::get<double>(parameter.FromUnit(from + u * (to - from))), low, high);
  }
  const double from = parameter.CellAt(parameter.IndexOf(ValueAt(space, j, low))).lower;
  const double to = parameter.CellAt(parameter.IndexOf(ValueAt(space, j, high))).upper;
  return parameter.FromUnit(from + u * (to - from));
}

void Sweep(const SearchSpace& space, Point& point, Rng& rng) {
  for (size_t j = 0; j < space.size(); ++j) {
    Point next = point;
    next[j] = Redrawn(space, space.Active(point), point, j, rng);
    next = space.Canonical(std::move(next));
    if (space.IsFeasible(next)) point = std::move(next);
  }
}

std::string Text(const SearchSpace& space, const LinearConstraint& constraint) {
  std::string text;
  for (const auto& [j, coefficient] : constraint.terms) {
    text +=
        fmt::format("{}{}{}", text.empty() ? (coefficient < 0 ? "-" : "") : (coefficient < 0 ? " - " : " + "),
                    std::fabs(coefficient) == 1 ? "" : NumberText(std::fabs(coefficient)) + "*",
                    space.parameters()[j].name());
  }
  return fmt::format("{} {} {}", text, constraint.strict ? "<" : "<=", NumberText(constraint.bound));
}

absl::Status CheckBox(const SearchSpace& space) {
  std::vector<bool> conditional(space.size(), false);
  for (const Condition& condition : space.conditions()) conditional[condition.parameter] = true;
  for (const LinearConstraint& constraint : space.constraints()) {
    Point lowest(space.size());
    double least = 0;
    bool always = true;
    for (size_t j = 0; j < space.size(); ++j) lowest[j] = space.parameters()[j].FromUnit(0.5);
    for (const auto& [j, coefficient] : constraint.terms) {
      const Interval range = RangeOf(space, j);
      always = always && !conditional[j];
      lowest[j] = ValueAt(space, j, coefficient > 0 ? range.lower : range.upper);
      least += coefficient * space.NumberOf(j, lowest[j]);
    }
    if (!always || space.Excess(constraint, lowest) <= 0) continue;
    return absl::InvalidArgumentError(
        fmt::format("{}: no point of the search space keeps the constraint {}: its left side is {} at least",
                    kConstraintsExtension, Text(space, constraint), NumberText(least)));
  }
  return absl::OkStatus();
}

}  // namespace

std::optional<Point> Repair(const SearchSpace& space, Point point) {
  point = space.Canonical(std::move(point));
  // A parent that moves may bring its children in, with constraints of their own.
  for (int round = 0; round < 4; ++round) {
    if (space.IsFeasible(point)) return point;
    const std::vector<bool> active = space.Active(point);
    Project(space, active, point);
    StepInside(space, active, point);
    point = space.Canonical(std::move(point));
  }
  return space.IsFeasible(point) ? std::optional(std::move(point)) : std::nullopt;
}

std::optional<Point> DrawFeasible(const SearchSpace& space, Rng& rng) {
  std::optional<Point> found;
  Point drawn;
  for (int i = 0; i < kRejections; ++i) {
    drawn = Draw(space, rng);
    if (space.IsFeasible(drawn)) return drawn;
  }
  for (int i = 0; i < kRejections && !found; ++i) found = Repair(space, i == 0 ? drawn : Draw(space, rng));
  for (int i = 0; i < kSweeps && found; ++i) Sweep(space, *found, rng);
  return found;
}

absl::StatusOr<Point> DrawFeasibleOrFail(const SearchSpace& space, Rng& rng) {
  if (std::optional<Point> point = DrawFeasible(space, rng)) return *std::move(point);
  return absl::OutOfRangeError("SpaceExhausted: no point was found that keeps all constraints");
}

absl::StatusOr<Point> SpreadFeasible(const SearchSpace& space, std::uint64_t number, std::uint64_t seed) {
  Point point = space.Canonical(space.FromUnit(ScrambledSobolPoint(number, space.size(), seed)));
  if (space.IsFeasible(point)) return point;
  Rng rng({seed, number});
  return DrawFeasibleOrFail(space, rng);
}

absl::StatusOr<Point> NearestFeasible(const SearchSpace& space, Point point, Rng& rng) {
  if (std::optional<Point> repaired = Repair(space, std::move(point))) return *std::move(repaired);
  return DrawFeasibleOrFail(space, rng);
}

absl::Status CheckFeasible(const SearchSpace& space) {
  if (space.constraints().empty()) return absl::OkStatus();
  QALAM_RETURN_IF_ERROR(CheckBox(space));
  Rng rng({0x6665617369626c65});
  for (int i = 0; i < kTries; ++i) {
    if (DrawFeasible(space, rng)) return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("{}: no point that keeps all constraints was found in {} tries", kConstraintsExtension,
                  kTries * 2 * kRejections));
}

}  // namespace qalam::algorithms
