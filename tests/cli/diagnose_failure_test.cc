#include "cli/diagnose_failure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence_fixture.h"

namespace qalam::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<Cause> Diagnose(const Scene& scene) { return DiagnoseFailure(scene.Evidence(), scene.around); }

TEST(DiagnoseFailure, ReadsTheExitFromAnnotationsOrFromTheMessage) {
  const RecordedExit signal =
      ExitOf(FailedWith("Error", "killed by signal 9 (Killed)",
                        {.exit_code = 137, .last_failure = "killed by signal 9 (Killed)"}));
  EXPECT_EQ(signal.code, 137);
  EXPECT_EQ(signal.signal, 9);
  EXPECT_FALSE(signal.out_of_memory);
  const RecordedExit older = ExitOf(FailedWith("BackoffLimitExceeded", "exit code 3 (attempt 2 of 2)"));
  EXPECT_EQ(older.code, 3);
  EXPECT_EQ(older.signal, std::nullopt);
  EXPECT_EQ(ExitOf(FailedWith("Error", "killed by signal 11 (Segmentation fault)")).code, 139);
  // What a program prints is no evidence of how it ended.
  EXPECT_EQ(
      ExitOf(FailedWith("Error", "exit code 4; the last line of output was \"killed by signal 9\"")).signal,
      std::nullopt);
}

TEST(DiagnoseFailure, ShowsTheErrorOfAPythonTraceback) {
  Scene scene(FailedWith("Error", "exit code 1", {.exit_code = 1, .last_failure = "exit code 1"}));
  scene.Printed(
      "epoch 1\nTraceback (most recent call last):\n  File \"train.py\", line 7, in <module>\n    main()\n"
      "  File \"train.py\", line 3, in main\n    return math.log(x)\nValueError: math domain error\n");
  const std::vector<Cause> causes = Diagnose(scene);
  ASSERT_EQ(causes.size(), 1u);
  EXPECT_EQ(causes[0].key, "exit-code");
  EXPECT_EQ(causes[0].text, "exit code 1");
  EXPECT_THAT(causes[0].evidence,
              ElementsAre("File \"train.py\", line 3, in main", "ValueError: math domain error"));
  EXPECT_THAT(causes[0].facts, testing::Contains(Fact("exitCode", std::int64_t{1})));
}

TEST(DiagnoseFailure, ShowsTheLastLinesOtherwiseAndWhatTheMessageKeptWithoutOutput) {
  EXPECT_THAT(TellingLines("a\nb\nc\nd\n\n"), ElementsAre("b", "c", "d"));
  EXPECT_THAT(TellingLines(""), IsEmpty());
  EXPECT_THAT(TellingLines("Traceback (most recent call last):\n  File \"x\", line 1\n"),
              ElementsAre("Traceback (most recent call last):", "  File \"x\", line 1"));
  Scene scene(FailedWith("Error", "exit code 3; the last line of output was \"no data\""));
  EXPECT_THAT(Diagnose(scene)[0].evidence, ElementsAre("no data"));
}

TEST(DiagnoseFailure, NamesSignalsAndWhoSendsThem) {
  const auto text = [](const std::string& message) {
    return Diagnose(Scene(FailedWith("Error", message)))[0].text;
  };
  EXPECT_THAT(text("killed by signal 11 (Segmentation fault)"),
              AllOf(HasSubstr("signal 11"), HasSubstr("the program crashed")));
  EXPECT_THAT(text("killed by signal 15 (Terminated)"), HasSubstr("sent from outside: by a scheduler"));
  EXPECT_THAT(text("exit code 137"),
              AllOf(HasSubstr("exit code 137"), HasSubstr("signal 9"), HasSubstr("memory")));
}

