#include "server/retention_schedule.h"

#include "absl/time/clock.h"

namespace qalam::server {

RetentionSchedule::RetentionSchedule(db::Retention retention, absl::Duration interval, Log& log)
    : retention_(std::move(retention)), log_(log), thread_([this, interval] { Run(interval); }) {}

RetentionSchedule::~RetentionSchedule() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool RetentionSchedule::ending() {
  std::lock_guard lock(mutex_);
  return ending_;
}

void RetentionSchedule::Run(absl::Duration interval) {
  do {
    Sweep();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, absl::ToChronoNanoseconds(interval), [this] { return ending_; });
  } while (!ending());
}

void RetentionSchedule::Sweep() {
  const absl::StatusOr<std::int64_t> swept = retention_.Sweep([this] { return ending(); });
  if (!swept.ok()) {
    const std::string message(swept.status().message());
    Write(LogLevel::kError, {"error", message});
  } else if (*swept > 0) {
    Write(LogLevel::kInfo, {"trials", *swept});
  }
}

void RetentionSchedule::Write(LogLevel level, const LogField& field) {
  log_.Write(level, absl::Now(), "retention", {&field, 1});
}

}  // namespace qalam::server
