#include "cli/katib_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qalam::cli {
namespace {

using testing::ElementsAre;

TEST(TranslateKatibFlags, GivesWhatTheInjectorGivesItsSidecar) {
  EXPECT_THAT(TranslateKatibFlags({"-t",           "trial-1",
                                   "-m",           "loss;acc;lr",
                                   "-o-type",      "minimize",
                                   "-s-db",        "katib-db-manager.kubeflow:6789",
                                   "-path",        "/var/log/katib/metrics.log",
                                   "-format",      "TEXT",
                                   "-w",           "false",
                                   "-stop-rule",   "loss;1;greater;4",
                                   "-stop-rule",   "acc;0.1;less;0",
                                   "-s-earlystop", "es:6788"}),
              ElementsAre("--trial", "trial-1", "--objective", "loss", "--metric", "acc", "--metric", "lr",
                          "--type", "minimize", "--server", "katib-db-manager.kubeflow:6789", "--path",
                          "/var/log/katib/metrics.log", "--format", "TEXT", "--stop-rule", "loss;1;greater;4",
                          "--stop-rule", "acc;0.1;less;0", "--early-stopping", "es:6788"));
}

TEST(TranslateKatibFlags, ReadsValuesAfterAnEqualsSignAndTwoDashes) {
  EXPECT_THAT(TranslateKatibFlags({"-t=a=b", "--s-db=h:1", "--m", "loss", "-p=1s"}),
              ElementsAre("--trial", "a=b", "--server", "h:1", "--objective", "loss"));
}

TEST(TranslateKatibFlags, SplitsFiltersAtSemicolonsOnly) {
  EXPECT_THAT(TranslateKatibFlags({"-f", R"((\w+)=(\d+);;(\w+): (.*))"}),
              ElementsAre("--filter", R"((\w+)=(\d+))", "--filter", R"((\w+): (.*))"));
}

TEST(TranslateKatibFlags, LeavesEverythingElseAlone) {
  EXPECT_THAT(TranslateKatibFlags({"--path", "p", "--format", "JSON", "-x", "t", "--trial", "m", "-t"}),
              ElementsAre("--path", "p", "--format", "JSON", "-x", "t", "--trial", "m", "-t"));
}

}  // namespace
}  // namespace qalam::cli
