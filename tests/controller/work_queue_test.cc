#include "controller/work_queue.h"

#include <gtest/gtest.h>

#include "tests/support/fake_event_loop.h"

namespace qalam::controller {
namespace {

const api::ObjectKey kKey{"default", "a"};

TEST(WorkQueue, LooksOnceAtAKeyThatWasAddedManyTimes) {
  FakeEventLoop loop;
  int passes = 0;
  WorkQueue queue(
      loop, [&](const api::ObjectKey&) { return ++passes, ReconcileResult(); }, [](auto&, auto&) {});
  for (int i = 0; i < 10; ++i) queue.Add(kKey);
  loop.RunReady();
  EXPECT_EQ(passes, 1);
}

TEST(WorkQueue, AKeyAddedDuringItsPassGetsAnother) {
  FakeEventLoop loop;
  int passes = 0;
  WorkQueue queue(
      loop,
      [&](const api::ObjectKey& key) {
        if (++passes == 1) queue.Add(key);
        return ReconcileResult();
      },
      [](auto&, auto&) {});
  queue.Add(kKey);
  loop.RunReady();
  EXPECT_EQ(passes, 2);
}

TEST(WorkQueue, RepeatsFailuresWithGrowingPausesUntilSuccess) {
  FakeEventLoop loop;
  std::vector<absl::Duration> moments;
  const absl::Time start = loop.Now();
  int errors = 0;
  WorkQueue queue(
      loop,
      [&](const api::ObjectKey&) -> ReconcileResult {
        moments.push_back(loop.Now() - start);
        return moments.size() < 4 ? ReconcileResult(absl::UnavailableError("no")) : ReconcileResult();
      },
      [&](auto&, auto&) { ++errors; }, {.first = absl::Seconds(1), .longest = absl::Seconds(3)});
  queue.Add(kKey);
  loop.Advance(absl::Minutes(1));
  EXPECT_EQ(moments, (std::vector{absl::Seconds(0), absl::Seconds(1), absl::Seconds(3), absl::Seconds(6)}));
  EXPECT_EQ(errors, 3);
}

TEST(WorkQueue, AWriteThatMetANewerVersionIsNotReported) {
  FakeEventLoop loop;
  int passes = 0, errors = 0;
  WorkQueue queue(
      loop,
      [&](const api::ObjectKey&) -> ReconcileResult {
        return ++passes == 1 ? ReconcileResult(absl::AbortedError("modified")) : ReconcileResult();
      },
      [&](auto&, auto&) { ++errors; });
  queue.Add(kKey);
  loop.Advance(absl::Minutes(1));
  EXPECT_EQ(passes, 2);
  EXPECT_EQ(errors, 0);
}

TEST(WorkQueue, LooksAgainAfterTheDelayThatThePassAskedFor) {
  FakeEventLoop loop;
  int passes = 0;
  WorkQueue queue(
      loop,
      [&](const api::ObjectKey&) {
        return ++passes == 1 ? ReconcileResult::After(absl::Seconds(5)) : ReconcileResult();
      },
      [](auto&, auto&) {});
  queue.Add(kKey);
  loop.Advance(absl::Seconds(4));
  EXPECT_EQ(passes, 1);
  loop.Advance(absl::Seconds(1));
  EXPECT_EQ(passes, 2);
}

TEST(WorkQueue, TasksThatComeAfterItsEndDoNothing) {
  FakeEventLoop loop;
  int passes = 0;
  {
    WorkQueue queue(
        loop, [&](const api::ObjectKey&) { return ++passes, ReconcileResult(); }, [](auto&, auto&) {});
    queue.Add(kKey);
    queue.AddAfter(kKey, absl::Seconds(1));
  }
  loop.Advance(absl::Seconds(2));
  EXPECT_EQ(passes, 0);
}

}  // namespace
}  // namespace qalam::controller
