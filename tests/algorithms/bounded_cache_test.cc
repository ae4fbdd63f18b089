#include "algorithms/bounded_cache.h"

#include <gtest/gtest.h>

namespace qalam::algorithms {
namespace {

TEST(BoundedCache, KeepsWhatWasUsedLast) {
  BoundedCache<int> cache(3);
  for (int key = 1; key <= 3; ++key) cache.Put(key, std::make_shared<int>(10 * key), 1);
  EXPECT_EQ(*cache.Get(1), 10);
  cache.Put(4, std::make_shared<int>(40), 1);
  EXPECT_EQ(cache.Get(2), nullptr);
  EXPECT_NE(cache.Get(1), nullptr);
  EXPECT_NE(cache.Get(3), nullptr);
  cache.Put(5, std::make_shared<int>(50), 2);
  EXPECT_EQ(cache.Get(4), nullptr);
  EXPECT_EQ(cache.Get(1), nullptr);
  EXPECT_EQ(*cache.Get(3), 30);
}

TEST(BoundedCache, RefusesWhatIsTooLargeAndKeepsTheFirst) {
  BoundedCache<int> cache(3);
  cache.Put(1, std::make_shared<int>(1), 1);
  cache.Put(2, std::make_shared<int>(2), 4);
  cache.Put(1, std::make_shared<int>(3), 1);
  EXPECT_EQ(cache.Get(2), nullptr);
  EXPECT_EQ(*cache.Get(1), 1);
}

}  // namespace
}  // namespace qalam::algorithms
