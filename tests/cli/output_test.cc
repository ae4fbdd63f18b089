#include "cli/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "api/manifest.h"
#include "fixtures.h"

namespace qalam::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::vector<ExperimentPtr> TwoExperiments() {
  api::Experiment running = MakeExperiment("other");
  running.metadata.creation_timestamp = At(50);
  running.spec.objective->type = api::ObjectiveType::kMinimize;
  running.spec.objective->goal = 0.1;
  running.spec.max_trial_count.reset();
  running.status.start_time = At(50);
  running.status.running = {"other-a"};
  AddCondition(running.status.conditions, "Running", At(51));
  return {std::make_shared<const api::Experiment>(running),
          std::make_shared<const api::Experiment>(FinishedStore().experiments[0])};
}

std::string Experiments(OutputOptions options, Terminal terminal = {}) {
  TestStreams test;
  test.streams.out_terminal = terminal;
  PrintExperiments(TwoExperiments(), options, test.streams);
  return test.out.str();
}

std::string Trials(OutputOptions options, Terminal terminal = {}) {
  TestStreams test;
  test.streams.out_terminal = terminal;
  const FakeReadStore store = FinishedStore();
  PrintTrials(store.experiments[0], *store.Trials(store.experiments[0]), options, test.streams);
  return test.out.str();
}

TEST(ParseOutputFormat, KnowsSixForms) {
  EXPECT_EQ(ParseOutputFormat("table"), OutputFormat::kTable);
  EXPECT_EQ(ParseOutputFormat("wide"), OutputFormat::kWide);
  EXPECT_EQ(ParseOutputFormat("json"), OutputFormat::kJson);
  EXPECT_EQ(ParseOutputFormat("yaml"), OutputFormat::kYaml);
  EXPECT_EQ(ParseOutputFormat("csv"), OutputFormat::kCsv);
  EXPECT_EQ(ParseOutputFormat("name"), OutputFormat::kName);
  EXPECT_EQ(ParseOutputFormat("xml"), std::nullopt);
}

TEST(PrintExperiments, AsTableWideCsvAndNames) {
  EXPECT_EQ(Experiments({}),
            "NAME   STATUS     TRIALS  RUNNING  FAILED  BEST           AGE\n"
            "other  Running         0        1       0                 10s\n"
            "quick  Succeeded     3/3        0       1  accuracy=0.95  60s\n");
  EXPECT_EQ(Experiments({.format = OutputFormat::kWide, .headers = false}),
            "other  Running      0  1  0                 random  min accuracy to 0.1             10s  10s\n"
            "quick  Succeeded  3/3  0  1  accuracy=0.95  random  max accuracy         quick-bbb  25s  60s\n");
  EXPECT_EQ(Experiments({.format = OutputFormat::kCsv}),
            "name,status,trials,running,failed,best,algorithm,objective,best_trial,duration,created\n"
            "other,Running,0,1,0,,random,min accuracy to 0.1,,10s,2026-05-01T12:00:50Z\n"
            "quick,Succeeded,3/3,0,1,accuracy=0.95,random,max accuracy,quick-bbb,25s,2026-05-01T12:00:00Z\n");
  EXPECT_EQ(Experiments({.format = OutputFormat::kName}), "other\nquick\n");
}

TEST(PrintExperiments, CutsOnANarrowTerminal) {
  EXPECT_EQ(Experiments({}, {.width = 58, .utf8 = true}),
            "NAME   STATUS     TRIALS  RUNNING  FAILED  BEST        AGE\n"
            "other  Running         0        1       0              10s\n"
            "quick  Succeeded     3/3        0       1  accuracy=…  60s\n");
}

TEST(PrintExperiments, AsJsonListOfTheResourcesThemselves) {
  const json list = json::parse(Experiments({.format = OutputFormat::kJson}));
  EXPECT_EQ(list["apiVersion"], "v1");
  EXPECT_EQ(list["kind"], "List");
  ASSERT_EQ(list["items"].size(), 2u);
  EXPECT_EQ(list["items"][1], json::parse(api::ToJson(FinishedStore().experiments[0])));
}

TEST(PrintExperiments, AsYamlListThatReadsBack) {
  const std::string text = Experiments({.format = OutputFormat::kYaml});
  EXPECT_THAT(
      text,
      testing::StartsWith(
          "apiVersion: v1\nkind: List\nitems:\n- apiVersion: kubeflow.org/v1beta1\n  kind: Experiment\n"));
  TestStreams empty;
  PrintExperiments({}, {.format = OutputFormat::kYaml}, empty.streams);
  EXPECT_EQ(empty.out.str(), "apiVersion: v1\nkind: List\nitems: []\n");
}

TEST(PrintResource, IsTheCodecsText) {
  const api::Experiment experiment = MakeExperiment();
  TestStreams yaml, pretty;
  PrintResource(yaml.out, experiment, OutputFormat::kYaml);
  PrintResource(pretty.out, experiment, OutputFormat::kJson);
  EXPECT_THAT(yaml.out.str(), testing::StartsWith("apiVersion: kubeflow.org/v1beta1\nkind: Experiment\n"));
  EXPECT_EQ(json::parse(pretty.out.str()), json::parse(api::ToJson(experiment)));
  EXPECT_EQ(pretty.out.str().back(), '\n');
}

TEST(PrintTrials, AsTableAndCsv) {
  EXPECT_EQ(Trials({}),
            "NAME       STATUS     accuracy     lr  layers  opt   DURATION  AGE\n"
            "quick-aaa  Succeeded       0.8   0.01       2  adam       10s  59s\n"
            "quick-bbb  Succeeded      0.95  0.003       2  adam       20s  59s\n"
            "quick-ccc  Failed                 0.1       2  adam        1s  59s\n");
  EXPECT_EQ(Trials({.format = OutputFormat::kCsv, .headers = false}),
            "quick-aaa,Succeeded,0.8,0.3,0.01,2,adam,10s,2026-05-01T12:00:01Z,\n"
            "quick-bbb,Succeeded,0.95,0.3,0.003,2,adam,20s,2026-05-01T12:00:01Z,\n"
            "quick-ccc,Failed,,,0.1,2,adam,1s,2026-05-01T12:00:01Z,exit code 3\n");
}

TEST(PrintTrials, WideShowsOtherMetricsAndMessages) {
  const std::string text = Trials({.format = OutputFormat::kWide});
  EXPECT_THAT(text, HasSubstr("accuracy  loss"));
  EXPECT_THAT(text, HasSubstr("exit code 3"));
}

}  // namespace
}  // namespace qalam::cli
