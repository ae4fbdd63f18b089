#include "cli/live_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/text_width.h"
#include "fixtures.h"

namespace qalam::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// 8 of 20 done (one failed), two running, best 0.95.
ProgressModel Sample() {
  ProgressModel model(At(0));
  api::Experiment experiment = MakeExperiment();
  experiment.spec.max_trial_count = 20;
  experiment.spec.parallel_trial_count = 2;
  model.Load(experiment, {});
  const char* values[] = {"0.5", "0.61", "0.6", "0.82", "0.8", "0.95", "0.94"};
  for (int i = 0; i < 7; ++i) {
    const api::Trial trial =
        Started(MakeTrial("quick-t" + std::to_string(i), "0.0" + std::to_string(i + 1)), 10 * i);
    model.Apply(trial, At(10 * i));
    model.Apply(Succeeded(trial, 10 * i + 10, values[i]), At(10 * i + 10));
  }
  const api::Trial failed = Started(MakeTrial("quick-bad"), 70);
  model.Apply(failed, At(70));
  model.Apply(Failed(failed, 75, "exit code 3"), At(75));
  model.Apply(Started(MakeTrial("quick-run1", "0.0123456789"), 71), At(71));
  model.Apply(Started(MakeTrial("quick-run22", "0.5"), 75), At(75));
  model.AddPoint("quick-run1", "accuracy", "0.912345678");
  return model;
}

std::vector<std::string> Rendered(int width, bool utf8 = true, bool color = false, int height = 24,
                                  RunPhase phase = RunPhase::kRunning) {
  return RenderLiveView(Sample(), {width, height, utf8, color, phase}, At(80));
}

TEST(LiveView, ShowsEverythingOnAnOrdinaryTerminal) {
  EXPECT_THAT(
      Rendered(100),
      ElementsAre("quick  random  ████████████▒▒▒░░░░░░░░░░░░░░░  8/20  40%  1m20s, 49s left  1 failed",
                  "running  run1     9.0s  accuracy=0.912346  lr=0.0123457 layers=2 opt=adam",
                  "         run22    5.0s  lr=0.5 layers=2 opt=adam",
                  "best     accuracy=0.95  t5  lr=0.06 layers=2 opt=adam", "         ▁▂▂▆▆██  0.5 → 0.95",
                  "failed   bad  exit code 3"));
}

TEST(LiveView, IsPlainAsciiWithoutUtf8) {
  const std::vector<std::string> lines = Rendered(100, false);
  EXPECT_THAT(
      lines,
      ElementsAre("quick  random  [###########---              ]  8/20  40%  1m20s, 49s left  1 failed",
                  "running  run1     9.0s  accuracy=0.912346  lr=0.0123457 layers=2 opt=adam",
                  "         run22    5.0s  lr=0.5 layers=2 opt=adam",
                  "best     accuracy=0.95  t5  lr=0.06 layers=2 opt=adam", "         _..++##  0.5 -> 0.95",
                  "failed   bad  exit code 3"));
  for (const std::string& line : lines) EXPECT_EQ(Printable(line, false), line);
}

TEST(LiveView, CutsToNarrowTerminals) {
  EXPECT_THAT(Rendered(60), ElementsAre("quick  random  ██▒░░░░  8/20  40%  1m20s, 49s left  1 failed",
                                        "running  run1     9.0s  accuracy=0.912346  lr=0.0123457 lay…",
                                        "         run22    5.0s  lr=0.5 layers=2 opt=adam",
                                        "best     accuracy=0.95  t5  lr=0.06 layers=2 opt=adam",
                                        "         ▁▂▂▆▆██  0.5 → 0.95", "failed   bad  exit code 3"));
  EXPECT_THAT(Rendered(30), ElementsAre("quick  8/20  40%  1m20s, 49s …", "running  run1     9.0s  accur…",
                                        "         run22    5.0s  lr=0.…", "best     accuracy=0.95  t5  l…",
                                        "         ▁▂▂▆▆██  0.5 → 0.95", "failed   bad  exit code 3"));
}

