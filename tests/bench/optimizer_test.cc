#include "bench/optimizer.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "algorithms/registry.h"
#include "bench/space_parts.h"

namespace qalam::bench {
namespace {

using algorithms::Setting;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ParseOptimizers, ReadsNamesSettingsAndLabels) {
  const std::vector<Optimizer> optimizers =
      Must(ParseOptimizers(" random, sobol(seed=3, random_state=4) ,mine=random(seed=(1,2)),"));
  ASSERT_EQ(optimizers.size(), 3);
  EXPECT_EQ(optimizers[0].name, "random");
  EXPECT_EQ(optimizers[1].name, "sobol(seed=3, random_state=4)");
  EXPECT_THAT(optimizers[1].settings, ElementsAre(Setting{"seed", "3"}, Setting{"random_state", "4"}));
  EXPECT_EQ(optimizers[2].name, "mine");
  EXPECT_THAT(optimizers[2].settings, ElementsAre(Setting{"seed", "(1,2)"}));
  EXPECT_TRUE(Must(ParseOptimizers("")).empty());
}

TEST(ParseOptimizers, KnowsAllButTheGridAndSearchesOfArchitectures) {
  const std::vector<Optimizer> optimizers = Must(ParseOptimizers("all,grid"));
  const auto infos = algorithms::Algorithms();
  EXPECT_EQ(optimizers.size(), std::count_if(infos.begin(), infos.end(),
                                             [](const auto& info) { return !info.can.architectures; }));
  EXPECT_EQ(optimizers.back().name, "grid");
  EXPECT_THAT(std::string(MessageOf(ParseOptimizers("random,all").status())), HasSubstr("given twice"));
}

TEST(ParseOptimizers, SaysWhatIsWrong) {
  const auto message = [](const char* text) {
    return std::string(MessageOf(ParseOptimizers(text).status()));
  };
  EXPECT_THAT(message("sobel"), HasSubstr("unknown algorithm \"sobel\"; there are "));
  EXPECT_THAT(message("sobel"), HasSubstr("sobol"));
  EXPECT_THAT(message("random,random"), HasSubstr("\"random\" is given twice"));
  EXPECT_THAT(message("random(seed)"), HasSubstr("the setting \"seed\" should be like SETTING=VALUE"));
  EXPECT_THAT(message("random(seed=1"), HasSubstr("should be like NAME(SETTING=VALUE,...)"));
  EXPECT_THAT(message("=random"), HasSubstr("should be like"));
}

}  // namespace
}  // namespace qalam::bench
