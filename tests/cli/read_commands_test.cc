#include "cli/read_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "api/trial_attempts.h"
#include "cli/lookup.h"
#include "fixtures.h"

namespace qalam::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class BrokenStore final : public ReadStore {
 public:
  absl::StatusOr<std::vector<ExperimentPtr>> Experiments(std::string_view) const override { return kError; }
  absl::StatusOr<ExperimentPtr> Experiment(std::string_view, std::string_view) const override {
    return kError;
  }
  absl::StatusOr<std::vector<TrialPtr>> Trials(const api::Experiment&) const override { return kError; }
  absl::StatusOr<TrialPtr> Trial(const api::Experiment&, std::string_view) const override { return kError; }
  absl::StatusOr<SuggestionPtr> Suggestion(const api::Experiment&) const override { return kError; }
  absl::StatusOr<std::vector<api::Event>> Warnings(const api::Trial&) const override { return kError; }
  absl::Status Curve(const api::Trial&, const std::function<void(const CurvePoint&)>&) const override {
    return kError;
  }
  absl::StatusOr<TrialFiles> Files(const api::Trial&) const override { return kError; }

 private:
  const absl::Status kError = absl::UnavailableError("the database cannot be read");
};

TEST(EveryReadCommand, ReportsAStoreThatCannotBeRead) {
  const BrokenStore store;
  TestStreams test;
  EXPECT_EQ(RunLs({}, store, test.streams), 5);
  EXPECT_EQ(RunShow({.name = "quick"}, store, test.streams), 5);
  EXPECT_EQ(RunBest({.name = "quick"}, store, test.streams), 5);
  EXPECT_EQ(RunLogs({.target = "quick/a"}, store, test.streams), 5);
  EXPECT_EQ(RunExport({.name = "quick"}, store, test.streams), 5);
  EXPECT_EQ(test.out.str(), "");
  EXPECT_THAT(test.err.str(), testing::StartsWith("qalam: the database cannot be read\n"));
}

TEST(EveryReadCommand, ReportsAnExperimentThatIsNotThere) {
  const FakeReadStore store = FinishedStore();
  TestStreams test;
  EXPECT_EQ(RunShow({.name = "nope"}, store, test.streams), 3);
  EXPECT_EQ(RunBest({.name = "nope"}, store, test.streams), 3);
  EXPECT_EQ(RunLogs({.target = "nope/a"}, store, test.streams), 3);
  EXPECT_EQ(RunExport({.name = "nope"}, store, test.streams), 3);
  EXPECT_EQ(test.out.str(), "");
}

TEST(Ls, HintsAtTheBeginningOnStandardErrorOnly) {
  TestStreams test;
  EXPECT_EQ(RunLs({}, FakeReadStore{}, test.streams), 0);
  EXPECT_EQ(test.out.str(), "");
  EXPECT_THAT(test.err.str(), HasSubstr("qalam init"));
  TestStreams names;
  EXPECT_EQ(RunLs({.output = {.format = OutputFormat::kName}}, FakeReadStore{}, names.streams), 0);
  EXPECT_EQ(names.err.str(), "");
}

TEST(Show, AnExperimentInWords) {
  TestStreams test;
  EXPECT_EQ(RunShow({.name = "quick"}, FinishedStore(), test.streams), 0);
  EXPECT_EQ(test.out.str(),
            "Experiment  quick\n"
            "Status      Succeeded: all 3 trials are done\n"
            "Objective   maximize accuracy\n"
            "Algorithm   random\n"
            "Trials      2 succeeded, 1 failed; 3 of 3 done; 4 in parallel\n"
            "Why         qalam why quick\n"
            "Started     2026-05-01 12:00:00 (60s ago)\n"
            "Took        25s\n"
            "Best        accuracy=0.95  trial quick-bbb\n"
            "            lr=0.003 layers=2 opt=adam\n"
            "\n"
            "CONDITION  STATUS  SINCE  REASON                      MESSAGE\n"
            "Created    True      60s  ExperimentCreated           Experiment is created\n"
            "Running    False     35s  ExperimentRunning           Experiment is running\n"
            "Succeeded  True      35s  ExperimentMaxTrialsReached  Experiment has succeeded because max "
            "trial count has reached\n"
            "\n"
            "NAME       STATUS     accuracy     lr  layers  opt   DURATION  AGE\n"
            "quick-aaa  Succeeded       0.8   0.01       2  adam       10s  59s\n"
            "quick-bbb  Succeeded      0.95  0.003       2  adam       20s  59s\n"
            "quick-ccc  Failed                 0.1       2  adam        1s  59s\n");
}

