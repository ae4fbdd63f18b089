#include "metrics/trial_collection.h"

#include <utility>

#include "metrics/timestamps.h"

namespace qalam::metrics {
namespace {

constexpr std::string_view kUnavailable = "unavailable";
constexpr size_t kMaxLastLines = 50;

}  // namespace

TrialCollection::TrialCollection(const CollectionContext& context, std::string trial_key,
                                 std::string objective, std::string file, std::int64_t offset,
                                 std::unique_ptr<Collector> collector)
    : context_(context),
      key_(std::move(trial_key)),
      objective_(std::move(objective)),
      collector_(std::move(collector)),
      follower_(context.loop, context.watcher, std::move(file), offset,
                {[this](std::string_view bytes) { OnBytes(bytes); }, [this] { EndLine(); }}),
      queue_(context.loop, context.sink, key_, context.report, [this] { OnProgress(); }) {}

void TrialCollection::Tick() {
  if (on_complete_ || stopped_) return;
  if (!std::exchange(following_, true)) follower_.Start();
  queue_.Flush();
}

void TrialCollection::Finish(FinishHandler done, std::function<void()> on_complete) {
  finish_handlers_.push_back(std::move(done));
  if (on_complete_) return;
  on_complete_ = std::move(on_complete);
  follower_.Drain([this](absl::Status status) { OnDrained(std::move(status)); });
}

void TrialCollection::OnBytes(std::string_view bytes) {
  summary_.bytes += static_cast<std::int64_t>(bytes.size());
  tail_.Append(bytes);
  splitter_.Feed(bytes);
  while (const std::optional<Line> line = splitter_.Next()) {
    OnLine(*line);
    if (stopped_) return;
  }
  SendOrWait();
}

void TrialCollection::EndLine() {
  if (const std::optional<Line> line = splitter_.Finish()) OnLine(*line);
}

void TrialCollection::OnLine(const Line& line) {
  ++summary_.lines;
  points_.clear();
  if (!collector_->Read(line, points_)) ++summary_.invalid_lines;
  for (MetricPoint& point : points_) {
    ++summary_.points;
    objective_seen_ = objective_seen_ || point.name == objective_;
    if (context_.point_handler) context_.point_handler(key_, point);
    if (stopped_) return;
    queue_.Add(std::move(point));
  }
}

// While running, points gather for the next tick. Once the program has ended they are held back until the
// whole output is known, as long as there is room: a short trial costs one report, and "unavailable" can
// stand alone.
void TrialCollection::SendOrWait() {
  const bool finishing = static_cast<bool>(on_complete_);
  if (queue_.full() || (!finishing && queue_.waiting() >= context_.batch_points)) queue_.Flush();
  if (queue_.full() && !std::exchange(paused_, true)) follower_.Pause();
  if (!finishing && queue_.waiting() > 0) context_.arm_tick();
}

void TrialCollection::OnDrained(absl::Status status) {
  if (!status.ok()) read_error_ = std::string(status.message());
  EndLine();
  if (stopped_) return;
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
    SendOrWait();
    if (paused_ && !queue_.full()) {
      paused_ = false;
      follower_.Resume();
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
  summary_.filter = collector_->FilterText();
  summary_.last_lines = tail_.Lines();
  if (!read_error_.empty()) {
    if (summary_.last_lines.size() == kMaxLastLines) summary_.last_lines.erase(summary_.last_lines.begin());
    summary_.last_lines.push_back("qalam: " + read_error_);
  }
  return std::move(summary_);
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
  follower_.Stop();
  queue_.Stop();
}

}  // namespace qalam::metrics
