#include "workload/oom_watch.h"

#include <gtest/gtest.h>

#include "temporary_directory.h"

namespace qalam::workload {
namespace {

using Time = std::chrono::steady_clock::time_point;

TEST(OomWatch, SeesTheKernelsCountRise) {
  const TemporaryDirectory directory;
  const std::string vmstat = directory / "vmstat";
  const auto count = [&](int kills) {
    WriteFile(vmstat, "pgfault 99\noom_kill " + std::to_string(kills) + "\nswap_ra 1\n");
  };
  OomWatch watch(vmstat);
  count(3);
  watch.Begin(Time() + std::chrono::seconds(10));
  EXPECT_FALSE(watch.Rose());
  count(4);
  EXPECT_TRUE(watch.Rose());
  EXPECT_FALSE(watch.Rose());
  // What rose before a later program began is not its fault.
  count(5);
  watch.Begin(Time() + std::chrono::seconds(12));
  EXPECT_FALSE(watch.Rose());
}

TEST(OomWatch, KnowsNothingWhereTheKernelSaysNothing) {
  const TemporaryDirectory directory;
  OomWatch absent(directory / "none");
  absent.Begin(Time());
  EXPECT_FALSE(absent.Rose());
  WriteFile(directory / "vmstat", "pgfault 99\n");
  OomWatch old(directory / "vmstat");
  old.Begin(Time());
  EXPECT_FALSE(old.Rose());
}

}  // namespace
}  // namespace qalam::workload
