#include "metrics/trial_collection.h"

#include <utility>

#include "metrics/output_tail.h"
#include "metrics/timestamps.h"

namespace qalam::metrics {
namespace {

constexpr std::string_view kUnavailable = "unavailable";
constexpr size_t kMaxLastLines = 50;

// Where nothing else reads it. What a Custom collector prints stays apart from what the program prints.
std::string LogOf(const CollectionRequest& request) {
  return request.collector.kind == api::CollectorKind::kCustom ? std::string() : request.log_file;
}

}  // namespace

TrialCollection::TrialCollection(const CollectionContext& context, const CollectionRequest& request,
                                 PointSourceFactory source)
    : context_(context),
      key_(request.trial_key),
      objective_(request.objective.objective_metric_name),
      log_file_(LogOf(request)),
      log_offset_(request.log_offset),
      queue_(context.loop, context.sink, key_, context.report, [this] { OnProgress(); }),
      source_(source(*this)) {}

void TrialCollection::Start() {
  if (!on_complete_ && !stopped_) source_->Start();
}

void TrialCollection::Tick() {
  if (on_complete_ || stopped_) return;
  source_->Start();
  queue_.Flush();
}

void TrialCollection::Finish(FinishHandler done, std::function<void()> on_complete) {
  finish_handlers_.push_back(std::move(done));
  if (on_complete_) return;
  on_complete_ = std::move(on_complete);
  source_->Drain([this](absl::Status status) { OnDrained(std::move(status)); });
}

bool TrialCollection::OnPoint(MetricPoint point) {
  ++points_;
  objective_seen_ = objective_seen_ || point.name == objective_;
  if (context_.point_handler) context_.point_handler(key_, point);
  if (stopped_) return false;
  queue_.Add(std::move(point));
  return true;
}

// While running, points gather for the next tick. Once the program has ended they are held back until the
// whole output is known, as long as there is room: a short trial costs one report, and "unavailable" can
// stand alone.
void TrialCollection::OnRead() {
  const bool finishing = static_cast<bool>(on_complete_);
  if (queue_.full() || (!finishing && queue_.waiting() >= context_.batch_points)) queue_.Flush();
  if (queue_.full() && !std::exchange(paused_, true)) source_->Pause();
  if (!finishing && queue_.waiting() > 0) context_.arm_tick();
}

void TrialCollection::OnDrained(absl::Status status) {
  if (!status.ok()) read_error_ = std::string(status.message());
  drained_ = true;
  if (!objective_seen_) {
    queue_.DropUnsent();
    queue_.Add({std::string(kZeroTime), objective_, std::string(kUnavailable)});
  }
  OnProgress();
}

void TrialCollection::OnProgress() {
  if (stopped_) return;
  if (!drained_) {
    OnRead();
    if (paused_ && !queue_.full()) {
      paused_ = false;
      source_->Resume();
    }
    return;
  }
  queue_.Flush();
  if (!queue_.idle()) return;
  Stop(Result());
  on_complete_();
}

absl::StatusOr<CollectionSummary> TrialCollection::Result() {
  if (!queue_.rejected().ok()) return queue_.rejected();
  CollectionSummary summary;
  source_->Describe(summary);
  summary.points = points_;
  if (summary.last_lines.empty() && !log_file_.empty()) {
    summary.last_lines = LastLines(log_file_, log_offset_);
  }
  if (!read_error_.empty()) {
    if (summary.last_lines.size() == kMaxLastLines) summary.last_lines.erase(summary.last_lines.begin());
    summary.last_lines.push_back("qalam: " + read_error_);
  }
  return summary;
}

void TrialCollection::Stop(const absl::StatusOr<CollectionSummary>& answer) {
  Quiesce();
  // The task also keeps this object alive until whatever called has returned.
  context_.loop.Post([self = shared_from_this(), answer, handlers = std::move(finish_handlers_)] {
    for (const FinishHandler& handler : handlers) handler(answer);
  });
}

void TrialCollection::Quiesce() {
  stopped_ = true;
  source_->Stop();
  queue_.Stop();
}

}  // namespace qalam::metrics
