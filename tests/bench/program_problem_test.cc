#include "bench/program_problem.h"

#include <gmock/gmock.h>

#include "bench/space_parts.h"

namespace qalam::bench {
namespace {

using algorithms::Choice;
using ::testing::HasSubstr;

ProgramOptions Options(std::string command) {
  ProgramOptions options;
  options.command = std::move(command);
  options.space = Must(algorithms::SearchSpace::Make({Real("x", 0, 10), OneOf("name", {"it's", "$HOME"})}));
  return options;
}

TEST(ProgramProblem, QuotesValuesAndLeavesOtherBracesAlone) {
  const std::string command = CommandFor(Options("f {x} --n={name} '{y}' ${x} {{x}} {"), {2.5, Choice{0}});
  EXPECT_EQ(command, "f 2.5 --n='it'\\''s' '{y}' $2.5 {x} {");
}

TEST(ProgramProblem, TakesTheLastWordOfTheOutput) {
  const Problem problem = Must(ProgramProblem(Options("echo {name}; echo loss = {x}; echo")));
  EXPECT_EQ(Must(problem.evaluate({2.5, Choice{1}})), 2.5);
  EXPECT_FALSE(problem.best);
  EXPECT_EQ(Must(Must(ProgramProblem(Options("echo loss={x}"))).evaluate({2.5, Choice{1}})), 2.5);
}

TEST(ProgramProblem, TurnsTheSignOfWhatIsMaximised) {
  ProgramOptions options = Options("echo {x}");
  options.maximize = true;
  options.best = 10;
  const Problem problem = Must(ProgramProblem(std::move(options)));
  EXPECT_EQ(problem.best, -10);
  EXPECT_EQ(Must(problem.evaluate({4.0, Choice{1}})), -4);
}

TEST(ProgramProblem, FailsWithTheProgram) {
  const auto message = [](const char* command) {
    const Problem problem = Must(ProgramProblem(Options(command)));
    return std::string(MessageOf(problem.evaluate({1.0, Choice{0}}).status()));
  };
  EXPECT_THAT(message("echo 1; exit 3"), HasSubstr("ended with code 3"));
  EXPECT_THAT(message("kill -9 $$"), HasSubstr("signal 9"));
  EXPECT_THAT(message("echo good"), HasSubstr("printed \"good\" instead of a number"));
  EXPECT_THAT(message("true"), HasSubstr("printed nothing"));
}

TEST(ProgramProblem, RefusesNothingToRun) {
  EXPECT_FALSE(ProgramProblem(Options(" ")).ok());
  ProgramOptions options = Options("echo 1");
  options.space = {};
  EXPECT_FALSE(ProgramProblem(std::move(options)).ok());
}

}  // namespace
}  // namespace qalam::bench
