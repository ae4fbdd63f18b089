#include "cli/quick_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/placeholder.h"
#include "cli/resource_name.h"

namespace qalam::cli {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

QuickFormOptions IssueExample() {
  QuickFormOptions options;
  options.objective = "max:accuracy";
  options.parameters = {"lr=log:1e-5..1e-1", "layers=1..4", "opt=adam,sgd"};
  options.max_trials = 50;
  options.parallel = 4;
  options.seed = 7;
  options.command = {"python", "train.py", "--lr", "{lr}", "--layers", "{layers}", "--optimizer", "{opt}"};
  return options;
}

std::vector<std::string> ErrorTexts(const QuickForm& form) {
  std::vector<std::string> texts;
  for (const api::FieldError& error : form.errors) texts.push_back(error.field + ": " + error.detail);
  return texts;
}

TEST(QuickForm, BuildsTheExperimentThatTheFlagsStandFor) {
  const QuickForm form = BuildExperiment(IssueExample());
  ASSERT_THAT(ErrorTexts(form), IsEmpty());
  const api::Experiment& experiment = form.experiment;
  EXPECT_EQ(experiment.metadata.name, "train");
  EXPECT_EQ(experiment.metadata.namespace_name, "default");
  EXPECT_EQ(experiment.spec.objective->type, api::ObjectiveType::kMaximize);
  EXPECT_EQ(experiment.spec.objective->objective_metric_name, "accuracy");
  EXPECT_EQ(experiment.spec.algorithm->algorithm_name, "auto");
  EXPECT_THAT(experiment.spec.algorithm->algorithm_settings, ElementsAre(api::NameValue{"seed", "7"}));
  EXPECT_EQ(experiment.spec.max_trial_count, 50);
  EXPECT_EQ(experiment.spec.parallel_trial_count, 4);
  EXPECT_EQ(experiment.spec.parameters.size(), 3u);
  EXPECT_EQ(experiment.spec.metrics_collector->kind, api::CollectorKind::kStdOut);
  const api::TrialTemplate& trial_template = *experiment.spec.trial_template;
  EXPECT_EQ(trial_template.primary_container_name, "main");
  EXPECT_THAT(trial_template.trial_parameters, ElementsAre(api::TrialParameterSpec{"lr", "", "lr"},
                                                           api::TrialParameterSpec{"layers", "", "layers"},
                                                           api::TrialParameterSpec{"opt", "", "opt"}));
  EXPECT_EQ(
      json::parse(trial_template.trial_spec.text),
      json::parse(
          R"({"apiVersion": "qalam.dev/v1", "kind": "Process", "spec": {"command": ["python", "train.py",
              "--lr", "${trialParameters.lr}", "--layers", "${trialParameters.layers}",
              "--optimizer", "${trialParameters.opt}"]}})"));
}

TEST(QuickForm, PutsTheOtherFlagsWhereTheyBelong) {
  QuickFormOptions options = IssueExample();
  options.name = "mine";
  options.namespace_name = "team";
  options.objective = "minimize:loss";
  options.metrics = {"accuracy", "time"};
  options.settings = {"scramble=true", "note=a=b"};
  options.stop = "medianstop";
  options.stop_settings = {"start_step=2", "statistic=mean"};
  options.environment = {"LR={lr}", "EMPTY="};
  options.working_directory = "/data";
  options.timeout_per_trial = "1.2s";
  options.retries = 0;
  const QuickForm form = BuildExperiment(options);
  ASSERT_THAT(ErrorTexts(form), IsEmpty());
  EXPECT_EQ(form.experiment.metadata.name, "mine");
  EXPECT_EQ(form.experiment.metadata.namespace_name, "team");
  EXPECT_EQ(form.experiment.spec.objective->type, api::ObjectiveType::kMinimize);
  EXPECT_THAT(form.experiment.spec.objective->additional_metric_names, ElementsAre("accuracy", "time"));
  EXPECT_THAT(form.experiment.spec.algorithm->algorithm_settings,
              ElementsAre(api::NameValue{"seed", "7"}, api::NameValue{"scramble", "true"},
                          api::NameValue{"note", "a=b"}));
  ASSERT_TRUE(form.experiment.spec.early_stopping);
  EXPECT_EQ(form.experiment.spec.early_stopping->algorithm_name, "medianstop");
  EXPECT_THAT(form.experiment.spec.early_stopping->algorithm_settings,
              ElementsAre(api::NameValue{"start_step", "2"}, api::NameValue{"statistic", "mean"}));
  const json process = json::parse(form.experiment.spec.trial_template->trial_spec.text)["spec"];
  EXPECT_EQ(process["env"], json::parse(R"({"LR": "${trialParameters.lr}", "EMPTY": ""})"));
  EXPECT_EQ(process["workingDir"], "/data");
  EXPECT_EQ(process["timeoutSeconds"], 2);  // whole seconds, never less than asked for
  EXPECT_EQ(process["retries"], 0);
}