TEST(Show, ATrialByFullNameByPartAndByPath) {
  FakeReadStore store = FinishedStore();
  store.log_directory = ".qalam/trials";
  const std::string expected =
      "Trial       quick-ccc\n"
      "Experiment  quick\n"
      "Status      Failed: exit code 3\n"
      "Started     2026-05-01 12:00:04 (56s ago)\n"
      "Took        1s\n"
      "Why         qalam why quick/quick-ccc\n"
      "Log         .qalam/trials/quick-ccc/output.log\n"
      "Directory   .qalam/trials/quick-ccc\n"
      "Command     python train.py --lr 0.1 --layers=2 adam\n"
      "\n"
      "PARAMETER  VALUE\n"
      "lr         0.1\n"
      "layers     2\n"
      "opt        adam\n"
      "\n"
      "CONDITION  STATUS  SINCE  REASON        MESSAGE\n"
      "Running    False     55s  TrialRunning  Trial is running\n"
      "Failed     True      55s  TrialFailed   exit code 3\n";
  for (const ShowOptions& options :
       {ShowOptions{.name = "quick", .trial = "quick-ccc"}, ShowOptions{.name = "quick", .trial = "ccc"},
        ShowOptions{.name = "quick/ccc"}}) {
    TestStreams test;
    EXPECT_EQ(RunShow(options, store, test.streams), 0);
    EXPECT_EQ(test.out.str(), expected);
  }
}

TEST(Show, HowTheAttemptsOfATrialWent) {
  FakeReadStore store = FinishedStore();
  const auto attempts = [&](const api::TrialAttempts& went) {
    api::SetAttempts(went, store.trials[0]);
    TestStreams test;
    EXPECT_EQ(RunShow({.name = "quick", .trial = "aaa"}, store, test.streams), 0);
    const size_t at = test.out.str().find("Attempts    ");
    return at == std::string::npos ? ""
                                   : test.out.str().substr(at + 12, test.out.str().find('\n', at) - at - 12);
  };
  EXPECT_EQ(attempts({}), "");
  EXPECT_EQ(attempts({.started = 2, .exit_code = 0, .last_failure = "exit code 75"}),
            "2; before: exit code 75, tried again");
  EXPECT_EQ(attempts({.started = 1, .exit_code = 75, .last_failure = "exit code 75", .next = At(61)}),
            "1: exit code 75, the next at 2026-05-01T12:01:01Z");
}

TEST(Show, ATrialsMetricsWithAllThreeValues) {
  TestStreams test;
  EXPECT_EQ(RunShow({.name = "quick", .trial = "bbb"}, FinishedStore(), test.streams), 0);
  EXPECT_THAT(
      test.out.str(),
      AllOf(HasSubstr(
                "METRIC    MIN   MAX  LATEST\naccuracy  0.1  0.95     0.2\nloss      0.3     2     0.4\n"),
            HasSubstr("Log         none here: it ran elsewhere\n")));
}

TEST(Show, JsonIsTheResourceItself) {
  const FakeReadStore store = FinishedStore();
  TestStreams experiment, trial;
  RunShow({.name = "quick", .output = {.format = OutputFormat::kJson}}, store, experiment.streams);
  EXPECT_EQ(json::parse(experiment.out.str()), json::parse(api::ToJson(store.experiments[0])));
  RunShow({.name = "quick", .trial = "aaa", .output = {.format = OutputFormat::kJson}}, store, trial.streams);
  EXPECT_EQ(json::parse(trial.out.str()), json::parse(api::ToJson(store.trials[0])));
}