TEST(DiagnoseFailure, TellsAMemoryLimitFromWhatOnlySoundsLikeOne) {
  const auto limit = Diagnose(Scene(FailedWith(
      "Error", "out of memory: hit its memory limit; killed by signal 9 (Killed)", {.exit_code = 137})));
  ASSERT_EQ(limit.size(), 1u);
  EXPECT_EQ(limit[0].key, "out-of-memory");
  EXPECT_THAT(limit[0].remedy, HasSubstr("resources.memory"));
  const auto machine =
      Diagnose(Scene(FailedWith("Error",
                                "killed by signal 9 (Killed), while the kernel's out-of-memory "
                                "killer was at work on this machine")));
  ASSERT_EQ(machine.size(), 2u);
  EXPECT_EQ(machine[0].key, "signal");
  EXPECT_EQ(machine[1].key, "likely-out-of-memory");
  Scene likely(FailedWith("Error", "exit code 1"));
  const auto causes =
      Diagnose(likely.Printed("Traceback (most recent call last):\n  File \"t\", line 1\nMemoryError\n"));
  ASSERT_EQ(causes.size(), 2u);
  EXPECT_EQ(causes[0].key, "exit-code");
  EXPECT_EQ(causes[1].key, "likely-out-of-memory");
}

TEST(DiagnoseFailure, TellsInfeasibleAndTemporaryFailuresFromOthers) {
  EXPECT_EQ(Diagnose(Scene(FailedWith("Infeasible", "exit code 65: the parameters are infeasible")))[0].key,
            "infeasible");
  const Cause temporary =
      Diagnose(Scene(FailedWith("TemporaryFailure", "exit code 75 (tried again 3 times)",
                                {.started = 4, .exit_code = 75, .last_failure = "exit code 75"})))[0];
  EXPECT_EQ(temporary.key, "temporary-failure");
  EXPECT_THAT(temporary.text, HasSubstr("the last of 4 attempts"));
}

TEST(DiagnoseFailure, SaysHowLongATrialThatTimedOutHadBeenSilent) {
  Scene scene(FailedWith("DeadlineExceeded", "DeadlineExceeded: ran longer than 19 s", {.exit_code = 143}));
  const Cause silent = Diagnose(scene.Printed("epoch 1\n", 5))[0];
  EXPECT_EQ(silent.key, "timeout");
  EXPECT_THAT(silent.text, AllOf(HasSubstr("longer than 19s"), HasSubstr("nothing for 15s")));
  EXPECT_THAT(Diagnose(scene.Printed("epoch 1\n", 20))[0].text, testing::Not(HasSubstr("hung")));
  EXPECT_THAT(Diagnose(scene.Printed("", 1))[0].text, HasSubstr("nothing at all"));
}

TEST(DiagnoseFailure, LooksForProgramsThatCannotBeRun) {
  Scene scene(FailedWith("Error", "cannot run 'python': No such file or directory", {.exit_code = 127}));
  const Cause missing = Diagnose(scene)[0];
  EXPECT_EQ(missing.key, "not-started");
  EXPECT_THAT(missing.remedy, HasSubstr("install python"));
  EXPECT_THAT(missing.evidence, ElementsAre("PATH=/nowhere"));
  scene.around.path = "/usr/bin:/bin";
  EXPECT_THAT(Diagnose(scene)[0].remedy, HasSubstr("write python3"));
  EXPECT_THAT(
      Diagnose(Scene(FailedWith("Error", "cannot run 'x.py': Permission denied", {.exit_code = 126})))[0]
          .remedy,
      HasSubstr("chmod +x"));
  EXPECT_THAT(Diagnose(Scene(FailedWith("InvalidTemplate", "spec.command: must be given")))[0].text,
              HasSubstr("spec.command: must be given"));
}

TEST(DiagnoseFailure, KnowsWhatSomeMessagesNeed) {
  const auto remedy = [](int code, const std::string& output) {
    Scene scene(FailedWith("Error", "exit code " + std::to_string(code), {.exit_code = code}));
    return Diagnose(scene.Printed(output))[0].remedy;
  };
  EXPECT_THAT(remedy(1, "ModuleNotFoundError: No module named 'torch'\n"), HasSubstr("install the module"));
  EXPECT_THAT(remedy(2, "train.py: error: unrecognized arguments: --lr 0.1\n"), HasSubstr("its arguments"));
  EXPECT_EQ(remedy(3, "unrecognized arguments\n"), "");
}

}  // namespace
}  // namespace qalam::cli
