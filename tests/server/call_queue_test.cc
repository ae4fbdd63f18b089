#include "server/call_queue.h"

#include <gmock/gmock.h>

#include <map>

namespace qalam::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Jobs that run until the test ends them.
class CallQueueTest : public testing::Test {
 protected:
  CallQueue::Job Job(const std::string& name, std::uint64_t key = 0) {
    return {.key = key,
            .abandoned = [this, name] { return abandoned_[name]; },
            .start =
                [this, name](CallQueue::Done done) {
                  events_.push_back("+" + name);
                  running_[name] = std::move(done);
                },
            .drop = [this, name] { events_.push_back("-" + name); }};
  }

  void End(const std::string& name) { running_.extract(name).mapped()(); }

  std::vector<std::string> events_;
  std::map<std::string, CallQueue::Done> running_;
  std::map<std::string, bool> abandoned_;
};

TEST_F(CallQueueTest, RunsOneKeyInOrderAndOthersBesideIt) {
  CallQueue queue("test", 4, 10);
  for (const char* name : {"a1", "a2", "a3"}) EXPECT_TRUE(queue.Submit(Job(name, 1)).ok());
  EXPECT_TRUE(queue.Submit(Job("b1", 2)).ok());
  EXPECT_THAT(events_, ElementsAre("+a1", "+b1"));
  EXPECT_EQ(queue.running(), 2u);
  EXPECT_EQ(queue.waiting(), 2u);
  End("b1");
  End("a1");
  End("a2");
  EXPECT_THAT(events_, ElementsAre("+a1", "+b1", "+a2", "+a3"));
}

TEST_F(CallQueueTest, RunsJobsWithoutKeySideBySide) {
  CallQueue queue("test", 2, 10);
  for (const char* name : {"a", "b", "c"}) EXPECT_TRUE(queue.Submit(Job(name)).ok());
  EXPECT_THAT(events_, ElementsAre("+a", "+b"));
  End("a");
  EXPECT_THAT(events_, ElementsAre("+a", "+b", "+c"));
}

TEST_F(CallQueueTest, RefusesWhatWouldWaitBeyondTheBound) {
  CallQueue queue("test", 1, 1);
  EXPECT_TRUE(queue.Submit(Job("a")).ok());
  EXPECT_TRUE(queue.Submit(Job("b")).ok());
  const absl::Status refused = queue.Submit(Job("c"));
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("1 test calls may run and 1 wait"));
  End("a");
  EXPECT_TRUE(queue.Submit(Job("d")).ok());
  End("b");
  EXPECT_THAT(events_, ElementsAre("+a", "+b", "+d"));
}

TEST_F(CallQueueTest, WithoutRoomToWaitStillRunsWhatItCan) {
  CallQueue queue("test", 1, 0);
  EXPECT_TRUE(queue.Submit(Job("a")).ok());
  EXPECT_FALSE(queue.Submit(Job("b")).ok());
  End("a");
  EXPECT_TRUE(queue.Submit(Job("c")).ok());
  EXPECT_THAT(events_, ElementsAre("+a", "+c"));
}

TEST_F(CallQueueTest, DropsWhatNobodyWaitsForInsteadOfRunningIt) {
  CallQueue queue("test", 1, 10);
  for (const char* name : {"a", "b", "c"}) EXPECT_TRUE(queue.Submit(Job(name, 1)).ok());
  abandoned_["b"] = true;
  End("a");
  EXPECT_THAT(events_, ElementsAre("+a", "-b", "+c"));
}

TEST_F(CallQueueTest, AbandonedJobsMakeRoomForNewOnes) {
  CallQueue queue("test", 1, 2);
  for (const char* name : {"a", "b", "c"}) EXPECT_TRUE(queue.Submit(Job(name)).ok());
  abandoned_["b"] = true;
  EXPECT_TRUE(queue.Submit(Job("d")).ok());
  EXPECT_THAT(events_, ElementsAre("+a", "-b"));
  EXPECT_FALSE(queue.Submit(Job("e")).ok());
}

// A queue full of work that ends at once must not end in a stack overflow.
TEST_F(CallQueueTest, ManyJobsThatEndAtOnce) {
  CallQueue queue("test", 1, 100'000);
  CallQueue::Done first;
  EXPECT_TRUE(queue
                  .Submit({.abandoned = [] { return false; },
                           .start = [&](CallQueue::Done done) { first = std::move(done); },
                           .drop = [] {}})
                  .ok());
  int ended = 0;
  for (int i = 0; i < 100'000; ++i) {
    EXPECT_TRUE(queue
                    .Submit({.abandoned = [] { return false; },
                             .start =
                                 [&](CallQueue::Done done) {
                                   ++ended;
                                   done();
                                 },
                             .drop = [] {}})
                    .ok());
  }
  first();
  EXPECT_EQ(ended, 100'000);
  EXPECT_EQ(queue.running(), 0u);
}

}  // namespace
}  // namespace qalam::server
