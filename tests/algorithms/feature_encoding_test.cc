#include "algorithms/feature_encoding.h"

#include <gmock/gmock.h>

#include "algorithms/random_engine.h"
#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::OneOf;
using testing::Real;
using testing::Whole;
using Kind = FeatureColumn::Kind;

SearchSpace MixedSpace() {
  return testing::Must(
      SearchSpace::Make({Real("x", 0, 4), Real("l", 1e-4, 1, {}, Distribution::kLogUniform), Whole("n", 1, 8),
                         testing::Must(Parameter::Discrete("d", {"3", "2", "6.5", "-1e3"})),
                         testing::Must(Parameter::Discrete("t", {"3", "x"})), OneOf("c", {"a", "b", "c"}),
                         Real("one", 2, 2), Real("s", 0, 1, 0.25, Distribution::kNormal)}));
}

TEST(FeatureEncoding, TellsKindsApart) {
  const FeatureEncoding encoding(MixedSpace());
  std::vector<Kind> kinds;
  std::vector<std::uint64_t> levels;
  for (const FeatureColumn& column : encoding.columns()) {
    kinds.push_back(column.kind);
    levels.push_back(column.levels);
  }
  using enum FeatureColumn::Kind;
  EXPECT_THAT(kinds, ::testing::ElementsAre(kSmooth, kSmooth, kOrdered, kOrdered, kCategorical, kCategorical,
                                            kOrdered, kOrdered));
  EXPECT_THAT(levels, ::testing::ElementsAre(0, 0, 8, 4, 2, 3, 1, 5));
}

TEST(FeatureEncoding, PutsNumericListsInTheirOrder) {
  const FeatureEncoding encoding(MixedSpace());
  const Point point = {1.0, 0.01, std::int64_t{3}, Choice{2}, Choice{1}, Choice{2}, 2.0, 0.5};
  const Eigen::RowVectorXd row = encoding.Encode(point);
  EXPECT_NEAR(row[0], 0.25, 1e-15);
  EXPECT_NEAR(row[1], 0.5, 1e-15);
  EXPECT_NEAR(row[2], 2.5 / 8, 1e-15);
  EXPECT_NEAR(row[3], 3.5 / 4, 1e-15);  // 6.5 is the largest of four
  EXPECT_EQ(row[4], 1);
  EXPECT_EQ(row[5], 2);
  EXPECT_NEAR(row[7], 0.5, 1e-15);
  EXPECT_EQ(encoding.Decode(row)[3], point[3]);
}

TEST(FeatureEncoding, DecodesWhatItEncodesAndSnapsToIt) {
  const SearchSpace space = MixedSpace();
  const FeatureEncoding encoding(space);
  Rng rng({7});
  std::vector<double> u(space.size());
  for (int i = 0; i < 200; ++i) {
    for (double& x : u) x = rng.Uniform();
    Eigen::RowVectorXd row = encoding.FromUnit(u);
    const Point point = encoding.Decode(row);
    EXPECT_LT((encoding.Encode(point) - row).cwiseAbs().maxCoeff(), 1e-12);
    Eigen::RowVectorXd snapped = row;
    encoding.Snap(snapped);
    EXPECT_LT((snapped - row).cwiseAbs().maxCoeff(), 1e-12);
    for (Eigen::Index j = 0; j < encoding.size(); ++j) {
      if (encoding.columns()[j].kind == Kind::kSmooth) continue;
      EXPECT_EQ(encoding.ValueAt(j, encoding.IndexAt(j, row[j])), row[j]) << j;
    }
  }
}

TEST(FeatureEncoding, SnapsNumbersBetweenAndBeyondTheValues) {
  const FeatureEncoding encoding(MixedSpace());
  Eigen::RowVectorXd row(8);
  row << 1.5, -2, 0.30, 0.62, 0.4, 7, 0.5, 0.52;
  encoding.Snap(row);
  EXPECT_NEAR(row[0], 1, 1e-15);
  EXPECT_NEAR(row[1], 0, 1e-15);
  EXPECT_NEAR(row[2], 2.5 / 8, 1e-15);
  EXPECT_NEAR(row[3], 2.5 / 4, 1e-15);
  EXPECT_EQ(row[4], 0);
  EXPECT_EQ(row[5], 2);
  EXPECT_NEAR(row[7], 0.5, 1e-15);
}

}  // namespace
}  // namespace qalam::algorithms
