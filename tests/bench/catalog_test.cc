#include "bench/catalog.h"

#include <gmock/gmock.h>

#include "bench/space_parts.h"
#include "tests/bench/support.h"

namespace qalam::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Names(std::vector<std::string> texts, const CatalogOptions& options = {}) {
  std::vector<std::string> names;
  for (const ProblemChoice& choice : Must(FindProblems(texts, options))) names.push_back(choice.name);
  return names;
}

TEST(FindProblems, KnowsGroups) {
  EXPECT_EQ(Names({"suite"}).size(), 22);
  EXPECT_EQ(Names({"continuous"}).size(), 12);
  EXPECT_EQ(Names({"mixed", "table"}).size(), 10);
  EXPECT_EQ(Names({"bbob-3"}).size(), 24);
  EXPECT_THAT(Names({"ackley-3", "table", "ackley-3", "svm_digits"}),
              ElementsAre("ackley-3", "svm_digits", "svm_breast", "gb_diabetes", "rf_breast", "mlp_digits",
                          "mlp_diabetes"));
}

TEST(FindProblems, GivesEveryOneABestValueAndAScale) {
  for (const ProblemChoice& choice :
       Must(FindProblems(std::vector<std::string>{"suite", "bbob-4", "levy-3"}, {}))) {
    EXPECT_TRUE(choice.problem.best) << choice.name;
    EXPECT_GT(choice.problem.scale.value(), 0) << choice.name;
  }
}

TEST(FindProblems, AppliesModifiers) {
  EXPECT_THAT(Names({"branin2+noise=0.5+shift=3", "sphere-2+shift=1"}, {}),
              ElementsAre("branin2+noise=0.5+shift=3", "sphere-2+shift=1"));
  EXPECT_THAT(Names({"branin2", "levy8+shift=9"}, {.shift_seed = 4}),
              ElementsAre("branin2+shift=4", "levy8+shift=9"));
  const ProblemChoice choice =
      Must(FindProblems(std::vector<std::string>{"branin2+noise=0.5+shift=3"}, {})).at(0);
  EXPECT_DOUBLE_EQ(choice.problem.noise, 0.5 * *choice.problem.scale);
  EXPECT_EQ(choice.for_run(1).noise, choice.problem.noise);
  EXPECT_NE(choice.for_run(1).optimum, choice.for_run(2).optimum);
  EXPECT_EQ(choice.for_run(1).optimum, choice.for_run(1).optimum);
}

TEST(FindProblems, MakesAnotherInstanceOfABbobFunctionWhenItIsMoved) {
  const ProblemChoice choice = Must(FindProblems(std::vector<std::string>{"bbob-f1-3+shift=3"}, {})).at(0);
  const Problem one = choice.for_run(1), two = choice.for_run(2);
  EXPECT_NE(one.best, two.best);
  EXPECT_NEAR(Must(one.evaluate(*one.optimum)), *one.best, 1e-9);
}

TEST(FindProblems, PrefersTheUsersOwn) {
  Problem own;
  own.name = "mine";
  own.space = Must(algorithms::SearchSpace::Make({Real("x", 0, 1)}));
  own.is_costly = true;
  own.evaluate = [](const algorithms::Point&) -> absl::StatusOr<double> {
    ADD_FAILURE() << "a costly problem is evaluated in runs only";
    return 0;
  };
  own.best = 0;
  const std::vector<Problem> owned = {own};
  EXPECT_THAT(Names({"mine", "branin"}, {.user_problems = owned}), ElementsAre("mine", "branin"));
  EXPECT_FALSE(FindProblems(std::vector<std::string>{"mine+noise=1"}, {.user_problems = owned}).ok());
}

TEST(FindProblems, SaysWhatIsWrong) {
  const auto message = [](const std::string& name) {
    return std::string(MessageOf(FindProblems(std::vector<std::string>{name}, {}).status()));
  };
  EXPECT_THAT(message("no-such"), HasSubstr("unknown problem \"no-such\"; --list shows"));
  EXPECT_THAT(message(""), HasSubstr("unknown problem"));
  EXPECT_THAT(message("branin2+colour=1"), HasSubstr("unknown modifier \"colour\"; should be"));
  EXPECT_THAT(message("branin2+noise=-1"), HasSubstr("noise is \"-1\"; should be a number, 0 or more"));
  EXPECT_THAT(message("branin2+noise"), HasSubstr("noise is \"\""));
  EXPECT_THAT(message("branin2+shift=x"), HasSubstr("shift is \"x\"; should be a whole number"));
  EXPECT_THAT(message("branin2+"), HasSubstr("unknown modifier \"\""));
}

}  // namespace
}  // namespace qalam::bench
