#include "workload/slots.h"

#include <gtest/gtest.h>

namespace qalam::workload {
namespace {

TEST(SlotAllocator, GivesTheSmallestFreeNumber) {
  SlotAllocator slots;
  EXPECT_EQ(slots.Acquire(), 0);
  EXPECT_EQ(slots.Acquire(), 1);
  EXPECT_EQ(slots.Acquire(), 2);
  slots.Release(1);
  slots.Release(0);
  EXPECT_EQ(slots.Acquire(), 0);
  EXPECT_EQ(slots.Acquire(), 1);
  EXPECT_EQ(slots.Acquire(), 3);
}

TEST(GpusForSlot, SplitsThemIntoRunsOfNeighbours) {
  const std::vector<std::string> gpus = {"0", "1", "2", "3", "GPU-abc"};
  EXPECT_EQ(GpusForSlot(gpus, 0, 2), "0,1");
  EXPECT_EQ(GpusForSlot(gpus, 1, 2), "2,3,GPU-abc");
  EXPECT_EQ(GpusForSlot(gpus, 0, 1), "0,1,2,3,GPU-abc");
  EXPECT_EQ(GpusForSlot(gpus, 4, 5), "GPU-abc");
}

TEST(GpusForSlot, TakesTurnsWithFewerGpusThanSlots) {
  EXPECT_EQ(GpusForSlot({"5", "6"}, 0, 3), "5");
  EXPECT_EQ(GpusForSlot({"5", "6"}, 1, 3), "6");
  EXPECT_EQ(GpusForSlot({"5", "6"}, 2, 3), "5");
}

TEST(GpusForSlot, StartsOverForSlotsBeyondTheCount) {
  EXPECT_EQ(GpusForSlot({"0", "1"}, 2, 2), "0");
  EXPECT_EQ(GpusForSlot({"0", "1"}, 3, 2), "1");
}

TEST(GpusForSlot, IsEmptyWithoutGpus) { EXPECT_EQ(GpusForSlot({}, 3, 2), ""); }

}  // namespace
}  // namespace qalam::workload