TEST(Show, NamesAndCsvListTheTrials) {
  TestStreams names, csv;
  RunShow({.name = "quick", .output = {.format = OutputFormat::kName}}, FinishedStore(), names.streams);
  EXPECT_EQ(names.out.str(), "quick-aaa\nquick-bbb\nquick-ccc\n");
  RunShow({.name = "quick", .output = {.format = OutputFormat::kCsv}}, FinishedStore(), csv.streams);
  EXPECT_THAT(csv.out.str(),
              testing::StartsWith("name,status,accuracy,loss,lr,layers,opt,duration,created,message\n"));
}

TEST(Show, AMissingTrialSaysWhatThereIs) {
  TestStreams test;
  EXPECT_EQ(RunShow({.name = "quick", .trial = "zzz"}, FinishedStore(), test.streams), 3);
  EXPECT_EQ(test.err.str(),
            "qalam: experiment quick has no trial \"zzz\": it has 3 trials, for example quick-aaa; list them "
            "with: qalam show quick\n");
}

TEST(Best, PrintsEachForm) {
  const FakeReadStore store = FinishedStore();
  const auto best = [&](const char* format) {
    TestStreams test;
    EXPECT_EQ(RunBest({.name = "quick", .format = format}, store, test.streams), 0) << format;
    EXPECT_EQ(test.err.str(), "");
    return test.out.str();
  };
  EXPECT_EQ(best("args"), "--lr 0.003 --layers=2 adam\n");
  EXPECT_EQ(best("env"), "lr=0.003\nlayers=2\nopt=adam\n");
  EXPECT_EQ(best("name"), "quick-bbb\n");
  EXPECT_EQ(json::parse(best("json")), json::parse(api::ToJson(store.trials[1])));
  EXPECT_THAT(best("yaml"), HasSubstr("\nkind: Trial\n"));
  EXPECT_THAT(best("table"), AllOf(HasSubstr("quick-bbb"), Not(HasSubstr("quick-aaa"))));
}

TEST(Best, WithoutASuccessIsExitCode6AndUnknownFormsAre2) {
  FakeReadStore store;
  store.experiments = {MakeExperiment()};
  TestStreams test;
  EXPECT_EQ(RunBest({.name = "quick"}, store, test.streams), 6);
  EXPECT_EQ(RunBest({.name = "quick", .format = "xml"}, store, test.streams), 2);
  EXPECT_EQ(test.out.str(), "");
}

TEST(Best, ArgumentsOutliveTheTrial) {
  FakeReadStore store = FinishedStore();
  store.trials.clear();
  TestStreams test;
  EXPECT_EQ(RunBest({.name = "quick", .format = "args"}, store, test.streams), 0);
  EXPECT_EQ(RunBest({.name = "quick", .format = "json"}, store, test.streams), 3);
}

TEST(Export, CsvHasOneRowPerTrial) {
  TestStreams test;
  EXPECT_EQ(RunExport({.name = "quick"}, FinishedStore(), test.streams), 0);
  EXPECT_EQ(test.out.str(),
            "trial,status,start,end,duration_seconds,lr,layers,opt,accuracy,loss\n"
            "quick-aaa,Succeeded,2026-05-01T12:00:02Z,2026-05-01T12:00:12Z,10,0.01,2,adam,0.8,0.3\n"
            "quick-bbb,Succeeded,2026-05-01T12:00:03Z,2026-05-01T12:00:23Z,20,0.003,2,adam,0.95,0.3\n"
            "quick-ccc,Failed,2026-05-01T12:00:04Z,2026-05-01T12:00:05Z,1,0.1,2,adam,,\n");
}

TEST(Export, CsvEscapesAndKeepsColumnsApart) {
  FakeReadStore store = FinishedStore();
  store.experiments[0].spec.parameters[0].name = "status";
  store.experiments[0].spec.parameters[1].name = "loss";
  store.trials = {Started(MakeTrial("quick-x"), 1)};
  store.trials[0].spec.parameter_assignments = {
      {"status", "a,\"b\"\nc"}, {"loss", "2"}, {"opt", ""}, {"extra", "7"}};
  TestStreams test;
  EXPECT_EQ(RunExport({.name = "quick"}, store, test.streams), 0);
  EXPECT_EQ(test.out.str(),
            "trial,status,start,end,duration_seconds,parameter.status,loss,opt,extra,accuracy,metric.loss\n"
            "quick-x,Running,2026-05-01T12:00:01Z,,,\"a,\"\"b\"\"\nc\",2,,7,,\n");
}

