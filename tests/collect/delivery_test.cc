#include "collect/delivery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_event_loop.h"

namespace qalam::collect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FakeClient final : public ReportClient {
 public:
  void Report(const std::string& trial, const Batch& batch, Done done) override {
    EXPECT_EQ(trial, "t");
    calls.push_back(batch);
    pending = std::move(done);
  }
  void SetTrialStatus(const std::string&, Done) override { FAIL(); }

  std::vector<Batch> calls;
  Done pending;
};

class DeliveryTest : public testing::Test {
 protected:
  void Add(std::string_view record, std::int64_t points = 1) {
    ASSERT_TRUE(spool_->Append(record, points).ok());
    delivery_.Wake();
  }
  // Answers the call under way.
  void Answer(const absl::Status& status) {
    ASSERT_TRUE(client_.pending);
    std::exchange(client_.pending, nullptr)(status);
    loop_.RunReady();
  }
  void Finish(absl::Duration wait) {
    delivery_.Finish(wait, [this] { ++finished_; });
    loop_.RunReady();
  }
  std::vector<std::string> Sent() const {
    std::vector<std::string> sent;
    for (const Batch& call : client_.calls) sent.push_back(call.bytes);
    return sent;
  }

  FakeEventLoop loop_;
  FakeClient client_;
  std::unique_ptr<Spool> spool_ = Spool::InMemory({"t", "head:1"});
  std::vector<std::string> said_;
  Delivery delivery_{loop_, *spool_, client_, "head:1",
                     [this](std::string_view text) { said_.emplace_back(text); }};
  int finished_ = 0;
};

