#include "algorithms/end_rule_text.h"

#include <gtest/gtest.h>

#include <string>

namespace qalam::algorithms {
namespace {

TEST(EndRule, ReadsItsEntries) {
  const auto rule = ParseEndRule(" confidence = 0.9;patience=10\n\n improvement < 1e-3 ; min_trials = 20;");
  ASSERT_TRUE(rule.ok()) << rule.status();
  EXPECT_EQ(rule->improvement, 0.001);
  EXPECT_FALSE(rule->relative);
  EXPECT_EQ(rule->confidence, 0.9);
  EXPECT_EQ(rule->patience, 10);
  EXPECT_EQ(rule->min_trials, 20);
}

TEST(EndRule, AShareOfTheBestValue) {
  const auto rule = ParseEndRule("improvement<2.5%");
  ASSERT_TRUE(rule.ok()) << rule.status();
  EXPECT_DOUBLE_EQ(rule->improvement, 0.025);
  EXPECT_TRUE(rule->relative);
  EXPECT_EQ(rule->confidence, 0.95);
  EXPECT_EQ(rule->patience, 10);
  EXPECT_EQ(rule->min_trials, 0);
}

TEST(EndRule, RefusesOtherTexts) {
  const auto refusal = [](std::string_view text) {
    const auto rule = ParseEndRule(text);
    EXPECT_TRUE(absl::IsInvalidArgument(rule.status())) << text;
    return std::string(rule.status().message());
  };
  EXPECT_EQ(refusal(""), "should say what is not worth a trial, as in \"improvement < 0.001\"");
  EXPECT_EQ(refusal("confidence = 0.9"),
            "should say what is not worth a trial, as in \"improvement < 0.001\"");
  EXPECT_EQ(refusal("improvement = 0.1"), "\"improvement = 0.1\": should be improvement < VALUE");
  EXPECT_EQ(refusal("improvement"), "\"improvement\": should be improvement < VALUE");
  for (const char* text : {"improvement < 0", "improvement < -1", "improvement < nan", "improvement < inf",
                           "improvement < ", "improvement < %", "improvement < one"}) {
    EXPECT_NE(refusal(text).find("improvement should be a number above 0"), std::string::npos) << text;
  }
  EXPECT_EQ(refusal("improvement < 1; improvement < 2"), "\"improvement < 2\": improvement is given twice");
  EXPECT_EQ(refusal("improvement < 1; budget = 2"),
            "\"budget = 2\": \"budget\" is none of improvement, confidence, patience, min_trials");
  for (const char* text : {"confidence = 1", "confidence = 0.3", "confidence = high", "confidence < 0.9"})
    EXPECT_NE(refusal(std::string("improvement < 1; ") + text).find("confidence"), std::string::npos) << text;
  EXPECT_EQ(refusal("improvement < 1; patience = -1"),
            "\"patience = -1\": should be a whole number from 0 to 2147483647");
  EXPECT_EQ(refusal("improvement < 1; min_trials = 0"),
            "\"min_trials = 0\": should be a whole number from 1 to 2147483647");
}

}  // namespace
}  // namespace qalam::algorithms
