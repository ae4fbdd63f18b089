#include "cli/command_line_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "fixtures.h"

namespace qalam::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string ShellOutput(const std::string& script) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  std::string output;
  std::array<char, 4096> buffer;
  for (ssize_t n; (n = read(ends[0], buffer.data(), buffer.size())) > 0;)
    output.append(buffer.data(), static_cast<size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << script;
  return output;
}

TEST(ShellQuote, LeavesPlainWordsAsTheyAre) {
  EXPECT_EQ(ShellQuote("train.py"), "train.py");
  EXPECT_EQ(ShellQuote("--lr=1e-5"), "--lr=1e-5");
  EXPECT_EQ(ShellQuote(""), "''");
  EXPECT_EQ(ShellQuote("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellQuote("A=b"), "'A=b'");  // would be an assignment in front of a command
}

TEST(ShellQuote, SurvivesARealShell) {
  std::vector<std::string> words = {"",
                                    " ",
                                    "it's",
                                    "\"",
                                    "\\",
                                    "$HOME",
                                    "`id`",
                                    "a\nb\n",
                                    "*",
                                    "~",
                                    "!x",
                                    "{a,b}",
                                    "{\"a\":{\"b\":1}}",
                                    "日本",
                                    "\xFF\xFE",
                                    "-n",
                                    "a;b&c|d",
                                    "#x",
                                    "%s",
                                    "A=b",
                                    "=ls",
                                    "\t"};
  std::string all;
  for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
  words.push_back(all);
  std::string script = "printf '%s\\0'", expected;
  for (const std::string& word : words) {
    script += ' ' + ShellQuote(word);
    expected += word + '\0';
  }
  EXPECT_EQ(ShellOutput(script), expected);
}

TEST(FindProgramCall, ReadsAProcess) {
  const auto call = FindProgramCall(
      {R"({"kind":"Process","spec":{"command":["run",7],"args":["x"],"env":{"A":"1","B":2},"workingDir":"/w"}})"},
      "main");
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_THAT(call->argv, ElementsAre("run", "7", "x"));
  EXPECT_THAT(call->environment, ElementsAre(api::NameValue{"A", "1"}, api::NameValue{"B", "2"}));
  EXPECT_EQ(call->working_directory, "/w");
}

TEST(FindProgramCall, FindsThePrimaryContainerWhereverItIs) {
  const std::string containers =
      R"({"containers":[{"name":"sidecar","command":["no"]},
          {"name":"training","command":["python","t.py"],"args":["--lr=1"],
           "env":[{"name":"A","value":"1"},{"name":"S","valueFrom":{}}],"workingDir":"/w"}]})";
  for (const std::string& spec :
       {R"({"kind":"Job","spec":{"template":{"spec":)" + containers + "}}}",
        R"({"kind":"PyTorchJob","spec":{"pytorchReplicaSpecs":{"Master":{"template":{"spec":)" + containers +
            "}}}}}"}) {
    const auto call = FindProgramCall({spec}, "training");
    ASSERT_TRUE(call.ok()) << call.status();
    EXPECT_THAT(call->argv, ElementsAre("python", "t.py", "--lr=1"));
    EXPECT_THAT(call->environment, ElementsAre(api::NameValue{"A", "1"}));
  }
}

TEST(FindProgramCall, SaysWhatIsMissing) {
  EXPECT_EQ(FindProgramCall({""}, "main").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FindProgramCall({"[1"}, "main").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FindProgramCall({R"({"kind":"Process"})"}, "main").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(
      FindProgramCall({R"({"kind":"Job","spec":{"containers":[{"name":"other"}]}})"}, "main").status().code(),
      absl::StatusCode::kNotFound);
  const auto image_only =
      FindProgramCall({R"({"kind":"Job","spec":{"containers":[{"name":"main"}]}})"}, "main");
  EXPECT_THAT(std::string(image_only.status().message()), HasSubstr("names no command"));
}

TEST(CommandLine, CanBePasted) {
  ProgramCall call{
      {{"GREETING", "hello world"}, {"EMPTY", ""}}, "/tmp", {"sh", "-c", "echo \"$GREETING\" $EMPTY $(pwd)"}};
  EXPECT_EQ(CommandLine(call),
            "(cd /tmp && GREETING='hello world' EMPTY= sh -c 'echo \"$GREETING\" $EMPTY $(pwd)')");
  EXPECT_EQ(ShellOutput(CommandLine(call)), "hello world /tmp\n");
}

TEST(CommandLine, UsesEnvForNamesThatAShellCannotAssign) {
  const ProgramCall call{{{"my.var", "1"}}, "", {"printenv", "my.var"}};
  EXPECT_EQ(CommandLine(call), "env my.var=1 printenv my.var");
  EXPECT_EQ(ShellOutput(CommandLine(call)), "1\n");
}

TEST(BestArguments, AreTheArgumentsThatCarryParameters) {
  const api::Experiment experiment = MakeExperiment();
  EXPECT_EQ(
      BestArguments(*experiment.spec.trial_template, {{"lr", "0.003"}, {"layers", "2"}, {"opt", "a b"}}),
      "--lr 0.003 --layers=2 'a b'");
}

TEST(BestArguments, FollowTheReferencesOfTheTemplate) {
  api::TrialTemplate trial_template;
  trial_template.primary_container_name = "main";
  trial_template.trial_parameters = {{"rate", "", "lr"}};
  trial_template.trial_spec.text =
      R"({"kind":"Job","spec":{"containers":[{"name":"main","command":["t"],"args":["--rate=${trialParameters.rate}"]}]}})";
  EXPECT_EQ(BestArguments(trial_template, {{"lr", "0.5"}}), "--rate=0.5");
}

TEST(BestArguments, FallBackToNamesWhenNoArgumentCarriesAParameter) {
  api::TrialTemplate trial_template;
  trial_template.trial_spec.text =
      R"({"kind":"Process","spec":{"command":["t"],"env":{"LR":"${trialParameters.lr}"}}})";
  trial_template.trial_parameters = {{"lr", "", "lr"}};
  EXPECT_EQ(BestArguments(trial_template, {{"lr", "0.5"}, {"opt", "it's"}}), "--lr=0.5 '--opt=it'\\''s'");
}

TEST(BestEnvironment, IsSafeToEvaluate) {
  const std::string lines = BestEnvironment({{"lr", "0.1"}, {"a-b.c", "x; echo $HOME"}, {"1st", ""}});
  EXPECT_EQ(lines, "lr=0.1\na_b_c='x; echo $HOME'\n_1st=''\n");
  EXPECT_EQ(ShellOutput(lines + "printf '%s|%s|%s' \"$lr\" \"$a_b_c\" \"$_1st\""), "0.1|x; echo $HOME|");
}

}  // namespace
}  // namespace qalam::cli
