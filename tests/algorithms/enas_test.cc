#include "algorithms/enas.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "algorithms/enas_training.h"
#include "tests/algorithms/architecture_support.h"

namespace qalam::algorithms {
namespace {

using testing::ArchitectureProblem;
using testing::kQuickEnas;
using testing::Must;
using testing::ProposalTexts;
using testing::SmallArchitectures;
using testing::TextsOf;
using testing::TrialOf;

Settings With(Settings settings, std::string_view name, std::string_view value) {
  settings.push_back({std::string(name), std::string(value)});
  return settings;
}

Architecture ArchitectureOf(const ProposalTexts& texts) { return *ParseArchitecture(texts[0].second, 3, 4); }

TEST(Enas, ProposesAnArchitectureAndWhatItsProgramMustKnow) {
  const auto algorithm = Must(enas::Create(ArchitectureProblem(kQuickEnas)));
  for (const ProposalTexts& texts : TextsOf(*algorithm, {}, 0, 20)) {
    ASSERT_EQ(texts.size(), 2u);
    EXPECT_EQ(texts[0].first, "architecture");
    const auto architecture = ParseArchitecture(texts[0].second, 3, 4);
    ASSERT_TRUE(architecture) << texts[0].second;
    EXPECT_EQ(texts[1],
              std::pair(std::string("nn_config"), NetworkConfigText(SmallArchitectures(), *architecture)));
  }
}

TEST(Enas, ProposesNothingTwiceUntilAllWasTried) {
  const auto algorithm = Must(enas::Create(ArchitectureProblem(kQuickEnas)));
  std::set<std::string> seen;
  for (const ProposalTexts& texts : TextsOf(*algorithm, {}, 0, 512)) seen.insert(texts[0].second);
  EXPECT_EQ(seen.size(), 512u);
  EXPECT_EQ(TextsOf(*algorithm, {}, 0, 515).size(), 515u);
}

TEST(Enas, DoesNotRepeatWhatRuns) {
  const auto algorithm = Must(enas::Create(ArchitectureProblem(kQuickEnas)));
  const ProposalTexts first = TextsOf(*algorithm, {}, 0, 1)[0];
  Trial running = TrialOf(first, 0, 0);
  running.status = TrialStatus::kPending;
  EXPECT_NE(TextsOf(*algorithm, {{running}, {}}, 0, 1)[0], first);
}

TEST(Enas, DiffersBySeedAndExperiment) {
  Problem other = ArchitectureProblem(kQuickEnas);
  other.experiment_name = "e2";
  const auto of = [](const Problem& problem) { return TextsOf(*Must(enas::Create(problem)), {}, 0, 10); };
  EXPECT_NE(of(ArchitectureProblem(kQuickEnas)), of(other));
  EXPECT_NE(of(ArchitectureProblem(With(kQuickEnas, "seed", "1"))),
            of(ArchitectureProblem(With(kQuickEnas, "seed", "2"))));
}

// Good is operation 2 in each layer, and the connection of the last one to the input; 0 to 4.
double Score(const Architecture& architecture) {
  double score = architecture[2].skips[0];
  for (const Layer& layer : architecture) score += layer.operation == 2;
  return score;
}

// Mean score of the last 40 of 80 trials. Uniform draws have 1.25, with a standard error of 0.14.
double MeanScoreAfterLearning(double scale, double failing_below) {
  const auto algorithm = Must(enas::Create(ArchitectureProblem(kQuickEnas)));
  History history;
  double sum = 0;
  for (int number = 0; number < 80; ++number) {
    const ProposalTexts texts = TextsOf(*algorithm, history, number, 1)[0];
    const double score = Score(ArchitectureOf(texts));
    if (number >= 40) sum += score / 40;
    Trial& trial = history.trials.emplace_back(TrialOf(texts, number, scale * score));
    if (score < failing_below) trial.status = TrialStatus::kFailed, trial.objectives.clear();
  }
  return sum;
}

// Six standard errors above.
constexpr double kLearnt = 2.1;

TEST(Enas, LearnsWhichArchitecturesAreGood) {
  EXPECT_GT(MeanScoreAfterLearning(1, 0), kLearnt);
  EXPECT_GT(MeanScoreAfterLearning(1e6, 0), kLearnt);
}

TEST(Enas, LearnsFromFailures) { EXPECT_GT(MeanScoreAfterLearning(1, 1.5), kLearnt); }

TEST(Advantages, AreOfEachTrialsOwnReward) {
  const Architecture any(3);
  const std::vector<TriedArchitecture> tried = {
      {any, 1}, {any, 2}, {any, 3}, {any, 4}, {any, std::nan("")}, {any, 1e300}};
  const Eigen::VectorXd advantages = Advantages(tried, 5, 1);
  // Median 2, median absolute deviation 1, the failed one counts as 1: the mean is (-1 + 0 + 1 + 2 - 1) / 5 of those.
  const double unit = 1 / 1.4826, mean = 0.2 * unit;
  EXPECT_NEAR(advantages[0], -unit - mean, 1e-12);
  EXPECT_NEAR(advantages[3], 2 * unit - mean, 1e-12);
  EXPECT_NEAR(advantages[4], advantages[0], 1e-12);
  EXPECT_TRUE(Advantages(tried, 6, 1).allFinite());
  EXPECT_EQ(Advantages({{any, std::nan("")}}, 1, 1), Eigen::VectorXd::Zero(1));
  EXPECT_EQ(Advantages({{any, 7}, {any, 7}}, 2, 0.999), Eigen::VectorXd::Zero(2));
  EXPECT_TRUE(Advantages({{any, -1e308}, {any, 1e308}, {any, 0}}, 3, 0.5).allFinite());
}

TEST(Advantages, MeasureFromABaselineThatMoves) {
  const Architecture any(3);
  const std::vector<TriedArchitecture> tried = {{any, -1}, {any, 0}, {any, 1}};
  const double unit = 1 / 1.4826;  // baseline: (-1 / 4 + 0 / 2 + 1) / (1 / 4 + 1 / 2 + 1) of it
  EXPECT_NEAR(Advantages(tried, 3, 0.5)[1], -unit * 0.75 / 1.75, 1e-12);
}

TEST(TrainEnas, TakesUpWhereItWasGivenUp) {
  const PolicyShape shape = {3, 4, 8, 5.0, 2.25};
  std::vector<TriedArchitecture> tried;
  const std::vector<ProposalTexts> some = TextsOf(*Must(enas::Create(ArchitectureProblem())), {}, 0, 6);
  for (const ProposalTexts& texts : some) {
    tried.push_back({ArchitectureOf(texts), static_cast<double>(tried.size())});
  }
  int polls = 0;
  Ask impatient{
      .stop_requested = [&] { return ++polls > 120; }};  // two trials of 50 steps, and a part of the third
  EXPECT_EQ(TrainEnas(shape, {}, 77, tried, impatient).status().code(), absl::StatusCode::kCancelled);
  int more = 0;
  Ask patient{.stop_requested = [&] { return ++more < 0; }};
  const auto resumed = Must(TrainEnas(shape, {}, 77, tried, patient));
  EXPECT_EQ(more, 4 * 50);
  EnasTraining whole(shape, {}, 77);
  for (size_t i = 0; i < tried.size(); ++i) ASSERT_TRUE(whole.Teach(tried, {}).ok());
  EXPECT_EQ(resumed->weights(), whole.weights());
}

TEST(EnasSettings, HaveKatibsDefaultsAndNames) {
  const EnasSettings settings = Must(ReadEnasSettings({{"controller_hidden_size", "32"},
                                                       {"controller_temperature", "None"},
                                                       {"controller_tanh_const", "None"},
                                                       {"controller_entropy_weight", "None"},
                                                       {"controller_skip_weight", "None"},
                                                       {"controller_log_every_steps", "5"},
                                                       {"seed", "1"}}));
  EXPECT_EQ(settings.hidden_size, 32);
  EXPECT_FALSE(settings.temperature || settings.tanh_const || settings.entropy_weight ||
               settings.skip_weight);
  const EnasSettings defaults = Must(ReadEnasSettings({}));
  EXPECT_EQ(defaults.hidden_size, 64);
  EXPECT_EQ(defaults.temperature, 5.0);
  EXPECT_EQ(defaults.tanh_const, 2.25);
  EXPECT_EQ(defaults.entropy_weight, 1e-5);
  EXPECT_EQ(defaults.baseline_decay, 0.999);
  EXPECT_EQ(defaults.learning_rate, 5e-5);
  EXPECT_EQ(defaults.skip_target, 0.4);
  EXPECT_EQ(defaults.skip_weight, 0.8);
  EXPECT_EQ(defaults.train_steps, 50);
}

TEST(EnasSettings, AreRefusedByNameTypeAndRange) {
  const auto message = [](const char* name, const char* value) {
    const absl::Status status = enas::Validate(ArchitectureProblem({{name, value}}));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << name << "=" << value;
    return std::string(status.message());
  };
  EXPECT_EQ(message("controller_hidden", "3"), "unknown setting controller_hidden for algorithm enas");
  EXPECT_EQ(message("controller_hidden_size", "0"),
            "Algorithm Setting controller_hidden_size: 0 with int type must be in range [1, 512]");
  EXPECT_EQ(message("controller_log_every_steps", "0"),
            "Algorithm Setting controller_log_every_steps: 0 with int type must be in range [1, inf)");
  EXPECT_EQ(message("controller_temperature", "0"),
            "Algorithm Setting controller_temperature: 0 with float type must be in range (0, inf)");
  EXPECT_EQ(message("controller_baseline_decay", "1.5"),
            "Algorithm Setting controller_baseline_decay: 1.5 with float type must be in range (0, 1]");
  for (const char* name : {"controller_learning_rate", "controller_skip_target", "controller_skip_weight",
                           "controller_entropy_weight", "controller_tanh_const"}) {
    EXPECT_THAT(message(name, "-1"), ::testing::HasSubstr("must be in range (0, "));
  }
  EXPECT_THAT(message("controller_train_steps", "1.5"),
              ::testing::StartsWith("failed to validate controller_train_steps(1.5): "));
  EXPECT_THAT(message("controller_baseline_decay", "None"),
              ::testing::StartsWith("failed to validate controller_baseline_decay(None): "));
  EXPECT_EQ(message("random_state", "-1"), "random_state should be great or equal than zero");
}

TEST(Enas, RefusesMoreTextThanAReplyCanHave) {
  Problem problem = ArchitectureProblem(kQuickEnas);
  for (Operation& operation : problem.architecture->operations) operation.type.assign(1'000'000, 'x');
  const auto algorithm = Must(enas::Create(problem));
  EXPECT_EQ(TextsOf(*algorithm, {}, 0, 2).size(), 2u);
  EXPECT_EQ(algorithm->Suggest({}, {0, 100, {}}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Enas, RefusesWhatIsTooLargeOrEmpty) {
  Problem problem = ArchitectureProblem();
  problem.architecture->layers = 129;
  EXPECT_EQ(enas::Validate(problem).message(), "nasConfig: algorithm enas takes at most 128 layers, got 129");
  problem.architecture->layers = 3;
  problem.architecture->operations[0].parameters[0].values.assign(5'000, OperationValue(std::int64_t{1}));
  EXPECT_THAT(std::string(enas::Validate(problem).message()), ::testing::HasSubstr("at most 4096 choices"));
  problem.architecture->operations.clear();
  EXPECT_TRUE(enas::Validate(problem).ok()) << "as Katib's does";
  EXPECT_EQ(enas::Create(problem).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace qalam::algorithms
