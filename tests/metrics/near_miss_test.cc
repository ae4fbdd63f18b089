#include "metrics/near_miss.h"

#include <gmock/gmock.h>

#include "metrics/json_collector.h"
#include "metrics/text_collector.h"

namespace qalam::metrics {
namespace {

using testing::HasSubstr;

struct Case {
  const char* metric;
  const char* line;
  const char* value;  // that the remedy reads
  const char* name;   // remedy
  bool filter;        // whether a filter is part of the remedy
  const char* why;    // part of it
};

class Text : public testing::TestWithParam<Case> {};

// The advice is followed: a collector with it must read the value.
TEST_P(Text, ThatTheDefaultFilterMissesComesWithARemedyThatWorks) {
  const auto miss = FindNearMiss({.metric = GetParam().metric}, GetParam().line);
  ASSERT_TRUE(miss.has_value()) << GetParam().line;
  EXPECT_EQ(miss->line, GetParam().line);
  EXPECT_EQ(miss->value, GetParam().value);
  EXPECT_EQ(miss->name, GetParam().name);
  EXPECT_EQ(!miss->filter.empty(), GetParam().filter) << miss->filter;
  EXPECT_THAT(miss->why, HasSubstr(GetParam().why));
  const std::string name = miss->name.empty() ? GetParam().metric : miss->name;
  std::vector<std::string> filters;
  if (!miss->filter.empty()) filters.push_back(miss->filter);
  std::vector<MetricPoint> points;
  TextCollector({name}, *TextFilters::Compile(filters)).Read({.text = GetParam().line}, points);
  ASSERT_FALSE(points.empty());
  EXPECT_EQ(points.back().value, GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    NearMiss, Text,
    testing::Values(Case{"loss", "loss: 0.5", "0.5", "", true, "\":\""},
                    Case{"loss", "epoch 3: loss : 1e-3, acc: 0.9", "1e-3", "", true, "\":\""},
                    Case{"loss", "val_loss=0.3", "0.3", "val_loss", false, "\"val_loss\""},
                    Case{"loss", "Loss=0.3", "0.3", "Loss", false, "\"Loss\""},
                    Case{"loss", "Loss: 0.3", "0.3", "Loss", true, "\"Loss\""},
                    Case{"loss", R"({"epoch": 1, "loss": 0.25})", "0.25", "", true, "JSON"},
                    Case{"loss", R"({"loss": "0.25"})", "0.25", "", true, "JSON"},
                    Case{"loss", "step 7 loss 0.25", "0.25", "", true, "no \"=\""},
                    Case{"loss", "loss -> 0.25", "0.25", "", true, "stands between"},
                    Case{"loss", "the loss is -2", "-2", "", true, "stands between"},
                    Case{"loss", "| loss | 0.25 |", "0.25", "", true, "stands between"},
                    Case{"train/loss", "train/loss=0.5", "0.5", "", true, "ends a name"},
                    Case{"f1.score", "f1.score: 0.5", "0.5", "", true, "ends a name"},
                    Case{"accuracy", "acuracy=0.9", "0.9", "acuracy", false, "\"acuracy\""},
                    Case{"validation_accuracy", "accuracy=0.9", "0.9", "accuracy", false, "\"accuracy\""}));

TEST(FindNearMiss, PrefersTheNearestNameThenTheSmallestChangeThenTheLastLine) {
  const auto value = [](std::string_view output) { return FindNearMiss({.metric = "loss"}, output)->value; };
  EXPECT_EQ(value("val_loss=1\nloss: 2\nLoss=3\n"), "2");
  EXPECT_EQ(value("Loss: 1\nLoss=2\n"), "2");
  EXPECT_EQ(value("Loss=1\nLoss=2\nLoss: 3"), "2");
  EXPECT_EQ(value("loss: 1\r\nloss: 2\r\n"), "2");
}

TEST(FindNearMiss, SaysNothingWhereNothingIsNear) {
  for (const char* output : {"", "\n\n", "training done", "epoch=1 lr=0.1", "loss=", "loss=nan", "12345",
                             "loss:\n0.5", "loss \xff: none"}) {
    EXPECT_FALSE(FindNearMiss({.metric = "loss"}, output).has_value()) << output;
  }
  EXPECT_FALSE(FindNearMiss({.metric = ""}, "loss: 1").has_value());
  EXPECT_FALSE(FindNearMiss({.metric = "loss", .filters = {"("}}, "loss: 1").has_value());
}

TEST(FindNearMiss, ALineThatIsReadIsNoMiss) {
  EXPECT_FALSE(FindNearMiss({.metric = "loss"}, "loss=0.5").has_value());
  EXPECT_FALSE(FindNearMiss({.metric = "loss", .json = true}, R"({"loss": 0.5})").has_value());
}

TEST(FindNearMiss, KnowsThatAnOwnFilterIsToBlame) {
  const std::vector<std::string> filters = {R"((\w+)=(\d+\.\d+)$)"};
  const auto exponent = FindNearMiss({.metric = "loss", .filters = filters}, "loss=1e-3");
  ASSERT_TRUE(exponent.has_value());
  EXPECT_EQ(exponent->why, "metricsFormat does not match the line");
  EXPECT_TRUE(exponent->no_filter);
  EXPECT_EQ(exponent->value, "1e-3");
  const auto colon = FindNearMiss({.metric = "loss", .filters = filters}, "loss: 1e-3");
  ASSERT_TRUE(colon.has_value());
  EXPECT_FALSE(colon->no_filter);
  EXPECT_NE(colon->filter, "");
}

TEST(FindNearMiss, ChangesTheFormatOnlyWhereTheCollectorCan) {
  const std::string json = R"({"loss": 0.25})";
  EXPECT_EQ(FindNearMiss({.metric = "loss", .may_change_format = true}, json)->format, "JSON");
  EXPECT_EQ(FindNearMiss({.metric = "loss"}, json)->format, "");
  const auto text = FindNearMiss({.metric = "loss", .json = true, .may_change_format = true}, "loss=0.25");
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(text->format, "TEXT");
  EXPECT_EQ(text->filter, "");
  EXPECT_FALSE(FindNearMiss({.metric = "loss", .json = true}, "loss=0.25").has_value());
}

TEST(FindNearMiss, FindsOtherNamesInJson) {
  const auto miss = FindNearMiss({.metric = "loss", .json = true}, R"({"val_loss": 0.25, "acc": 1})");
  ASSERT_TRUE(miss.has_value());
  EXPECT_EQ(miss->name, "val_loss");
  EXPECT_EQ(miss->value, "0.25");
}

TEST(FindNearMiss, TakesAnyBytes) {
  std::string noise;
  for (int i = 0; i < 100'000; ++i) noise += static_cast<char>(i * 7919 % 256);
  const auto miss = FindNearMiss({.metric = "loss"}, noise + "\nloss: 3\n" + std::string(3 << 20, '1'));
  ASSERT_TRUE(miss.has_value());
  EXPECT_EQ(miss->value, "3");
}

}  // namespace
}  // namespace qalam::metrics
