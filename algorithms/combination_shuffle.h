// All combinations of a finite space in a random order, any one of them found without the others.
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/search_space.h"

namespace qalam::algorithms {

/// A pseudo-random permutation of 0 .. size - 1: swap-or-not [1] with 128 rounds. Every argument is met
/// exactly once. Cost: some 300 ns a call; no memory that grows with size. Threads: immutable.
///
/// [1] Hoang, Morris, Rogaway, An Enciphering Scheme Based on a Card Shuffle, CRYPTO 2012.
class Permutation {
 public:
  Permutation(std::uint64_t size, std::uint64_t seed);  // 1 <= size <= 2^63

  std::uint64_t operator()(std::uint64_t i) const;  // i < size

 private:
  static constexpr int kRounds = 128;
  std::uint64_t size_;
  std::vector<std::uint64_t> round_keys_, round_salts_;
};

/// A bijection from 0 .. space.combinations() - 1 to the points of a finite space, given as value numbers
/// (see SearchSpace::At). Spaces of fewer than 2^63 points use Permutation on the mixed-radix number. Larger
/// ones (10^30 is common) start from the mixed-radix digits of i and add to each digit in turn a hash of all
/// the others, 8 times over: a Feistel network with modular addition, one-to-one whatever the hash. Of those
/// only the first 2^63 are reachable. Cost: O(d). Threads: immutable.
class CombinationShuffle {
 public:
  CombinationShuffle(const SearchSpace& space, std::uint64_t seed);  // space.combinations() has a value

  std::vector<std::uint64_t> operator()(std::uint64_t i) const;

 private:
  void HashDigits(std::vector<std::uint64_t>& digits) const;

  std::vector<std::uint64_t> radices_;
  bool large_;
  std::uint64_t seed_;
  Permutation permutation_;  // of the mixed-radix numbers, unless large_
};

}  // namespace qalam::algorithms
