#include "cli/why_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/diagnosis_output.h"
#include "cli/failure_groups.h"
#include "cli/region_cause.h"
#include "cli/trial_processes.h"
#include "evidence_fixture.h"

namespace qalam::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Why : public testing::Test {
 protected:
  Why() {
    std::string name = testing::TempDir() + "qalam-why-XXXXXX";
    directory_ = mkdtemp(name.data());
    store_ = FinishedStore();
    store_.log_directory = directory_.string();
    around_ = {.data_directory = "/data",
               .session = RunningSession{7, {"default", "quick"}},
               .proc = "/nowhere",
               .path = "/nowhere",
               .now = At(60)};
  }
  ~Why() override { fs::remove_all(directory_); }

  void Print(const std::string& trial, const std::string& text) {
    fs::create_directories(directory_ / trial);
    std::ofstream(directory_ / trial / "output.log") << text;
  }

  std::string Text(const WhyOptions& options = {.name = "quick"}) {
    TestStreams test;
    EXPECT_EQ(RunWhy(options, store_, around_, test.streams), 0) << test.err.str();
    return test.out.str();
  }

  json Json(WhyOptions options = {.name = "quick"}) {
    options.format = "json";
    return json::parse(Text(options));
  }

  std::vector<std::string> Keys() {
    std::vector<std::string> keys;
    const json whole = Json();
    for (const json& cause : whole["causes"]) keys.push_back(cause["cause"]);
    return keys;
  }

  // A running experiment instead of the finished one.
  void Run() {
    api::Conditions& conditions = store_.experiments[0].status.conditions;
    api::RemoveCondition(conditions, "Succeeded");
    AddCondition(conditions, "Running", At(1));
    store_.experiments[0].status.completion_time.reset();
  }

  fs::path directory_;
  FakeReadStore store_;
  Surroundings around_;
};

TEST_F(Why, SaysWhatHasFailedInAFinishedExperiment) {
  Print("quick-ccc", "loading\nno such dataset\n");
  EXPECT_EQ(Text(),
            "quick: all 3 trials are done; trials: 2 succeeded, 1 failed\n"
            "\n"
            "1. 1 of 3 trials failed: exit code 3\n"
            "   trial quick-ccc\n"
            "   | loading\n"
            "   | no such dataset\n"
            "   -> see its whole output: qalam logs quick/quick-ccc\n");
}

TEST_F(Why, OfOneTrialByPartOrPath) {
  Print("quick-ccc", "no such dataset\n");
  const std::string expected = "quick-ccc: failed after 1s\n\n1. exit code 3\n   | no such dataset\n";
  EXPECT_EQ(Text({.name = "quick", .trial = "ccc"}), expected);
  EXPECT_EQ(Text({.name = "quick/quick-ccc"}), expected);
}

TEST_F(Why, HasStableKeysInJson) {
  Print("quick-ccc", "no such \xff dataset\n");
  const json whole = Json();
  EXPECT_EQ(whole["experiment"], "quick");
  EXPECT_FALSE(whole.contains("trial"));
  EXPECT_EQ(whole["state"], "Succeeded");
  ASSERT_EQ(whole["causes"].size(), 1u);
  const json& cause = whole["causes"][0];
  EXPECT_EQ(cause["cause"], "exit-code");
  EXPECT_EQ(cause["facts"], (json{{"exitCode", 3}, {"count", 1}}));
  EXPECT_EQ(cause["trials"], json{"quick-ccc"});
  EXPECT_EQ(cause["evidence"].size(), 1u);
  EXPECT_EQ(Json({.name = "quick", .trial = "ccc"})["trial"], "quick-ccc");
}

TEST_F(Why, FindsNothingWrongWhereNothingIs) {
  store_.trials.pop_back();
  store_.experiments[0].status.failed.clear();
  EXPECT_THAT(Text(), HasSubstr("Nothing is wrong with it"));
  EXPECT_THAT(Json()["causes"], IsEmpty());
  EXPECT_THAT(Text({.name = "quick", .trial = "aaa"}), HasSubstr("succeeded after 10s with accuracy=0.8"));
}

TEST_F(Why, RefusesWhatIsNotThere) {
  for (const auto& [options, code] :
       {std::pair(WhyOptions{.name = "nope"}, 3), std::pair(WhyOptions{.name = "quick", .trial = "nope"}, 3),
        std::pair(WhyOptions{.name = "quick", .format = "csv"}, 2)}) {
    TestStreams test;
    EXPECT_EQ(RunWhy(options, store_, around_, test.streams), code);
    EXPECT_EQ(test.out.str(), "");
    EXPECT_THAT(test.err.str(), testing::StartsWith("qalam: "));
  }
}

