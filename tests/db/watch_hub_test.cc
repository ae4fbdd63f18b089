#include "db/watch_hub.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "api/experiment.h"

namespace qalam::db {
namespace {

Change ChangeOf(std::int64_t version) {
  auto experiment = std::make_shared<api::Experiment>();
  experiment->metadata.name = "e" + std::to_string(version);
  experiment->metadata.namespace_name = "default";
  return {version, {api::WatchEventType::kAdded, experiment}};
}

void Publish(WatchHub& hub, std::int64_t version) {
  const Change change = ChangeOf(version);
  const std::size_t bytes = 100;
  hub.Publish({&change, 1}, {&bytes, 1});
}

TEST(WatchHub, DestroyingAWatchWaitsForItsCallback) {
  WatchHub hub(0, {});
  std::atomic<bool> inside = false, leave = false, finished = false;
  auto watch = hub.Subscribe(api::Kind::kExperiment, "", 0, [&](const api::WatchEvent&) {
    inside = true;
    inside.notify_all();
    leave.wait(false);
    finished = true;
  });
  ASSERT_TRUE(watch.ok()) << watch.status();
  std::thread deliverer([&] {
    Publish(hub, 1);
    hub.Deliver();
  });
  inside.wait(false);
  std::thread releaser([&] {
    leave = true;
    leave.notify_all();
  });
  watch->reset();
  EXPECT_TRUE(finished);
  deliverer.join();
  releaser.join();
}

TEST(WatchHub, ASlowCallbackHoldsUpNoOtherWatchAndNeverOverlaps) {
  WatchHub hub(0, {});
  std::atomic<bool> inside = false, leave = false;
  std::atomic<int> running = 0, slow_events = 0, quick_events = 0;
  const auto slow = hub.Subscribe(api::Kind::kExperiment, "", 0, [&](const api::WatchEvent&) {
    EXPECT_EQ(++running, 1);
    if (++slow_events == 1) {
      inside = true;
      inside.notify_all();
      leave.wait(false);
    }
    --running;
  });
  const auto quick =
      hub.Subscribe(api::Kind::kExperiment, "", 0, [&](const api::WatchEvent&) { ++quick_events; });
  std::thread first([&] {
    Publish(hub, 1);
    hub.Deliver();
  });
  inside.wait(false);
  Publish(hub, 2);
  hub.Deliver();  // returns, though the first callback is still busy
  EXPECT_EQ(quick_events, 2);
  EXPECT_EQ(slow_events, 1);
  leave = true;
  leave.notify_all();
  first.join();
  EXPECT_EQ(slow_events, 2);
}

TEST(WatchHub, DestroyingFromAnotherWatchsCallbackOnTheSameThreadDoesNotHang) {
  WatchHub hub(0, {});
  std::unique_ptr<api::Watch> outer;
  int outer_calls = 0;
  const auto inner = hub.Subscribe(api::Kind::kExperiment, "", 0, [&](const api::WatchEvent& event) {
    if (event.resource->metadata.name == "e2") outer.reset();
  });
  outer = *hub.Subscribe(api::Kind::kExperiment, "", 0, [&](const api::WatchEvent&) {
    if (++outer_calls > 1) return;
    Publish(hub, 2);
    hub.Deliver();
  });
  Publish(hub, 1);
  hub.Deliver();
  EXPECT_EQ(outer_calls, 1);
  EXPECT_EQ(outer, nullptr);
}

TEST(WatchHub, AWatchMayOutliveTheHub) {
  auto hub = std::make_unique<WatchHub>(0, HistoryLimits{});
  auto watch = hub->Subscribe(api::Kind::kExperiment, "", 0, [](const api::WatchEvent&) {});
  hub.reset();
  watch->reset();
}

TEST(WatchHub, WhatACallbackHoldsIsReleasedWithTheWatch) {
  WatchHub hub(0, {});
  auto held = std::make_shared<int>(1);
  auto watch = hub.Subscribe(api::Kind::kExperiment, "", 0, [held](const api::WatchEvent&) {});
  EXPECT_EQ(held.use_count(), 2);
  watch->reset();
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace qalam::db