TEST(QuickForm, HasDefaultsThatFitEachOther) {
  QuickFormOptions options = IssueExample();
  options.max_trials.reset();
  options.parallel.reset();
  options.seed.reset();
  EXPECT_EQ(BuildExperiment(options).experiment.spec.max_trial_count, kDefaultMaxTrials);
  EXPECT_EQ(BuildExperiment(options).experiment.spec.parallel_trial_count, 3);
  EXPECT_THAT(BuildExperiment(options).experiment.spec.algorithm->algorithm_settings, IsEmpty());
  options.max_trials = 2;
  EXPECT_EQ(BuildExperiment(options).experiment.spec.parallel_trial_count, 2);
}

TEST(QuickForm, AnEnvironmentVariableMayCarryAParameterAlone) {
  QuickFormOptions options;
  options.objective = "max:accuracy";
  options.parameters = {"lr=0..1"};
  options.environment = {"LR={lr}"};
  options.command = {"./train"};
  EXPECT_THAT(ErrorTexts(BuildExperiment(options)), IsEmpty());
}

TEST(QuickForm, ReportsAllErrorsAtOnce) {
  QuickFormOptions options;
  options.algorithm = "";
  options.max_trials = 0;
  options.parallel = 0;
  options.seed = -1;
  EXPECT_THAT(
      ErrorTexts(BuildExperiment(options)),
      ElementsAre(HasSubstr("--objective: must be max:METRIC"), HasSubstr("--param: say at least one"),
                  HasSubstr("--algorithm: name an algorithm"), HasSubstr("--seed: must be 0 or more"),
                  HasSubstr("--max-trials: must be 1 or more"), HasSubstr("--parallel: must be 1 or more"),
                  HasSubstr("--: say which program to run")));
}

struct ErrorCase {
  const char* name;
  std::function<void(QuickFormOptions&)> spoil;
  const char* message;  // flag and beginning of the detail
};

class BadQuickForm : public testing::TestWithParam<ErrorCase> {};

