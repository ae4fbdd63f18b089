#include "algorithms/initial_design.h"

#include <algorithm>
#include <vector>

#include "algorithms/feasible_points.h"
#include "algorithms/random_engine.h"
#include "algorithms/shuffled_points.h"
#include "algorithms/sobol_sequence.h"

namespace qalam::algorithms {
namespace {

constexpr int kRedraws = 32;
constexpr std::uint64_t kMaxScanned = 65'536;  // bounds the work in a space with a few untried points

}  // namespace

Eigen::RowVectorXd DesignPoint(const SearchSpace& space, const FeatureEncoding& encoding, std::uint64_t seed,
                               std::int64_t number, const RowSet& tried) {
  const auto index = static_cast<std::uint64_t>(number);
  std::vector<double> u(space.size());
  Rng rng({seed, index, 0x64657369676e});
  if (u.size() <= SobolSequence::kMaxDimensions) {
    const std::vector<std::uint64_t> words = SobolSequence(u.size()).Words(index, 1);
    for (size_t j = 0; j < u.size(); ++j) u[j] = ScrambledUnit(words[j], seed, j);
  } else {
    for (double& x : u) x = rng.Uniform();
  }
  const auto to_row = [&] {
    if (!space.has_rules()) return encoding.FromUnit(u);
    Point point = space.Canonical(encoding.Decode(encoding.FromUnit(u)));
    if (!space.IsFeasible(point)) point = DrawFeasible(space, rng).value_or(point);
    return encoding.Encode(point);
  };
  const Eigen::RowVectorXd first = to_row();
  if (!tried.Contains(first)) return first;
  for (int redraw = 0; redraw < kRedraws; ++redraw) {
    for (double& x : u) x = rng.Uniform();
    const Eigen::RowVectorXd row = to_row();
    if (!tried.Contains(row)) return row;
  }
  const std::optional<ShuffledPoints> points = ShuffledPoints::Make(space, HashWords({seed, index}));
  if (!points) return first;
  for (std::uint64_t i = 0; i < std::min(points->size(), kMaxScanned); ++i) {
    const Point point = (*points)(i);
    const Eigen::RowVectorXd row = encoding.Encode(point);
    if (!tried.Contains(row) && space.IsFeasible(point)) return row;
  }
  return first;
}

}  // namespace qalam::algorithms