TEST(LiveView, SaysWhichTrialsAreStoppedAndWhy) {
  ProgressModel model = Sample();
  api::Trial trial = Stopping(Started(MakeTrial("quick-run22", "0.5"), 75), 78);
  model.Apply(trial, At(78));
  EXPECT_THAT(
      RenderLiveView(model, {130, 24, true, false, RunPhase::kRunning}, At(80)),
      testing::Contains("         run22    5.0s  stopping: best accuracy 0.1 at report 4 is less than 0.5 "
                        "(medianstop)  lr=0.5 layers=2 opt=adam"));
  trial.status.observation = api::Observation{{{"accuracy", "0.1", "0.1", "0.1"}}};
  model.Apply(trial, At(79));
  EXPECT_THAT(RenderLiveView(model, {130, 24, true, false, RunPhase::kRunning}, At(80))[0],
              HasSubstr("  1 stopped early  1 failed"));
}

TEST(LiveView, FitsEveryWidth) {
  for (int width = 1; width <= 130; ++width) {
    for (const bool utf8 : {true, false}) {
      for (const std::string& line : Rendered(width, utf8)) EXPECT_LE(DisplayWidth(line), width) << line;
    }
  }
}

TEST(LiveView, ColoursDoNotChangeTheText) {
  const std::vector<std::string> plain = Rendered(60), coloured = Rendered(60, true, true);
  ASSERT_EQ(plain.size(), coloured.size());
  for (size_t i = 0; i < plain.size(); ++i) {
    std::string stripped;
    for (size_t at = 0; at < coloured[i].size(); ++at) {
      if (coloured[i][at] == '\033')
        at = coloured[i].find('m', at);
      else
        stripped += coloured[i][at];
    }
    EXPECT_EQ(stripped, plain[i]);
    EXPECT_THAT(plain[i], Not(HasSubstr("\033")));
  }
  EXPECT_THAT(coloured[3], HasSubstr("\033[32maccuracy=0.95\033[0m"));
}

TEST(LiveView, LeavesOneLineOfTheTerminalFree) {
  for (int height = 2; height <= 12; ++height) {
    EXPECT_LE(Rendered(80, true, false, height).size(), static_cast<size_t>(height - 1)) << height;
  }
  EXPECT_THAT(Rendered(80, true, false, 6), testing::Contains(HasSubstr("running  2 trials")));
}

TEST(LiveView, SumsUpMoreRunningTrialsThanItShows) {
  ProgressModel model(At(0));
  model.Load(MakeExperiment(), {});
  for (int i = 10; i < 30; ++i) model.Apply(Started(MakeTrial("quick-t" + std::to_string(i)), 1), At(1));
  const std::vector<std::string> lines = RenderLiveView(model, {80, 24, true, false}, At(2));
  ASSERT_EQ(lines.size(), 9u);
  EXPECT_THAT(lines[1], HasSubstr("running  t10"));
  EXPECT_EQ(lines[8], "         and 13 more trials");
}

TEST(LiveView, SaysWhatTheNextInterruptDoes) {
  EXPECT_EQ(Rendered(80, true, false, 24, RunPhase::kDraining).back(),
            "stopping: running trials may finish; Ctrl-C again ends them");
  EXPECT_EQ(Rendered(80, true, false, 24, RunPhase::kStopping).back(),
            "stopping: ending running trials; Ctrl-C again leaves at once");
}

TEST(LiveView, NeedsNeitherATotalNorAnyTrial) {
  ProgressModel model(At(0));
  api::Experiment experiment = MakeExperiment();
  experiment.spec.max_trial_count.reset();
  model.Load(experiment, {});
  EXPECT_THAT(RenderLiveView(model, {80, 24, true, false}, At(3)),
              ElementsAre("quick  random  0 done  3.0s"));
}

}  // namespace
}  // namespace qalam::cli
