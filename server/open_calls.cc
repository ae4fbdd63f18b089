#include "server/open_calls.h"

namespace qalam::server {

void OpenCalls::Add(size_t bytes) {
  const std::lock_guard lock(mutex_);
  ++open_;
  bytes_ += bytes;
}

void OpenCalls::Remove(size_t bytes) {
  const std::lock_guard lock(mutex_);
  bytes_ -= bytes;
  if (--open_ == 0) none_.notify_all();
}

size_t OpenCalls::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

bool OpenCalls::WaitForNone(absl::Time deadline) {
  std::unique_lock lock(mutex_);
  return none_.wait_until(lock, absl::ToChronoTime(deadline), [this] { return open_ == 0; });
}

}  // namespace qalam::server
