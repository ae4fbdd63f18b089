#include "collect/delivery.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace qalam::collect {

std::string PointsText(std::int64_t count) { return fmt::format("{} point{}", count, count == 1 ? "" : "s"); }

Delivery::Delivery(EventLoop& loop, Spool& spool, ReportClient& client, std::string server, Say say,
                   const DeliveryOptions& options)
    : loop_(loop),
      spool_(spool),
      client_(client),
      server_(std::move(server)),
      say_(std::move(say)),
      options_(options),
      retry_(options.first_retry) {}

Delivery::~Delivery() {
  *alive_ = false;
  for (EventLoop::TimerId* timer : {&rest_timer_, &patience_timer_, &end_timer_}) StopTimer(*timer);
}

void Delivery::StartTimer(EventLoop::TimerId& timer, absl::Duration delay, void (Delivery::*then)()) {
  StopTimer(timer);
  timer = loop_.PostAfter(delay, [this, &timer, then, alive = alive_] {
    if (!*alive) return;
    timer = 0;
    (this->*then)();
  });
}

void Delivery::StopTimer(EventLoop::TimerId& timer) {
  if (timer != 0) loop_.Cancel(std::exchange(timer, 0));
}

void Delivery::Wake() {
  if (!calling_ && rest_timer_ == 0) Send();
}

void Delivery::OnRested() { Send(); }

void Delivery::Send() {
  const std::optional<Batch> batch = spool_.Next();
  if (!batch) return done_ ? End() : void();
  calling_ = true;
  client_.Report(spool_.info().trial, *batch,
                 [this, points = batch->points, alive = alive_](absl::Status status) {
                   if (!*alive) return;
                   calling_ = false;
                   if (status.ok()) sent_points_ += points;
                   if (KindOf(status) == Failure::kBatch) refused_points_ += points;
                   OnAnswer(status);
                 });
}

Delivery::Failure Delivery::KindOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return Failure::kBatch;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kUnimplemented:
      return Failure::kSetup;
    default:
      return Failure::kOutage;
  }
}

void Delivery::OnAnswer(const absl::Status& status) {
  if (!status.ok() && KindOf(status) != Failure::kBatch) return OnFailure(status);
  if (!status.ok() && !std::exchange(refusal_said_, true)) {
    say_(fmt::format("{} refuses points, which are lost: {}", server_, MessageOf(status)));
  }
  last_error_ = absl::OkStatus();
  retry_ = options_.first_retry;
  setup_said_ = false;
  StopTimer(patience_timer_);
  if (std::exchange(outage_said_, false)) say_(fmt::format("{} takes points again", server_));
  spool_.Acknowledge();
  if (done_) {
    if (wait_over_) OnWaitOver();
    return Send();
  }
  StartTimer(rest_timer_, options_.rest, &Delivery::OnRested);
}

void Delivery::OnFailure(const absl::Status& status) {
  last_error_ = status;
  if (wait_over_) return End();
  if (KindOf(status) == Failure::kSetup) {
    if (!std::exchange(setup_said_, true)) {
      say_(fmt::format("{} takes no points: {}", server_, status.ToString()));
    }
    if (done_) return End();
    return StartTimer(rest_timer_, options_.last_retry, &Delivery::OnRested);
  }
  if (!outage_said_ && patience_timer_ == 0) {
    StartTimer(patience_timer_, options_.patience, &Delivery::OnPatienceLost);
  }
  StartTimer(rest_timer_, retry_, &Delivery::OnRested);
  retry_ = std::min(retry_ * 2, options_.last_retry);
}

void Delivery::OnPatienceLost() {
  outage_said_ = true;
  say_(fmt::format("{} does not take points: {}; they are kept {}", server_, last_error_.ToString(),
                   spool_.directory().empty() ? "in memory" : "in " + spool_.directory()));
}

void Delivery::Finish(absl::Duration wait, std::function<void()> done) {
  done_ = std::move(done);
  StartTimer(end_timer_, wait, &Delivery::OnWaitOver);
  StopTimer(rest_timer_);
  if (calling_) return;
  loop_.Post([this, alive = alive_] {
    if (*alive && done_ && !calling_) Send();
  });
}

void Delivery::Hurry(absl::Duration wait) {
  if (done_) StartTimer(end_timer_, wait, &Delivery::OnWaitOver);
}

void Delivery::OnWaitOver() {
  wait_over_ = true;
  if (calling_ || rest_timer_ == 0) return StartTimer(end_timer_, options_.last_call, &Delivery::End);
  End();
}

void Delivery::End() {
  for (EventLoop::TimerId* timer : {&rest_timer_, &patience_timer_, &end_timer_}) StopTimer(*timer);
  if (const auto done = std::exchange(done_, nullptr)) done();
}

}  // namespace qalam::collect