TEST_F(Why, LooksAtTheMetricsFileWhereTheTrialHasIt) {
  api::Trial trial = WithoutMetrics({.kind = api::CollectorKind::kFile});
  const auto key = [&](const api::FileSystemPath& path) {
    trial.spec.metrics_collector.source = api::MetricsSource{.file_system_path = path};
    store_.trials = {trial};
    return Json({.name = "quick", .trial = "quick-m"})["causes"][0]["cause"].get<std::string>();
  };
  fs::create_directories(directory_ / "quick-m/logs/rank-0");
  std::ofstream(directory_ / "quick-m/metrics.log") << "Accuracy=0.5\n";
  std::ofstream(directory_ / "quick-m/logs/rank-0/a.log") << "Accuracy=0.5\n";
  EXPECT_EQ(key({"/var/log/katib/metrics.log", "File", "TEXT"}), "near-miss");
  EXPECT_EQ(key({"/var/log/katib/other.log", "File", "TEXT"}), "file-not-written");
  EXPECT_EQ(key({"/var/logs/*/a.log", "File", "TEXT"}), "near-miss");
  EXPECT_EQ(key({"/var/logs/", "Directory", "TEXT"}), "near-miss");
  EXPECT_EQ(key({"/var/none/*.log", "File", "TEXT"}), "file-not-written");
}

TEST_F(Why, GroupsTrialsWithTheSameReason) {
  for (int i = 0; i < 5; ++i) {
    store_.trials.push_back(Failed(Started(MakeTrial("quick-g" + std::to_string(i)), 2), 9,
                                   "exit code 1; the last line of output was \"ValueError: bad value " +
                                       std::to_string(0.5 * i) + "\""));
  }
  const json causes = Json()["causes"];
  ASSERT_EQ(causes.size(), 2u);
  EXPECT_EQ(causes[0]["trials"].size(), 5u);
  EXPECT_EQ(causes[0]["evidence"], json{"ValueError: bad value 2.000000"}) << causes[0];
  EXPECT_EQ(causes[1]["trials"], json{"quick-ccc"});
  EXPECT_THAT(Text(), HasSubstr("trials quick-g0, quick-g1, quick-g2 and 2 more"));
}

TEST_F(Why, PutsInfeasibleTrialsLast) {
  for (int i = 0; i < 5; ++i) {
    store_.trials.push_back(FailedWith("Infeasible", "exit code 65: the parameters are infeasible"));
    store_.trials.back().metadata.name = "quick-i" + std::to_string(i);
  }
  EXPECT_THAT(Keys(), ElementsAre("exit-code", "infeasible"));
}

TEST_F(Why, SaysThatTooManyFailed) {
  api::Experiment& experiment = store_.experiments[0];
  api::RemoveCondition(experiment.status.conditions, "Succeeded");
  AddCondition(experiment.status.conditions, "Failed", At(25), "ExperimentFailed",
               "max failed count has reached");
  experiment.spec.max_failed_trial_count = 1;
  EXPECT_THAT(Keys(), ElementsAre("max-failed-trials", "exit-code"));
}

TEST_F(Why, LooksForWhoRunsAnUnfinishedExperiment) {
  store_.trials.pop_back();
  store_.trials.push_back(Started(MakeTrial("quick-ccc"), 4));
  Print("quick-ccc", "epoch 1\n");
  Run();
  EXPECT_THAT(Keys(), IsEmpty());
  EXPECT_THAT(Text(), HasSubstr("2 of 3 done, about"));
  around_.session.reset();
  EXPECT_THAT(Keys(), ElementsAre("nobody-runs-it"));
  EXPECT_THAT(Text(), HasSubstr("\n     qalam run quick\n"));
}

TEST_F(Why, AsksTheSuggestionOnlyOfAnUnfinishedExperiment) {
  store_.suggestion.emplace();
  SetCondition(store_.suggestion->status.conditions, "Delayed", true, "ServiceUnavailable", "refused",
               At(50));
  EXPECT_THAT(Keys(), ElementsAre("exit-code"));
  Run();
  EXPECT_THAT(Keys(), ElementsAre("suggestion-delayed", "exit-code"));
}

// 40 trials over lr = 0.0025 .. 0.1.
std::vector<TrialPtr> TrialsThatFailAbove(double limit, const std::string& reason) {
  std::vector<TrialPtr> trials;
  for (int i = 1; i <= 40; ++i) {
    api::Trial trial = MakeTrial("quick-" + std::to_string(i), std::to_string(0.0025 * i));
    if (0.0025 * i <= limit) {
      trial = Succeeded(Started(trial, 1), 2, "0.5");
    } else {
      AddCondition(trial.status.conditions, "Failed", At(20), "TrialFailed. Job reason: " + reason, "m");
    }
    trials.push_back(std::make_shared<api::Trial>(trial));
  }
  return trials;
}

