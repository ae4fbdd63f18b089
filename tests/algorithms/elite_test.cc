#include "algorithms/elite.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "algorithms/random_engine.h"

namespace qalam::algorithms {
namespace {

using ::testing::ElementsAre;

Observation Of(Losses losses, double violation = 0) {
  Observation o;
  o.value = losses.front();
  o.losses = std::move(losses);
  o.violation = violation;
  return o;
}

std::vector<size_t> Indices(const std::vector<EliteMember>& members) {
  std::vector<size_t> indices;
  for (const EliteMember& member : members) indices.push_back(member.index);
  return indices;
}

TEST(Elite, TakesWholeFrontsFirst) {
  const std::vector<Observation> seen = {Of({5, 5}), Of({1, 4}), Of({2, 5}), Of({4, 1}), Of({6, 6})};
  const std::vector<EliteMember> elite = EliteOf(seen, 3);
  EXPECT_THAT(Indices(elite), ElementsAre(1, 2, 3));
  EXPECT_EQ(elite[0].rank, 0u);
  EXPECT_EQ(elite[1].rank, 1u);
  EXPECT_TRUE(IsFitter(elite[0], elite[1]));
}

TEST(Elite, RemovesTheMostCrowdedOneAfterAnother) {
  // 2 and 3 are neighbours with equally little room: both gone at once would leave a gap between 4 and 5. Then 4 has
  // less room than 5, by the place of 2.
  const std::vector<Observation> seen = {Of({0, 10}),    Of({10, 0}), Of({4.9, 5.1}),
                                         Of({5.1, 4.9}), Of({1, 9}),  Of({9, 1})};
  EXPECT_THAT(Indices(EliteOf(seen, 5)), ElementsAre(0, 1, 2, 4, 5));
  EXPECT_THAT(Indices(EliteOf(seen, 4)), ElementsAre(0, 1, 2, 5));
}

TEST(Elite, PutsWhatBreaksConstraintsLastByHowMuch) {
  constexpr double kMissing = std::numeric_limits<double>::infinity();
  const std::vector<Observation> seen = {Of({1}, kMissing), Of({2}, 1), Of({3}, 1), Of({9}), Of({4}, 1.5)};
  const std::vector<EliteMember> elite = EliteOf(seen, 5);
  std::vector<size_t> ranks;
  for (const EliteMember& member : elite) ranks.push_back(member.rank);
  EXPECT_THAT(ranks, ElementsAre(3, 1, 1, 0, 2));
  EXPECT_THAT(Indices(EliteOf(seen, 2)), ::testing::Contains(3));
}

TEST(Elite, OfOneObjectiveIsTheBest) {
  Rng rng({5});
  std::vector<Observation> seen;
  for (int i = 0; i < 57; ++i) seen.push_back(Of({rng.Uniform()}));
  std::vector<double> all, kept;
  for (const Observation& o : seen) all.push_back(o.value);
  for (const EliteMember& member : EliteOf(seen, 10)) kept.push_back(seen[member.index].value);
  std::sort(all.begin(), all.end());
  std::sort(kept.begin(), kept.end());
  EXPECT_EQ(kept, std::vector<double>(all.begin(), all.begin() + 10));
}

TEST(Elite, ChangesOnlyByWhatIsNewAtTheEnd) {
  Rng rng({6});
  std::vector<Observation> seen;
  for (int i = 0; i < 40; ++i) seen.push_back(Of({rng.Uniform(), rng.Uniform()}));
  const std::vector<size_t> before = Indices(EliteOf(seen, 20));
  seen.push_back(Of({2, 2}));  // dominated by all
  EXPECT_EQ(Indices(EliteOf(seen, 20)), before);
}

}  // namespace
}  // namespace qalam::algorithms
