#include "metrics/report_queue.h"

#include <gmock/gmock.h>

#include "tests/metrics/loop_fixture.h"

namespace qalam::metrics {
namespace {

using testing::ElementsAre;

constexpr ReportOptions kQuick{.max_batch_points = 2,
                               .full_points = 4,
                               .first_retry = absl::Milliseconds(1),
                               .last_retry = absl::Milliseconds(2)};

class ReportQueueTest : public LoopFixture {
 protected:
  void Add(std::initializer_list<const char*> values) {
    for (const char* value : values) queue_->Add({"0001-01-01T00:00:00Z", "loss", value});
  }
  void Answer(absl::Status status) {
    const auto done = std::move(done_.back());
    done_.pop_back();
    done(std::move(status));
  }
  bool HasCalls(size_t count) {
    return PumpUntil([&] { return sent_.size() == count; });
  }

  using Values = std::vector<std::string>;
  std::vector<Values> sent_;
  std::vector<std::uint64_t> batches_;
  std::vector<std::function<void(absl::Status)>> done_;
  int progress_ = 0;
  ReportSink sink_ = [this](const std::string& key, std::uint64_t batch, std::vector<MetricPoint> points,
                            std::function<void(absl::Status)> done) {
    EXPECT_EQ(key, "trial");
    batches_.push_back(batch);
    Values values;
    for (const MetricPoint& point : points) values.push_back(point.value);
    sent_.push_back(values);
    done_.push_back(std::move(done));
  };
  std::unique_ptr<ReportQueue> queue_ =
      std::make_unique<ReportQueue>(loop_, sink_, "trial", kQuick, [this] { ++progress_; });
};

TEST_F(ReportQueueTest, SendsBatchesInOrderOneAtATime) {
  queue_->Flush();
  EXPECT_TRUE(sent_.empty());
  Add({"1", "2", "3"});
  queue_->Flush();
  queue_->Flush();
  EXPECT_THAT(sent_, ElementsAre(Values{"1", "2"}));
  Answer(absl::OkStatus());
  EXPECT_TRUE(PumpUntil([&] { return progress_ == 1; }));
  queue_->Flush();
  EXPECT_THAT(sent_, ElementsAre(Values{"1", "2"}, Values{"3"}));
  EXPECT_FALSE(queue_->idle());
  Answer(absl::OkStatus());
  EXPECT_TRUE(PumpUntil([&] { return progress_ == 2; }));
  EXPECT_TRUE(queue_->idle());
}

TEST_F(ReportQueueTest, LimitsTheBytesOfABatch) {
  ReportOptions options;
  options.max_batch_bytes = 1'000;
  ReportQueue queue(loop_, sink_, "trial", options, [] {});
  for (int i = 0; i < 3; ++i) queue.Add({"", "loss", std::string(600, 'x')});
  queue.Flush();
  EXPECT_EQ(sent_.back().size(), 1u);
  EXPECT_EQ(queue.waiting(), 2u);
}

TEST_F(ReportQueueTest, RepeatsTheSamePointsUntilTheyAreStored) {
  Add({"1"});
  queue_->Flush();
  Add({"2"});
  size_t calls = 1;
  for (const auto code :
       {absl::StatusCode::kUnavailable, absl::StatusCode::kAborted, absl::StatusCode::kResourceExhausted,
        absl::StatusCode::kDeadlineExceeded, absl::StatusCode::kInternal, absl::StatusCode::kUnknown}) {
    Answer(absl::Status(code, "not now"));
    EXPECT_TRUE(HasCalls(++calls));
    EXPECT_EQ(sent_.back(), Values{"1"});
  }
  EXPECT_EQ(progress_, 0);
  Answer(absl::OkStatus());
  EXPECT_TRUE(PumpUntil([&] { return progress_ == 1; }));
  EXPECT_TRUE(queue_->rejected().ok());
  EXPECT_EQ(queue_->waiting(), 1u);
}

TEST_F(ReportQueueTest, GivesUpABatchThatIsRefused) {
  Add({"1", "2", "3"});
  queue_->Flush();
  Answer(absl::InvalidArgumentError("bad time_stamp"));
  EXPECT_TRUE(PumpUntil([&] { return progress_ == 1; }));
  queue_->Flush();
  EXPECT_EQ(sent_.back(), Values{"3"});
  EXPECT_NE(batches_.back(), batches_.front());
  EXPECT_EQ(queue_->rejected(), absl::InvalidArgumentError("bad time_stamp"));
}

TEST_F(ReportQueueTest, IsFullByPointsAndByBytes) {
  Add({"1", "2", "3"});
  EXPECT_FALSE(queue_->full());
  Add({"4"});
  EXPECT_TRUE(queue_->full());
  queue_->DropUnsent();
  EXPECT_FALSE(queue_->full());
  queue_->Add({"", "loss", std::string(4 << 20, 'x')});
  EXPECT_TRUE(queue_->full());
  queue_->Flush();
  EXPECT_FALSE(queue_->full());
}

TEST_F(ReportQueueTest, IgnoresASecondAnswer) {
  Add({"1", "2", "3"});
  queue_->Flush();
  const auto twice = done_.back();
  Answer(absl::OkStatus());
  EXPECT_TRUE(PumpUntil([&] { return progress_ == 1; }));
  queue_->Flush();
  twice(absl::OkStatus());
  PumpReady();
  EXPECT_EQ(progress_, 1);
  EXPECT_FALSE(queue_->idle());
}

TEST_F(ReportQueueTest, RetriesNothingAfterStop) {
  Add({"1"});
  queue_->Flush();
  Answer(absl::UnavailableError("not now"));
  PumpReady();  // the retry is scheduled
  queue_->Stop();
  bool later = false;
  loop_.PostAfter(absl::Milliseconds(20), [&] { later = true; });
  EXPECT_TRUE(PumpUntil([&] { return later; }));
  EXPECT_EQ(sent_.size(), 1u);
}

TEST_F(ReportQueueTest, MayBeDestroyedWhileAReportIsUnderWay) {
  Add({"1"});
  queue_->Flush();
  queue_.reset();
  Answer(absl::OkStatus());
  PumpReady();
  EXPECT_EQ(progress_, 0);
}

}  // namespace
}  // namespace qalam::metrics
