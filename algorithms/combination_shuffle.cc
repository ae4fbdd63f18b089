#include "algorithms/combination_shuffle.h"

#include <algorithm>

#include "algorithms/random_engine.h"

namespace qalam::algorithms {

Permutation::Permutation(std::uint64_t size, std::uint64_t seed) : size_(size) {
  Rng rng({seed, size});
  for (int round = 0; round < kRounds; ++round) {
    round_keys_.push_back(rng.Below(size));
    round_salts_.push_back(rng());
  }
}

std::uint64_t Permutation::operator()(std::uint64_t i) const {
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t key = round_keys_[round];
    const std::uint64_t partner = key >= i ? key - i : key + (size_ - i);
    if (HashWords({round_salts_[round] ^ std::max(i, partner)}) & 1) i = partner;
  }
  return i;
}

CombinationShuffle::CombinationShuffle(const SearchSpace& space, std::uint64_t seed)
    : large_(*space.combinations() == SearchSpace::kManyCombinations),
      seed_(seed),
      permutation_(large_ ? 1 : *space.combinations(), seed) {
  for (const Parameter& parameter : space.parameters()) radices_.push_back(*parameter.cardinality());
}

std::vector<std::uint64_t> CombinationShuffle::operator()(std::uint64_t i) const {
  if (!large_) i = permutation_(i);
  std::vector<std::uint64_t> digits(radices_.size());
  for (size_t j = digits.size(); j-- > 0;) {
    digits[j] = i % radices_[j];
    i /= radices_[j];
  }
  if (large_) HashDigits(digits);
  return digits;
}

void CombinationShuffle::HashDigits(std::vector<std::uint64_t>& digits) const {
  constexpr int kRounds = 8;
  std::uint64_t all = 0;  // exclusive or of a hash per digit: one digit is taken out or put back in O(1)
  const auto term = [&](size_t j) { return HashWords({seed_, j, digits[j]}); };
  for (size_t j = 0; j < digits.size(); ++j) all ^= term(j);
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    for (size_t j = 0; j < digits.size(); ++j) {
      all ^= term(j);
      digits[j] = (digits[j] + HashWords({seed_, round, j, all}) % radices_[j]) % radices_[j];
      all ^= term(j);
    }
  }
}

}  // namespace qalam::algorithms
