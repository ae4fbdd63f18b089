#include "algorithms/initial_design.h"

#include <vector>

#include "algorithms/combination_shuffle.h"
#include "algorithms/random_engine.h"
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
  const Eigen::RowVectorXd first = encoding.FromUnit(u);
  if (!tried.Contains(first)) return first;
  for (int redraw = 0; redraw < kRedraws; ++redraw) {
    for (double& x : u) x = rng.Uniform();
    const Eigen::RowVectorXd row = encoding.FromUnit(u);
    if (!tried.Contains(row)) return row;
  }
  const std::optional<std::uint64_t> combinations = space.combinations();
  if (!combinations) return first;
  const CombinationShuffle shuffle(space, HashWords({seed, index}));
  for (std::uint64_t i = 0; i < std::min(*combinations, kMaxScanned); ++i) {
    const Eigen::RowVectorXd row = encoding.Encode(space.At(shuffle(i)));
    if (!tried.Contains(row)) return row;
  }
  return first;
}

}  // namespace qalam::algorithms
