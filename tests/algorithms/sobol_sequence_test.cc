#include "algorithms/sobol_sequence.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

namespace qalam::algorithms {
namespace {

// The first lines of the file new-joe-kuo-6.21201 (d s a m_i), for dimensions 2 to 10.
struct DirectionNumbers {
  unsigned s, a;
  std::vector<std::uint64_t> m;
};
const DirectionNumbers kJoeKuo[] = {
    {1, 0, {1}},
    {2, 1, {1, 3}},
    {3, 1, {1, 3, 1}},
    {3, 2, {1, 1, 1}},
    {4, 1, {1, 1, 3, 3}},
    {4, 4, {1, 3, 5, 13}},
    {5, 2, {1, 1, 5, 5, 17}},
    {5, 4, {1, 1, 5, 5, 5}},
    {5, 7, {1, 1, 7, 11, 19}},
};

// Coordinate of point i, by the recurrence of Joe and Kuo 2008: x_i = XOR of m_k / 2^k over the bits of the
// Gray code.
std::uint64_t Published(size_t dimension, std::uint64_t i) {
  std::vector<std::uint64_t> m(64, 1);
  if (dimension > 0) {
    const auto& [s, a, initial] = kJoeKuo[dimension - 1];
    for (unsigned k = 0; k < 64; ++k) {
      if (k < s) {
        m[k] = initial[k];
        continue;
      }
      m[k] = m[k - s] ^ (m[k - s] << s);
      for (unsigned j = 1; j < s; ++j) {
        if (a >> (s - 1 - j) & 1) m[k] ^= m[k - j] << j;
      }
    }
  }
  const std::uint64_t gray = i ^ (i >> 1);
  std::uint64_t word = 0;
  for (unsigned k = 0; k < 64; ++k) {
    if (gray >> k & 1) word ^= m[k] << (63 - k);
  }
  return word;
}

TEST(SobolSequence, FollowsThePublishedDirectionNumbers) {
  const SobolSequence sequence(10);
  const std::vector<std::uint64_t> words = sequence.Words(0, 1024);
  for (std::uint64_t i = 0; i < 1024; ++i) {
    for (size_t j = 0; j < 10; ++j)
      ASSERT_EQ(words[i * 10 + j], Published(j, i)) << "point " << i << ", dimension " << j;
  }
}

TEST(SobolSequence, BeginsAsInTheTextbooks) {
  const double expected[][2] = {{0, 0}, {.5, .5}, {.75, .25}, {.25, .75}, {.375, .375}, {.875, .875}};
  const std::vector<std::uint64_t> words = SobolSequence(2).Words(0, 6);
  for (int i = 0; i < 6; ++i) {
    for (int j = 0; j < 2; ++j)
      EXPECT_EQ(std::ldexp(static_cast<double>(words[i * 2 + j]), -64), expected[i][j]);
  }
}

TEST(SobolSequence, ContinuesFromAnyPoint) {
  const SobolSequence sequence(3);
  const std::vector<std::uint64_t> all = sequence.Words(0, 40);
  for (size_t first = 0; first < 40; ++first) {
    const std::vector<std::uint64_t> rest = sequence.Words(first, 40 - first);
    EXPECT_TRUE(std::equal(rest.begin(), rest.end(), all.begin() + static_cast<std::ptrdiff_t>(first * 3)))
        << first;
  }
  EXPECT_EQ(sequence.Words(1'000'000'000'000'000, 1)[1], Published(1, 1'000'000'000'000'000));
  EXPECT_TRUE(sequence.Words(5, 0).empty());
}

// A scrambled (0, m, 1)-net in each coordinate, and a (0, m, 2)-net in the first two: every elementary
// interval of area 2^-m holds exactly one of 2^m points.
TEST(ScrambledUnit, KeepsTheNet) {
  constexpr int kBits = 8, kPoints = 1 << kBits;
  const std::vector<std::uint64_t> words = SobolSequence(2).Words(0, kPoints);
  for (std::uint64_t seed : {0u, 1u, 77u}) {
    for (int split = 0; split <= kBits; ++split) {
      std::set<std::pair<int, int>> boxes;
      for (int i = 0; i < kPoints; ++i) {
        boxes.emplace(std::floor(std::ldexp(ScrambledUnit(words[2 * i], seed, 0), split)),
                      std::floor(std::ldexp(ScrambledUnit(words[2 * i + 1], seed, 1), kBits - split)));
      }
      EXPECT_EQ(boxes.size(), static_cast<size_t>(kPoints)) << "seed " << seed << ", split " << split;
    }
  }
}

// Over seeds each scrambled point is uniform: mean 1/2 with standard deviation 1 / sqrt(12 n) = 0.0065 for n
// = 2,000, and variance 1/12 = 0.0833 with standard deviation 0.0017. Five of them: a false alarm in 2 of a
// million seeds.
TEST(ScrambledUnit, MakesEveryPointUniformOverSeeds) {
  for (const std::uint64_t word :
       {std::uint64_t{0}, std::uint64_t{1} << 63, std::uint64_t{0x123456789abcdef0}}) {
    double sum = 0, squares = 0;
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
      const double u = ScrambledUnit(word, seed, 3);
      ASSERT_GT(u, 0);
      ASSERT_LT(u, 1);
      sum += u;
      squares += (u - 0.5) * (u - 0.5);
    }
    EXPECT_NEAR(sum / 2000, 0.5, 0.0325);
    EXPECT_NEAR(squares / 2000, 1.0 / 12, 0.0085);
  }
}

TEST(ScrambledUnit, DependsOnSeedAndDimension) {
  EXPECT_NE(ScrambledUnit(42, 1, 0), ScrambledUnit(42, 2, 0));
  EXPECT_NE(ScrambledUnit(42, 1, 0), ScrambledUnit(42, 1, 1));
}

TEST(ScrambledSobolPoint, GoesOnBeyondTheDimensionsOfTheSequence) {
  const std::size_t dimensions = SobolSequence::kMaxDimensions + 20;
  const std::vector<double> point = ScrambledSobolPoint(3, dimensions, 7);
  const std::vector<std::uint64_t> words = SobolSequence(SobolSequence::kMaxDimensions).Words(3, 1);
  ASSERT_EQ(point.size(), dimensions);
  for (std::size_t j = 0; j < words.size(); ++j) ASSERT_EQ(point[j], ScrambledUnit(words[j], 7, j));
  const std::set<double> rest(point.begin() + SobolSequence::kMaxDimensions, point.end());
  EXPECT_EQ(rest.size(), 20u);
  EXPECT_GT(*rest.begin(), 0);
  EXPECT_LT(*rest.rbegin(), 1);
}

}  // namespace
}  // namespace qalam::algorithms
