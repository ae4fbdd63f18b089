#include "cli/pareto_front.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/live_view.h"
#include "cli/progress_model.h"
#include "cli/read_commands.h"
#include "cli/summary.h"
#include "fixtures.h"

namespace qalam::cli {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

api::Experiment TwoObjectives() {
  api::Experiment experiment = MakeExperiment();
  experiment.metadata.annotations["qalam.dev/objectives"] = "loss: minimize";
  experiment.spec.objective->metric_strategies = {{"accuracy", api::MetricStrategyType::kLatest},
                                                  {"loss", api::MetricStrategyType::kLatest}};
  return experiment;
}

api::Trial TrialWith(const std::string& name, const std::string& accuracy, const std::string& loss) {
  api::Trial trial = Succeeded(Started(MakeTrial(name), 1), 5, accuracy);
  trial.spec.objective = *TwoObjectives().spec.objective;
  trial.status.observation = api::Observation{{{"accuracy", "0", "1", accuracy}, {"loss", "0", "9", loss}}};
  return trial;
}

// c is dominated by b; d and e have no result.
FakeReadStore Store() {
  FakeReadStore store;
  store.experiments = {TwoObjectives()};
  store.trials = {TrialWith("quick-a", "0.5", "1"), TrialWith("quick-b", "0.9", "3"),
                  TrialWith("quick-c", "0.4", "5"), TrialWith("quick-d", "0.99", "nan"),
                  Failed(TrialWith("quick-e", "1", "0"), 6, "died")};
  api::OptimalTrial& best = store.experiments[0].status.current_optimal_trial;
  best = {"quick-b", store.trials[1].spec.parameter_assignments, *store.trials[1].status.observation};
  return store;
}

std::optional<ParetoFront> FrontOf(const FakeReadStore& store) {
  return FindFront(store.experiments[0], *store.Trials(store.experiments[0]));
}

TEST(ParetoFrontOfAnExperiment, HasTheTrialsThatNoneBeatsBestFirst) {
  const ParetoFront front = *FrontOf(Store());
  std::vector<std::string> names;
  for (const TrialPtr& trial : front.trials) names.push_back(trial->metadata.name);
  EXPECT_THAT(names, ElementsAre("quick-b", "quick-a"));
  EXPECT_EQ(front.trials_with_result, 3);
  EXPECT_THAT(front.best, ElementsAre(0.9, 1));
  EXPECT_THAT(front.worst, ElementsAre(0.4, 5));
  // As shares of the box: b is (0, 0.5), a is (0.8, 0).
  EXPECT_NEAR(*front.hypervolume, 0.5 + 0.2 * 0.5, 1e-12);
  EXPECT_EQ(FrontText(front),
            "2 of 3 trials; hypervolume 0.6 of the box from accuracy=0.4 loss=5 to accuracy=0.9 loss=1");
}

TEST(ParetoFrontOfAnExperiment, IsNoneWithOneObjective) {
  EXPECT_FALSE(FindFront(MakeExperiment(), {}).has_value());
  api::Experiment unreadable = MakeExperiment();
  unreadable.metadata.annotations["qalam.dev/objectives"] = "loss";
  EXPECT_FALSE(FindFront(unreadable, {}).has_value());
}

TEST(ParetoFrontOfAnExperiment, IsAlsoNamedByASettingOfTheAlgorithm) {
  api::Experiment experiment = MakeExperiment();
  experiment.spec.algorithm->algorithm_settings = {{"qalam.dev/objectives", "loss: minimize"}};
  EXPECT_THAT(ObjectiveNames(experiment), ElementsAre("accuracy", "loss"));
}

TEST(ParetoFrontOfAnExperiment, HasNoHypervolumeInAFlatBox) {
  FakeReadStore store = Store();
  store.trials = {TrialWith("quick-a", "0.5", "1"), TrialWith("quick-b", "0.9", "1")};
  EXPECT_EQ(FrontText(*FrontOf(store)), "1 of 2 trials");
  store.trials.clear();
  EXPECT_EQ(FrontText(*FrontOf(store)), "none: no trial has reported every objective yet");
}

TEST(BestWithSeveralObjectives, IsTheFront) {
  const FakeReadStore store = Store();
  const auto best = [&](const char* format) {
    TestStreams test;
    EXPECT_EQ(RunBest({.name = "quick", .format = format}, store, test.streams), 0) << format;
    EXPECT_EQ(test.err.str(), "");
    return test.out.str();
  };
  EXPECT_THAT(best("table"), AllOf(HasSubstr("Front: 2 of 3 trials"), HasSubstr("accuracy  loss "),
                                   HasSubstr("quick-a"), HasSubstr("quick-b"), Not(HasSubstr("quick-c"))));
  EXPECT_EQ(best("name"), "quick-b\nquick-a\n");
  const json list = json::parse(best("json"));
  EXPECT_EQ(list["kind"], "List");
  EXPECT_EQ(list["items"].size(), 2u);
  EXPECT_THAT(best("env"), HasSubstr("lr=0.01")) << "the parameters of the best trial of the first objective";
}

TEST(ShowWithSeveralObjectives, HasTheFrontInEveryForm) {
  TestStreams words;
  EXPECT_EQ(RunShow({.name = "quick"}, Store(), words.streams), 0);
  EXPECT_THAT(words.out.str(), AllOf(HasSubstr("Objective   maximize accuracy; minimize loss\n"),
                                     HasSubstr("Front       2 of 3 trials; hypervolume 0.6"),
                                     HasSubstr("\nThe front:\n"), HasSubstr("\nAll trials:\n")));
  TestStreams resource;
  EXPECT_EQ(RunShow({.name = "quick", .output = {.format = OutputFormat::kJson}}, Store(), resource.streams),
            0);
  const json annotations = json::parse(resource.out.str())["metadata"]["annotations"];
  const json report = json::parse(annotations["qalam.dev/pareto-front-report"].get<std::string>());
  EXPECT_EQ(report["trials"], (json{"quick-b", "quick-a"}));
  EXPECT_NEAR(report["hypervolume"].get<double>(), 0.6, 1e-12);
  EXPECT_EQ(report["worst"]["loss"], 5);
}

TEST(ExportWithSeveralObjectives, SaysWhichTrialsAreOnTheFront) {
  TestStreams csv;
  EXPECT_EQ(RunExport({.name = "quick"}, Store(), csv.streams), 0);
  EXPECT_THAT(csv.out.str(), AllOf(HasSubstr(",accuracy,loss,pareto_front\n"), HasSubstr("0.9,3,true\n"),
                                   HasSubstr("0.4,5,false\n")));
  TestStreams lines;
  EXPECT_EQ(RunExport({.name = "quick", .format = "jsonl"}, Store(), lines.streams), 0);
  const std::string first = lines.out.str().substr(0, lines.out.str().find('\n'));
  EXPECT_EQ(json::parse(first)["paretoFront"], true);
}

TEST(SummaryWithSeveralObjectives, ListsTheFront) {
  FakeReadStore store = Store();
  for (int i = 0; i < 14; ++i) {
    store.trials.push_back(TrialWith("quick-" + std::to_string(i), std::to_string(0.5 + 0.01 * i),
                                     std::to_string(1 + 0.01 * i)));  // the first one equals quick-a
  }
  SummaryInput input{.experiment = &store.experiments[0]};
  input.front = FrontOf(store);
  std::string text;
  for (const std::string& line : SummaryLines(input, Terminal{})) text += line + "\n";
  EXPECT_THAT(text, AllOf(HasSubstr("front   "), HasSubstr("accuracy=0.9  loss=3  trial quick-b"),
                          HasSubstr("and 6 more: qalam best quick")));
}

TEST(ProgressWithSeveralObjectives, CountsTheFront) {
  const FakeReadStore store = Store();
  ProgressModel model(At(0));
  std::vector<const api::Trial*> trials;
  for (const api::Trial& trial : store.trials) trials.push_back(&trial);
  model.Load(store.experiments[0], trials);
  EXPECT_EQ(model.FrontSize(), 2);
  model.Apply(TrialWith("quick-f", "0.95", "0.5"), At(9));
  EXPECT_EQ(model.FrontSize(), 1);
  model.Remove("quick-f");
  EXPECT_EQ(model.FrontSize(), 2);
  const std::vector<std::string> view = RenderLiveView(model, {.width = 100, .height = 20}, At(10));
  EXPECT_THAT(view, ::testing::Contains(HasSubstr("2 trials with no better one")));

  ProgressModel one(At(0));
  one.Load(MakeExperiment(), {});
  EXPECT_FALSE(one.FrontSize().has_value());
}

}  // namespace
}  // namespace qalam::cli