TEST_P(BadQuickForm, NamesTheFlag) {
  QuickFormOptions options = IssueExample();
  GetParam().spoil(options);
  EXPECT_THAT(ErrorTexts(BuildExperiment(options)), ElementsAre(HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadQuickForm,
    testing::Values(
        ErrorCase{"ObjectiveWithoutDirection", [](auto& o) { o.objective = "accuracy"; },
                  "--objective: must be max:"},
        ErrorCase{"ObjectiveWithoutMetric", [](auto& o) { o.objective = "max:"; },
                  "--objective: must be max:"},
        ErrorCase{"ObjectiveWithBlank", [](auto& o) { o.objective = "max:top 1"; },
                  "--objective: must be max:"},
        ErrorCase{"UnknownDirection", [](auto& o) { o.objective = "up:x"; }, "--objective: must be max:"},
        ErrorCase{"MetricIsObjective", [](auto& o) { o.metrics = {"accuracy"}; }, "--metric: is given twice"},
        ErrorCase{"MetricEmpty", [](auto& o) { o.metrics = {""}; }, "--metric: must be the name"},
        ErrorCase{"BadParameter", [](auto& o) { o.parameters[0] = "lr=log:0..1"; },
                  "--param lr: a log scale needs"},
        ErrorCase{"ParameterTwice", [](auto& o) { o.parameters.push_back("lr=1..2"); },
                  "--param lr: is declared twice"},
        ErrorCase{"ParameterNotUtf8", [](auto& o) { o.parameters.push_back("x=\xFF,b"); },
                  "--param x: must be valid UTF-8"},
        ErrorCase{"ParameterUnused", [](auto& o) { o.command.resize(6); },
                  "--param opt: no argument uses it; add for example --opt {opt}"},
        ErrorCase{"PlaceholderMisspelt", [](auto& o) { o.command[3] = "{rl}"; },
                  "(the command has {rl}, which no --param declares)"},
        ErrorCase{"SettingWithoutValue", [](auto& o) { o.settings = {"x"}; }, "--setting: must be KEY=VALUE"},
        ErrorCase{"SettingTwice", [](auto& o) { o.settings = {"seed=3"}; }, "--setting: seed is given twice"},
        ErrorCase{"StopSettingWithoutRule", [](auto& o) { o.stop_settings = {"start_step=2"}; },
                  "--stop: name a rule"},
        ErrorCase{"StopSettingTwice",
                  [](auto& o) {
                    o.stop = "medianstop";
                    o.stop_settings = {"start_step=2", "start_step=3"};
                  },
                  "--stop-setting: start_step is given twice"},
        ErrorCase{"EnvWithoutKey", [](auto& o) { o.environment = {"=x"}; }, "--env: must be KEY=VALUE"},
        ErrorCase{"EnvTwice",
                  [](auto& o) {
                    o.environment = {"A=1", "A=2"};
                  },
                  "--env: A is given twice"},
        ErrorCase{"EnvNotUtf8", [](auto& o) { o.environment = {"A=\xFF"}; }, "--env A: must be valid UTF-8"},
        ErrorCase{"NegativeTrials",
                  [](auto& o) {
                    o.max_trials = -1;
                    o.parallel.reset();
                  },
                  "--max-trials: must be 1"},
        ErrorCase{"MoreParallelThanTrials", [](auto& o) { o.parallel = 51; },
                  "--parallel: must not be more than --max-trials, which is 50"},
        ErrorCase{"NegativeSeed", [](auto& o) { o.seed = -7; }, "--seed: must be 0 or more"},
        ErrorCase{"BadTimeout", [](auto& o) { o.timeout_per_trial = "soon"; },
                  "--timeout-per-trial: must be a duration"},
        ErrorCase{"NegativeRetries", [](auto& o) { o.retries = -1; }, "--retries: must be 0"},
        ErrorCase{"BadName", [](auto& o) { o.name = "My Net"; }, "for example my-net"},
        ErrorCase{"LongName", [](auto& o) { o.name = std::string(41, 'a'); }, "--name: must begin"},
        ErrorCase{"WorkdirNotUtf8", [](auto& o) { o.working_directory = "\xFF"; },
                  "--workdir: must be valid UTF-8"},
        ErrorCase{"ArgumentNotUtf8", [](auto& o) { o.command.push_back("\xFF"); },
                  "--: argument 8 of the command must be valid UTF-8"},
        ErrorCase{"EmptyProgram", [](auto& o) { o.command[0] = ""; }, "--: say which program"},
        ErrorCase{"NoAlgorithm", [](auto& o) { o.algorithm = ""; }, "--algorithm: name an algorithm"}),
    [](const auto& test) { return test.param.name; });

std::string Replaced(std::string_view text) {
  const std::set<std::string, std::less<>> declared = {"lr", "a.b"};
  return ReplacePlaceholders(text, declared).text;
}

TEST(ReplacePlaceholders, ReplacesDeclaredNamesAnywhere) {
  EXPECT_EQ(Replaced("{lr}"), "${trialParameters.lr}");
  EXPECT_EQ(Replaced("--x={lr},{a.b}!"), "--x=${trialParameters.lr},${trialParameters.a.b}!");
  EXPECT_EQ(Replaced("{lr}{lr}"), "${trialParameters.lr}${trialParameters.lr}");
}

TEST(ReplacePlaceholders, LeavesTheProgramsOwnBracesAlone) {
  for (const char* text : {"{", "}", "{}", "{{}}", "{other}", "{lr", "{ lr }", "{\"a\":{\"b\":1}}", "${lr}",
                           "{{other}}", "{lr:.3f}", "{{lr", "a{b}c"}) {
    EXPECT_EQ(Replaced(text), text);
  }
}

TEST(ReplacePlaceholders, WorksInsideJson) {
  EXPECT_EQ(Replaced(R"({"opt":{"lr":{lr}}})"), R"({"opt":{"lr":${trialParameters.lr}}})");
}

TEST(ReplacePlaceholders, DoubledBracesGiveTheTextItself) {
  EXPECT_EQ(Replaced("{{lr}}"), "{lr}");
  EXPECT_EQ(Replaced("x{{lr}}{lr}"), "x{lr}${trialParameters.lr}");
}

TEST(ReplacePlaceholders, TellsWhatItUsedAndWhatNobodyDeclared) {
  const PlaceholderText replaced = ReplacePlaceholders("{lr} {rl} {\"x\":1}", {"lr"});
  EXPECT_THAT(replaced.used, ElementsAre("lr"));
  EXPECT_THAT(replaced.unknown, ElementsAre("rl"));
}

TEST(DeriveName, IsTheProgramsFileName) {
  EXPECT_EQ(DeriveName({"./train.py", "x"}), "train");
  EXPECT_EQ(DeriveName({"/opt/My_Net.v2.sh"}), "my-net-v2");
  EXPECT_EQ(DeriveName({"python3.11", "-u", "src/train.py", "--lr", "{lr}"}), "train");
  EXPECT_EQ(DeriveName({"python", "-m", "pkg.train", "x"}), "pkg-train");
  EXPECT_EQ(DeriveName({"env", "A=1", "bash", "run.sh"}), "run");
  EXPECT_EQ(DeriveName({"uv", "run", "fit.py"}), "fit");
  EXPECT_EQ(DeriveName({"sh", "-c", "echo hi"}), "sh");
  EXPECT_EQ(DeriveName({"python", "{lr}"}), "python");
  EXPECT_EQ(DeriveName({}), "experiment");
}

TEST(ToResourceName, IsAlwaysValid) {
  EXPECT_EQ(ToResourceName("my-net"), "my-net");
  EXPECT_EQ(ToResourceName("2nd try"), "x2nd-try");
  EXPECT_EQ(ToResourceName("--"), "experiment");
  EXPECT_EQ(ToResourceName("日本"), "experiment");
  EXPECT_EQ(ToResourceName(std::string(39, 'a') + "-b"), std::string(39, 'a'));
}

}  // namespace
}  // namespace qalam::cli
