#include "metrics/report_queue.h"

#include <algorithm>
#include <atomic>
#include <utility>

namespace qalam::metrics {
namespace {

std::uint64_t NextBatch() {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

// What a point takes in a report, about.
size_t WireBytes(const MetricPoint& point) {
  return point.time_stamp.size() + point.name.size() + point.value.size() + 12;
}

}  // namespace

ReportQueue::ReportQueue(EventLoop& loop, const ReportSink& sink, std::string trial_key,
                         const ReportOptions& options, std::function<void()> on_progress)
    : loop_(loop),
      sink_(sink),
      trial_key_(std::move(trial_key)),
      options_(options),
      on_progress_(std::move(on_progress)),
      pause_(options.first_retry) {}

ReportQueue::~ReportQueue() { Stop(); }

void ReportQueue::Add(MetricPoint point) {
  waiting_bytes_ += WireBytes(point);
  waiting_.push_back(std::move(point));
}

void ReportQueue::Flush() {
  if (stopped_ || !under_way_.empty() || waiting_.empty()) return;
  size_t bytes = 0;
  do {
    const size_t size = WireBytes(waiting_.front());
    bytes += size;
    waiting_bytes_ -= size;
    under_way_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  } while (!waiting_.empty() && under_way_.size() < options_.max_batch_points &&
           bytes + WireBytes(waiting_.front()) <= options_.max_batch_bytes);
  batch_ = NextBatch();
  Send();
}

void ReportQueue::Send() {
  attempt_ = std::make_shared<int>();
  // The answer may come from inside the call; handling it in a task of its own keeps the stack flat.
  sink_(trial_key_, batch_, under_way_, [this, weak = std::weak_ptr<int>(attempt_)](absl::Status status) {
    if (weak.expired()) return;
    loop_.Post([this, weak, status = std::move(status)]() mutable {
      if (!weak.expired()) OnAnswer(std::move(status));
    });
  });
}

void ReportQueue::OnAnswer(absl::Status status) {
  attempt_.reset();
  if (!status.ok() && !absl::IsInvalidArgument(status)) {
    retry_timer_ =
        loop_.PostAfter(pause_, [this, weak = std::weak_ptr<int>(attempt_ = std::make_shared<int>())] {
          if (weak.expired()) return;
          retry_timer_ = 0;
          Send();
        });
    pause_ = std::min(pause_ * 2, options_.last_retry);
    return;
  }
  rejected_.Update(status);
  pause_ = options_.first_retry;
  under_way_.clear();
  on_progress_();
}

void ReportQueue::DropUnsent() {
  waiting_.clear();
  waiting_bytes_ = 0;
}

void ReportQueue::Stop() {
  stopped_ = true;
  attempt_.reset();
  if (retry_timer_ != 0) loop_.Cancel(std::exchange(retry_timer_, 0));
}

}  // namespace qalam::metrics