TEST_F(DeliveryTest, SendsTheFirstPointAtOnceAndLaterOnesTogether) {
  Add("a");
  EXPECT_THAT(Sent(), ElementsAre("a"));
  Add("b");
  Add("c");
  Answer(absl::OkStatus());
  EXPECT_EQ(client_.calls.size(), 1U);
  loop_.Advance(absl::Milliseconds(500));
  EXPECT_THAT(Sent(), ElementsAre("a", "bc"));
  Answer(absl::OkStatus());
  EXPECT_EQ(delivery_.sent_points(), 3);
  loop_.Advance(absl::Seconds(1));
  EXPECT_FALSE(loop_.has_timers());
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(DeliveryTest, SendsTheSameBatchAgainAfterAFailureWithGrowingPauses) {
  Add("a");
  absl::Duration waited;
  for (int attempt = 1; attempt < 8; ++attempt) {
    Answer(absl::UnavailableError("connection refused"));
    const absl::Duration pause = std::min(absl::Milliseconds(100) * (1 << (attempt - 1)), absl::Seconds(5));
    loop_.Advance(pause - absl::Nanoseconds(1));
    EXPECT_EQ(client_.calls.size(), static_cast<size_t>(attempt));
    loop_.Advance(absl::Nanoseconds(1));
    EXPECT_EQ(client_.calls.size(), static_cast<size_t>(attempt + 1));
    EXPECT_EQ(client_.calls.back().id, client_.calls.front().id);
    waited += pause;
  }
  EXPECT_GT(waited, absl::Seconds(5));
  EXPECT_THAT(said_, ElementsAre(HasSubstr("connection refused"))) << "once, after some seconds";
  Answer(absl::OkStatus());
  EXPECT_THAT(said_, ElementsAre(HasSubstr("connection refused"), "head:1 takes points again"));
  EXPECT_EQ(delivery_.sent_points(), 1);
}

TEST_F(DeliveryTest, SaysNothingOfAShortOutage) {
  Add("a");
  Answer(absl::UnavailableError("restarting"));
  loop_.Advance(absl::Seconds(1));
  Answer(absl::OkStatus());
  loop_.Advance(absl::Seconds(20));
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(DeliveryTest, GivesUpWhatIsRefusedAndGoesOn) {
  Add("bad", 2);
  Add("good");
  Answer(absl::InvalidArgumentError("entry 0: no name"));
  loop_.Advance(absl::Seconds(1));
  Answer(absl::OkStatus());
  EXPECT_THAT(Sent(), ElementsAre("bad", "good"));
  EXPECT_EQ(delivery_.refused_points(), 2);
  EXPECT_EQ(delivery_.sent_points(), 1);
  Add("bad too");
  loop_.Advance(absl::Seconds(1));
  Answer(absl::InvalidArgumentError("entry 0: no name"));
  EXPECT_THAT(said_, ElementsAre(HasSubstr("entry 0: no name"))) << "once";
}

TEST_F(DeliveryTest, ARefusedTokenIsSaidOnceAndNotWaitedForInTheEnd) {
  Add("a");
  Answer(absl::UnauthenticatedError("wrong token"));
  loop_.Advance(absl::Seconds(20));
  Answer(absl::UnauthenticatedError("wrong token"));
  EXPECT_THAT(said_, ElementsAre(HasSubstr("wrong token")));
  EXPECT_EQ(client_.calls.size(), 2U);
  Finish(absl::Minutes(5));
  EXPECT_EQ(client_.calls.size(), 3U) << "a last attempt";
  Answer(absl::UnauthenticatedError("wrong token"));
  EXPECT_EQ(finished_, 1);
  EXPECT_FALSE(spool_->empty());
  EXPECT_FALSE(loop_.has_timers());
}

TEST_F(DeliveryTest, FinishesWhenAllIsSentWithoutRest) {
  Add("a");
  Add("b");
  Finish(absl::Minutes(5));
  Answer(absl::OkStatus());
  EXPECT_EQ(finished_, 0);
  Answer(absl::OkStatus());
  EXPECT_EQ(finished_, 1);
  EXPECT_TRUE(spool_->empty());
  EXPECT_FALSE(loop_.has_timers());
}

TEST_F(DeliveryTest, WithNothingToSendItFinishesAtOnce) {
  Finish(absl::Minutes(5));
  EXPECT_EQ(finished_, 1);
}

TEST_F(DeliveryTest, FinishingTriesAtOnceAndEndsWithTheWait) {
  Add("a");
  for (int i = 0; i < 7; ++i) {
    Answer(absl::UnavailableError("away"));
    if (i < 6) loop_.Advance(absl::Seconds(5));
  }
  const size_t before = client_.calls.size();
  Finish(absl::Seconds(12));
  EXPECT_EQ(client_.calls.size(), before + 1);
  Answer(absl::UnavailableError("away"));
  loop_.Advance(absl::Seconds(14));
  EXPECT_EQ(finished_, 1) << "after the wait and the last call";
  EXPECT_THAT(delivery_.last_error().ToString(), HasSubstr("away"));
}

TEST_F(DeliveryTest, HurryShortensTheWait) {
  Add("a");
  Finish(absl::Minutes(5));
  Answer(absl::UnavailableError("away"));
  delivery_.Hurry(absl::ZeroDuration());
  loop_.RunReady();
  EXPECT_EQ(finished_, 1);
}

TEST_F(DeliveryTest, WithoutAWaitOneReportIsTriedAndTheRestFollowsIfItIsTaken) {
  Add("a");
  Add("b");
  Finish(absl::ZeroDuration());
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(finished_, 0);
  Answer(absl::OkStatus());
  loop_.Advance(absl::Seconds(1));
  EXPECT_THAT(Sent(), ElementsAre("a", "b"));
  Answer(absl::UnavailableError("away"));
  EXPECT_EQ(finished_, 1);
}

TEST_F(DeliveryTest, AnAnswerThatNeverComesIsNotWaitedForBeyondTheLastCall) {
  Add("a");
  Finish(absl::Seconds(1));
  loop_.Advance(absl::Seconds(3));
  EXPECT_EQ(finished_, 1);
}

}  // namespace
}  // namespace qalam::collect
