#include "algorithms/sobol_sequence.h"

#include <boost/random/sobol.hpp>

#include "algorithms/random_engine.h"

namespace qalam::algorithms {

SobolSequence::SobolSequence(std::size_t dimensions) : dimensions_(dimensions) {
  static_assert(kMaxDimensions == BOOST_RANDOM_SOBOL_MAX_DIMENSION);
}

std::vector<std::uint64_t> SobolSequence::Words(std::uint64_t first, std::size_t count) const {
  std::vector<std::uint64_t> words;
  words.reserve(count * dimensions_);
  if (count > 0 && first == 0) words.resize(dimensions_, 0);
  boost::random::sobol engine(dimensions_);
  if (first > 1) engine.seed(first - 1);
  while (words.size() < count * dimensions_) words.push_back(engine());
  return words;
}

double ScrambledUnit(std::uint64_t word, std::uint64_t seed, std::uint64_t dimension) {
  constexpr int kLevels = 32;
  const std::uint64_t key = HashWords({seed, dimension});
  std::uint64_t flips = 0;
  for (int level = 0; level < kLevels; ++level) {
    // A leading one keeps prefixes of different lengths apart.
    const std::uint64_t prefix = level == 0 ? 1 : (std::uint64_t{1} << level) | (word >> (64 - level));
    flips = flips << 1 | (HashWords({key ^ prefix}) & 1);
  }
  const std::uint64_t high = (word >> 32) ^ flips;
  const std::uint64_t low = HashWords({key, word}) >> 32;
  return (static_cast<double>((high << 32 | low) >> 12) + 0.5) * 0x1p-52;
}

std::vector<double> ScrambledSobolPoint(std::uint64_t index, std::size_t dimensions, std::uint64_t seed) {
  const std::size_t covered = std::min(dimensions, SobolSequence::kMaxDimensions);
  const std::vector<std::uint64_t> words = SobolSequence(covered).Words(index, 1);
  Rng rng({seed, index});
  std::vector<double> u(dimensions);
  for (std::size_t j = 0; j < dimensions; ++j) {
    u[j] = j < covered ? ScrambledUnit(words[j], seed, j) : rng.Uniform();
  }
  return u;
}

}  // namespace qalam::algorithms
