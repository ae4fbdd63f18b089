#include "base/asio_event_loop.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace qalam {
namespace {

TEST(AsioEventLoop, RunsTasksInOrderAndTimersAfterTheirDelay) {
  AsioEventLoop loop;
  std::vector<int> order;
  loop.PostAfter(absl::Milliseconds(20), [&] {
    order.push_back(3);
    loop.Stop();
  });
  loop.Post([&] { order.push_back(1); });
  loop.Post([&] { order.push_back(2); });
  loop.Run();
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST(AsioEventLoop, ACancelledTimerNeverFires) {
  AsioEventLoop loop;
  bool fired = false;
  const EventLoop::TimerId timer = loop.PostAfter(absl::Milliseconds(1), [&] { fired = true; });
  loop.Cancel(timer);
  loop.PostAfter(absl::Milliseconds(20), [&] { loop.Stop(); });
  loop.Run();
  EXPECT_FALSE(fired);
}

TEST(AsioEventLoop, TakesTasksFromOtherThreads) {
  AsioEventLoop loop;
  int count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        loop.Post([&] {
          if (++count == 400) loop.Stop();
        });
      }
    });
  }
  loop.Run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, 400);
}

}  // namespace
}  // namespace qalam
