// Randomness that is the same on every machine: a hash and a small generator, no std:: distributions.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace qalam::algorithms {

/// Hashes a sequence of words to 64 well-mixed bits (the finaliser of SplitMix64 [1] after each word).
/// The result is part of what makes runs repeat: DO NOT CHANGE.
///
/// [1] Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
std::uint64_t HashWords(std::initializer_list<std::uint64_t> words);

/// The same for text.
std::uint64_t HashText(std::string_view text);

/// Generator of 64-bit words, xoshiro256++ [2]; a UniformRandomBitGenerator. Cheap to make (some 5 ns), so
/// each point gets its own: Rng({seed, index}) depends on nothing that was drawn before.
///
/// Threads: one Rng per thread.
///
/// [2] Blackman, Vigna, Scrambled Linear Pseudorandom Number Generators, ACM TOMS 47(4), 2021.
class Rng {
 public:
  using result_type = std::uint64_t;

  /// The key names the stream: different keys give unrelated streams.
  Rng(std::initializer_list<std::uint64_t> key);

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  result_type operator()();

  /// Uniform on (0, 1): an odd multiple of 2^-53, so neither 0 nor 1, fit for any inverse distribution.
  double Uniform();

  /// Standard normal, from two uniform numbers (Box and Muller's first one).
  double Normal();

  /// Uniform on 0 .. bound - 1, without bias. `bound` > 0.
  std::uint64_t Below(std::uint64_t bound);

 private:
  std::uint64_t state_[4];
};

}  // namespace qalam::algorithms
