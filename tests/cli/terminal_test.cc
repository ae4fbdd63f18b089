#include "cli/terminal.h"

#include <gtest/gtest.h>

#include <map>

namespace qalam::cli {
namespace {

TerminalEnvironment Environment(bool is_terminal, std::map<std::string, std::string> variables,
                                ColorMode color = ColorMode::kAuto) {
  TerminalEnvironment environment;
  environment.is_terminal = is_terminal;
  environment.color = color;
  environment.variable = [variables = std::move(variables)](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return environment;
}

TEST(DescribeTerminal, APipeHasNoWidthAndNoColour) {
  const Terminal terminal = DescribeTerminal(Environment(false, {{"TERM", "xterm"}, {"COLUMNS", "50"}}));
  EXPECT_FALSE(terminal.interactive);
  EXPECT_EQ(terminal.width, 0);
  EXPECT_FALSE(terminal.color);
}

TEST(DescribeTerminal, ColumnsWinsOverTheKernelAndNonsenseIsIgnored) {
  TerminalEnvironment environment = Environment(true, {{"TERM", "xterm"}, {"COLUMNS", "50"}});
  environment.columns = 120;
  environment.rows = 40;
  EXPECT_EQ(DescribeTerminal(environment).width, 50);
  EXPECT_EQ(DescribeTerminal(environment).height, 40);
  for (const char* nonsense : {"", "wide", "0", "-3", "99999999999"}) {
    TerminalEnvironment odd = Environment(true, {{"TERM", "xterm"}, {"COLUMNS", nonsense}});
    odd.columns = 120;
    EXPECT_EQ(DescribeTerminal(odd).width, 120) << nonsense;
  }
  EXPECT_EQ(DescribeTerminal(Environment(true, {{"TERM", "xterm"}})).width, 80);
  EXPECT_EQ(DescribeTerminal(Environment(true, {{"TERM", "xterm"}})).height, 24);
}

TEST(DescribeTerminal, TakesUtf8FromTheFirstLocaleVariableThatIsSet) {
  EXPECT_TRUE(DescribeTerminal(Environment(true, {{"LANG", "de_DE.UTF-8"}})).utf8);
  EXPECT_TRUE(DescribeTerminal(Environment(true, {{"LC_CTYPE", "C.utf8"}, {"LANG", "C"}})).utf8);
  EXPECT_TRUE(DescribeTerminal(Environment(true, {{"LC_ALL", ""}, {"LANG", "C.UTF-8"}})).utf8);
  EXPECT_FALSE(DescribeTerminal(Environment(true, {{"LC_ALL", "POSIX"}, {"LANG", "de_DE.UTF-8"}})).utf8);
  EXPECT_FALSE(DescribeTerminal(Environment(true, {})).utf8);
}

TEST(DescribeTerminal, ColourFollowsTheFlagThenNoColorThenTheTerminal) {
  EXPECT_TRUE(DescribeTerminal(Environment(true, {{"TERM", "xterm"}})).color);
  EXPECT_TRUE(DescribeTerminal(Environment(true, {{"TERM", "xterm"}, {"NO_COLOR", ""}})).color);
  EXPECT_FALSE(DescribeTerminal(Environment(true, {{"TERM", "xterm"}, {"NO_COLOR", "1"}})).color);
  EXPECT_FALSE(DescribeTerminal(Environment(true, {{"TERM", "dumb"}})).color);
  EXPECT_TRUE(DescribeTerminal(Environment(false, {{"NO_COLOR", "1"}}, ColorMode::kAlways)).color);
  EXPECT_FALSE(DescribeTerminal(Environment(true, {{"TERM", "xterm"}}, ColorMode::kNever)).color);
}

TEST(DescribeTerminal, ADumbTerminalIsNotRepainted) {
  EXPECT_TRUE(DescribeTerminal(Environment(true, {{"TERM", "xterm"}})).interactive);
  EXPECT_FALSE(DescribeTerminal(Environment(true, {{"TERM", "dumb"}})).interactive);
  EXPECT_FALSE(DescribeTerminal(Environment(true, {})).interactive);
}

TEST(ParseColorMode, KnowsThreeWords) {
  EXPECT_EQ(ParseColorMode("always"), ColorMode::kAlways);
  EXPECT_EQ(ParseColorMode("never"), ColorMode::kNever);
  EXPECT_EQ(ParseColorMode("auto"), ColorMode::kAuto);
  EXPECT_EQ(ParseColorMode("yes"), std::nullopt);
}

}  // namespace
}  // namespace qalam::cli