TEST(RegionCauses, SayWhereTrialsFail) {
  const std::vector<Cause> failed = RegionCauses(MakeExperiment(), TrialsThatFailAbove(0.07, "Error"));
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].key, "failure-region");
  EXPECT_THAT(failed[0].text, HasSubstr("12 of 12 trials with lr >= 0.0725 failed, 0 of 28 others"));
  const std::vector<Cause> infeasible =
      RegionCauses(MakeExperiment(), TrialsThatFailAbove(0.07, "Infeasible"));
  ASSERT_EQ(infeasible.size(), 1u);
  EXPECT_EQ(infeasible[0].key, "infeasible-region");
  EXPECT_THAT(RegionCauses(MakeExperiment(), TrialsThatFailAbove(0.07, "TemporaryFailure")), IsEmpty());
  EXPECT_THAT(RegionCauses(MakeExperiment(), {}), IsEmpty());
}

TEST(MessagePattern, KeepsWhatTellsReasonsApart) {
  EXPECT_EQ(MessagePattern("exit code 3; x=0.25 at 0x7fff12 on line 12, 1e-05 left"),
            "exit code 3; x=# at # on line #, # left");
  EXPECT_NE(MessagePattern("exit code 3"), MessagePattern("exit code 4"));
  EXPECT_NE(MessagePattern("killed by signal 9"), MessagePattern("killed by signal 15"));
  EXPECT_EQ(MessagePattern("loss is 1."), "loss is #.");
  EXPECT_EQ(MessagePattern(""), "");
}

TEST(WrapText, BreaksAtBlanksOnly) {
  EXPECT_THAT(WrapText("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(WrapText("a muchlongerword b", 6), ElementsAre("a", "muchlongerword", "b"));
  EXPECT_THAT(WrapText("", 10), IsEmpty());
}

TEST(PrintDiagnosis, StaysWithin80ColumnsExceptForWhatIsToBePasted) {
  std::string sentence;
  for (int i = 0; i < 60; ++i) sentence += "several words ";
  Diagnosis diagnosis{.experiment = "e", .summary = sentence};
  diagnosis.causes.push_back({.key = "k",
                              .text = sentence,
                              .evidence = {std::string(200, 'y'), "\033[31mred\t"},
                              .remedy = sentence,
                              .paste = {std::string(120, 'z')}});
  std::ostringstream out;
  PrintDiagnosis(diagnosis, out, Terminal{});
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) {
    if (line.find("zzz") != std::string::npos) {
      EXPECT_EQ(line.size(), 125u);
    } else {
      EXPECT_LE(line.size(), 80u) << line;
    }
  }
  EXPECT_THAT(out.str(), Not(HasSubstr("\033")));
}

class TrialProcesses : public testing::Test {
 protected:
  TrialProcesses() {
    std::string name = testing::TempDir() + "qalam-proc-XXXXXX";
    proc_ = mkdtemp(name.data());
  }
  ~TrialProcesses() override { fs::remove_all(proc_); }
  void Add(const std::string& pid, const std::string& environment, const std::string& stat) {
    fs::create_directories(proc_ / pid);
    std::ofstream(proc_ / pid / "environ") << environment;
    std::ofstream(proc_ / pid / "stat") << stat;
  }
  fs::path proc_;
};

TEST_F(TrialProcesses, AreFoundByTheirEnvironment) {
  using namespace std::string_literals;
  Add("41", "A=1\0QALAM_TRIAL_DIR=/d/t\0"s, "41 (a) b) T 1 2 3 4 5 6 7 8 9 10 150 50 0 0");
  Add("7", "QALAM_TRIAL_DIR=/d/t\0B=2"s, "7 (sh) S 1 2 3 4 5 6 7 8 9 10 0 0 0 0");
  Add("8", "QALAM_TRIAL_DIR=/d/t2\0"s, "8 (sh) S 1 2 3 4 5 6 7 8 9 10 0 0 0 0");
  Add("9", "XQALAM_TRIAL_DIR=/d/t\0"s, "9 (sh) S 1 2 3 4 5 6 7 8 9 10 0 0 0 0");
  Add("10", "QALAM_TRIAL_DIR=/d/t\0"s, "damaged");
  Add("self", "QALAM_TRIAL_DIR=/d/t\0"s, "7 (sh) S 1 2 3 4 5 6 7 8 9 10 0 0 0 0");
  const std::vector<TrialProcess> found = FindTrialProcesses(proc_.string(), "/d/t");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].pid, 7);
  EXPECT_EQ(found[1].pid, 41);
  EXPECT_EQ(found[1].name, "a) b");
  EXPECT_EQ(found[1].state, 'T');
  EXPECT_EQ(found[1].cpu, absl::Seconds(200) / sysconf(_SC_CLK_TCK));
  EXPECT_THAT(FindTrialProcesses("/no/such/proc", "/d/t"), IsEmpty());
}

}  // namespace
}  // namespace qalam::cli
