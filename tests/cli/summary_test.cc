#include "cli/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.h"

namespace qalam::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Summary, SaysEverythingAboutAFinishedExperiment) {
  const FakeReadStore store = FinishedStore();
  const SummaryInput input{.experiment = &store.experiments[0],
                           .best_trial = &store.trials[1],
                           .best_log_file = ".qalam/logs/quick-bbb/output.log",
                           .wall = absl::Seconds(252),
                           .busy_share = 0.926,
                           .resume_command = "qalam run x"};
  EXPECT_THAT(
      SummaryLines(input, Terminal{.utf8 = true}),
      ElementsAre("quick finished: all 3 trials are done", "best    accuracy=0.95  loss=0.3  trial quick-bbb",
                  "        lr=0.003 layers=2 opt=adam", "again   python train.py --lr 0.003 --layers=2 adam",
                  "trials  2 succeeded, 1 failed", "why     qalam why quick",
                  "logs    .qalam/logs/quick-bbb/output.log  (any trial: qalam logs quick/TRIAL)",
                  "took    4m12s; 4 slots were busy 93% of the time"));
}

TEST(Summary, TellsHowToGoOnAfterAnInterruption) {
  api::Experiment experiment = MakeExperiment();
  AddCondition(experiment.status.conditions, "Running", At(0));
  experiment.spec.parallel_trial_count = 1;
  SummaryInput input{.experiment = &experiment,
                     .wall = absl::Seconds(3),
                     .busy_share = 1.0,
                     .cause = EndCause::kInterrupted,
                     .resume_command = "qalam run exp.yaml"};
  EXPECT_THAT(
      SummaryLines(input, Terminal{}),
      ElementsAre("quick ended early: interrupted; finished trials are kept",
                  "best    none: no trial has reported the objective yet", "trials  none yet",
                  "logs    (any trial: qalam logs quick/TRIAL)",
                  "took    3.0s; 1 slot was busy 100% of the time", "resume with: qalam run exp.yaml"));
  input.cause = EndCause::kTimeout;
  EXPECT_THAT(SummaryLines(input, Terminal{}), Contains(HasSubstr("the time given with --timeout is over")));
  input.cause = EndCause::kTerminated;
  EXPECT_THAT(SummaryLines(input, Terminal{}), Contains(HasSubstr("terminated")));
}

TEST(Summary, AFailureIsNotCalledFinished) {
  api::Experiment experiment = MakeExperiment();
  AddCondition(experiment.status.conditions, "Failed", At(0), "ExperimentFailed", "Suggestion has failed");
  EXPECT_EQ(SummaryLines({.experiment = &experiment}, Terminal{})[0], "quick failed: Suggestion has failed");
}

TEST(Summary, KeepsCommandsByteForByteWhateverTheTerminal) {
  FakeReadStore store = FinishedStore();
  store.trials[1].spec.run_spec.text = R"({"kind":"Process","spec":{"command":["echo","é\n$x"]}})";
  const SummaryInput input{.experiment = &store.experiments[0], .best_trial = &store.trials[1]};
  EXPECT_THAT(SummaryLines(input, Terminal{.width = 20, .utf8 = false}), Contains("again   echo 'é\n$x'"));
  EXPECT_THAT(SummaryLines(input, Terminal{.utf8 = true, .color = true}),
              Contains("\033[2magain\033[0m   \033[1mecho 'é\n$x'\033[0m"));
}

}  // namespace
}  // namespace qalam::cli