TEST(Export, JsonlHasOneValidObjectPerLineWithTheCurve) {
  FakeReadStore store = FinishedStore();
  store.trials[0].status.observation->metrics[1].latest = "nan";
  store.curves["quick-aaa"] = {{"2026-05-01T12:00:03Z", "accuracy", "0.5"},
                               {"2026-05-01T12:00:04Z", "note", "\xFF"}};
  TestStreams test;
  EXPECT_EQ(RunExport({.name = "quick", .format = "jsonl"}, store, test.streams), 0);
  std::istringstream lines(test.out.str());
  std::vector<json> records;
  for (std::string line; std::getline(lines, line);) records.push_back(json::parse(line));
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0],
            json::parse(R"({"apiVersion": "qalam.dev/v1", "kind": "TrialRecord", "experiment": "quick",
    "trial": "quick-aaa", "status": "Succeeded", "start": "2026-05-01T12:00:02Z", "end": "2026-05-01T12:00:12Z",
    "durationSeconds": 10, "parameters": {"lr": 0.01, "layers": 2, "opt": "adam"},
    "metrics": {"accuracy": {"min": 0.1, "max": 0.8, "latest": 0.2}, "loss": {"min": 0.3, "max": 2, "latest": "nan"}},
    "curve": [{"time": "2026-05-01T12:00:03Z", "metric": "accuracy", "value": 0.5},
              {"time": "2026-05-01T12:00:04Z", "metric": "note", "value": "\uFFFD"}]})"));
  EXPECT_EQ(records[2]["metrics"], json::object());
}

TEST(Export, RefusesUnknownForms) {
  TestStreams test;
  EXPECT_EQ(RunExport({.name = "quick", .format = "parquet"}, FinishedStore(), test.streams), 2);
  EXPECT_EQ(test.err.str(), "qalam: --format must be csv or jsonl, got \"parquet\"\n");
}

class Logs : public testing::Test {
 protected:
  Logs() {
    std::string name = testing::TempDir() + "qalam-logs-XXXXXX";
    store_.log_directory = mkdtemp(name.data());
    for (const api::Trial& trial : store_.trials) {
      std::filesystem::create_directories(store_.log_directory + "/" + trial.metadata.name);
    }
  }
  ~Logs() override { std::filesystem::remove_all(store_.log_directory); }

  FakeReadStore store_ = FinishedStore();
};

TEST_F(Logs, AreWrittenByteForByte) {
  const std::string bytes("line\n\0\xFF\033[31m no end", 20);
  std::ofstream(store_.log_directory + "/quick-aaa/output.log") << bytes;
  for (const bool follow : {false, true}) {  // the trial has finished: following ends, too
    TestStreams test;
    EXPECT_EQ(RunLogs({.target = "quick/aaa", .follow = follow}, store_, test.streams), 0);
    EXPECT_EQ(test.out.str(), bytes);
  }
}

TEST_F(Logs, NeedAnExperimentAndATrial) {
  for (const char* target : {"", "quick", "quick/", "/aaa"}) {
    TestStreams test;
    EXPECT_EQ(RunLogs({.target = target}, store_, test.streams), 2) << target;
    EXPECT_THAT(test.err.str(), HasSubstr("NAME/TRIAL"));
  }
}

TEST_F(Logs, OfATrialFromElsewhereAreNotFound) {
  store_.log_directory.clear();
  TestStreams test;
  EXPECT_EQ(RunLogs({.target = "quick/aaa"}, store_, test.streams), 3);
  EXPECT_EQ(test.err.str(), "qalam: it ran elsewhere\n");
}

}  // namespace
}  // namespace qalam::cli
