#include "algorithms/darts.h"

#include <gtest/gtest.h>

#include "tests/algorithms/architecture_support.h"

namespace qalam::algorithms {
namespace {

using testing::ArchitectureProblem;
using testing::Must;
using testing::ProposalTexts;
using testing::TextsOf;

ProposalTexts TextsWith(Settings settings, std::vector<Operation> operations = {}) {
  Problem problem = ArchitectureProblem(std::move(settings));
  problem.architecture->operations = std::move(operations);
  return TextsOf(*Must(darts::Create(problem)), {}, 0, 1)[0];
}

std::vector<OperationValue> List(std::initializer_list<const char*> texts) {
  return {texts.begin(), texts.end()};
}

TEST(Darts, HandsOverItsDefaultsAsNumbers) {
  const ProposalTexts texts = TextsWith({});
  ASSERT_EQ(texts.size(), 3u);
  EXPECT_EQ(texts[0].first, "algorithm-settings");
  EXPECT_EQ(
      texts[0].second,
      "{'num_epochs': 50, 'w_lr': 0.025, 'w_lr_min': 0.001, 'w_momentum': 0.9, 'w_weight_decay': 0.0003, "
      "'w_grad_clip': 5.0, 'alpha_lr': 0.0003, 'alpha_weight_decay': 0.001, 'batch_size': 128, "
      "'num_workers': 4, "
      "'init_channels': 16, 'print_step': 50, 'num_nodes': 4, 'stem_multiplier': 3}");
  EXPECT_EQ(texts[2], std::pair(std::string("num-layers"), std::string("3")));
}

TEST(Darts, HandsOverWhatTheUserSaysAsText) {
  const std::string settings =
      TextsWith({{"more", "a"}, {"num_epochs", "1"}, {"batch_size", "None"}, {"num_epochs", "2"}})[0].second;
  EXPECT_EQ(settings.substr(0, 34), "{'num_epochs': '2', 'w_lr': 0.025,");
  EXPECT_NE(settings.find("'batch_size': null, "), std::string::npos);
  EXPECT_TRUE(settings.ends_with("'stem_multiplier': 3, 'more': 'a'}")) << settings;
}

TEST(Darts, NamesItsPrimitivesByTheFirstParameter) {
  const ProposalTexts texts = TextsWith(
      {}, {{"separable_convolution", {{"filter_size", List({"3", "5"})}, {"stride", List({"1", "2"})}}},
           {"skip_connection", {{"filter_size", List({"3", "5"})}}},
           {"dilated_convolution",
            {{"filter_size", {OperationValue(std::int64_t{3}), OperationValue(std::int64_t{5})}}}}});
  EXPECT_EQ(texts[1].first, "search-space");
  EXPECT_EQ(texts[1].second,
            "['separable_convolution_3x3', 'separable_convolution_5x5', 'skip_connection', "
            "'dilated_convolution_3x3', 'dilated_convolution_5x5']");
}

TEST(Darts, RefusesMoreTextThanAReplyCanHave) {
  const auto algorithm = Must(darts::Create(ArchitectureProblem({{"note", std::string(1'000'000, 'x')}})));
  EXPECT_EQ(TextsOf(*algorithm, {}, 0, 2).size(), 2u);
  EXPECT_EQ(algorithm->Suggest({}, {0, 100, {}}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(algorithm->Suggest({}, {0, 2'000'000'000, {}}).ok());
}

TEST(Darts, RefusesSettingsOutOfRangeWithKatibsTexts) {
  const auto message = [](const char* name, const char* value) {
    const absl::Status status = darts::Validate(ArchitectureProblem({{name, value}}));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << name << "=" << value;
    return std::string(status.message());
  };
  EXPECT_EQ(message("num_epochs", "0"), "num_epochs should be greater than zero");
  EXPECT_EQ(message("w_lr", "-0.1"), "w_lr should be greater than or equal to zero");
  EXPECT_EQ(message("alpha_weight_decay", "-0.02"),
            "alpha_weight_decay should be greater than or equal to zero");
  EXPECT_EQ(message("w_momentum", "-0.8"), "w_momentum should be greater than or equal to zero");
  EXPECT_EQ(message("num_workers", "-1"), "num_workers should be greater than or equal to zero");
  EXPECT_EQ(message("batch_size", "0"), "batch_size should be greater than or equal to one");
  EXPECT_EQ(message("print_step", "0"), "print_step should be greater than or equal to one");
  EXPECT_TRUE(message("stem_multiplier", "None").starts_with("failed to validate stem_multiplier(None): "));
  EXPECT_TRUE(message("w_lr", "fast").starts_with("failed to validate w_lr(fast): "));
}

TEST(Darts, LetsUnknownSettingsAndNoBatchSizePass) {
  EXPECT_TRUE(darts::Validate(ArchitectureProblem({{"num_epoch", "10"}, {"batch_size", "None"}})).ok());
  EXPECT_TRUE(darts::Validate(ArchitectureProblem({{"num_workers", "0"}, {"w_grad_clip", "0"}})).ok());
}

}  // namespace
}  // namespace qalam::algorithms
