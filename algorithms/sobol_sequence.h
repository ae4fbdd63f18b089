// Sobol points and their scrambling.
#pragma once

#include <cstdint>
#include <vector>

namespace qalam::algorithms {

/// The Sobol sequence with the direction numbers of Joe and Kuo [1] (file new-joe-kuo-6), in Gray-code order,
/// from its origin on. 64-bit digits: a word w stands for w / 2^64. From Boost.Random, which leaves the
/// origin out; it is kept here, because without it the first 2^m points are no longer a net [2].
///
/// [1] Joe, Kuo, Constructing Sobol sequences with better two-dimensional projections, SIAM J. Sci.
///     Comput. 30, 2008.
/// [2] Owen, On dropping the first Sobol' point, MCQMC 2020.
class SobolSequence {
 public:
  static constexpr std::size_t kMaxDimensions = 3667;

  explicit SobolSequence(std::size_t dimensions);  // 1 .. kMaxDimensions

  /// Points first, ..., first + count - 1, one after another: count x dimensions words.
  /// first + count < 2^63. O(dimensions (64 + count)).
  std::vector<std::uint64_t> Words(std::uint64_t first, std::size_t count) const;

 private:
  std::size_t dimensions_;
};

/// Nested uniform scrambling [3] of one coordinate: each binary digit is flipped or not by a hash of the
/// seed, the dimension and all digits before it [4]. Every point becomes uniform on the unit interval, every
/// net stays a net. 32 digits are scrambled one by one; the rest, which no net of fewer than 2^32 points
/// depends on, are hashed at once. The result is in (0, 1). A pure function; some 100 ns.
///
/// [3] Owen, Randomly Permuted (t,m,s)-Nets and (t,s)-Sequences, MCQMC 1994, LNS 106, 1995.
/// [4] Burley, Practical Hash-based Owen Scrambling, JCGT 9(4), 2020. There one hash does all digits,
/// approximately.
double ScrambledUnit(std::uint64_t word, std::uint64_t seed, std::uint64_t dimension);

/// Point number `index` of the sequence, scrambled: what algorithm "sobol" proposes under this seed. Coordinates
/// beyond kMaxDimensions are independent draws. O(64 dimensions).
std::vector<double> ScrambledSobolPoint(std::uint64_t index, std::size_t dimensions, std::uint64_t seed);

}  // namespace qalam::algorithms
