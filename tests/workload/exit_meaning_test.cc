#include "workload/exit_meaning.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace qalam::workload {
namespace {

TEST(ExitMeaning, TwoCodesSpeakAboutTheTrialAndAllOthersFail) {
  EXPECT_EQ(MeaningOfExit(0, 0), ExitMeaning::kDone);
  EXPECT_EQ(MeaningOfExit(75, 0), ExitMeaning::kTryAgain);
  EXPECT_EQ(MeaningOfExit(65, 0), ExitMeaning::kInfeasible);
  for (const int code : {1, 2, 64, 66, 74, 76, 126, 127, 137, 255})
    EXPECT_EQ(MeaningOfExit(code, 0), ExitMeaning::kFailed) << code;
}

TEST(ExitMeaning, ASignalIsAFailureWhateverItsNumber) {
  for (int signal = 1; signal < NSIG; ++signal)
    EXPECT_EQ(MeaningOfExit(0, signal), ExitMeaning::kFailed) << signal;
}

TEST(ExitMeaning, SaysInWordsHowAProgramEnded) {
  EXPECT_EQ(ExitCodeText(3), "exit code 3");
  EXPECT_EQ(ExitCodeText(65), "exit code 65: the parameters are infeasible");
  EXPECT_EQ(SignalText(SIGSEGV), "killed by signal 11 (Segmentation fault)");
  EXPECT_EQ(SignalText(9999), "killed by signal 9999 (unknown)");
}

TEST(ExitMeaning, TellsCrashesFromSignalsOfOthers) {
  for (const int crash : {SIGSEGV, SIGBUS, SIGFPE, SIGILL})
    EXPECT_TRUE(SignalOrigin(crash).starts_with("the program crashed")) << crash;
  for (const int sent : {SIGKILL, SIGTERM, SIGINT, SIGHUP})
    EXPECT_TRUE(SignalOrigin(sent).starts_with("sent from outside")) << sent;
  EXPECT_EQ(SignalOrigin(9999), "");
}

}  // namespace
}  // namespace qalam::workload
