#include "http/body_stream.h"

#include <algorithm>
#include <utility>

namespace qalam::http {

bool BodyStream::Write(std::shared_ptr<const std::string> bytes) {
  const std::lock_guard lock(mutex_);
  if (ended_ || wake_ == nullptr || too_slow_) return false;
  if (bytes->empty()) return true;
  backlog_ += bytes->size();
  const bool first = waiting_.empty();
  // What is being sent does not count, so that a long list can be sent at all.
  const std::size_t behind = first ? 0 : backlog_ - (waiting_.front()->size() - taken_of_first_);
  if (behind > max_backlog_) {
    too_slow_ = true;
    backlog_ = 0;
    waiting_.clear();
    wake_();
    return false;
  }
  waiting_.push_back(std::move(bytes));
  if (first) wake_();
  return true;
}

std::size_t BodyStream::Backlog() const {
  const std::lock_guard lock(mutex_);
  return backlog_;
}

void BodyStream::End() {
  // Dropped when the lock is gone: it may hold the last reference to its owner, whose destructor may call
  // back.
  std::function<void()> dropped;
  const std::lock_guard lock(mutex_);
  if (std::exchange(ended_, true)) return;
  dropped = std::exchange(on_closed_, nullptr);
  if (wake_ != nullptr) wake_();
}

void BodyStream::OnClosed(std::function<void()> handler) {
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    if (!told_) {
      on_closed_ = std::move(handler);
      return;
    }
  }
  handler();
}

BodyStream::Taken BodyStream::Take(std::size_t size, std::string& out) {
  const std::lock_guard lock(mutex_);
  if (too_slow_) return Taken::kTooSlow;
  std::size_t taken = 0;  // pieces, from the front
  while (taken < waiting_.size() && size > 0) {
    const std::string& piece = *waiting_[taken];
    const std::size_t part = std::min(size, piece.size() - taken_of_first_);
    out.append(piece, taken_of_first_, part);
    size -= part;
    backlog_ -= part;
    taken_of_first_ += part;
    if (taken_of_first_ < piece.size()) break;
    taken_of_first_ = 0;
    ++taken;
  }
  if (taken < waiting_.size()) {
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(taken));
    return Taken::kSome;
  }
  std::vector<std::shared_ptr<const std::string>>().swap(waiting_);
  return ended_ ? Taken::kEnd : Taken::kAll;
}

void BodyStream::Close() { Tell(true); }
void BodyStream::AskToEnd() { Tell(false); }

void BodyStream::Tell(bool closed) {
  std::function<void()> handler;
  std::vector<std::shared_ptr<const std::string>> dropped;
  {
    const std::lock_guard lock(mutex_);
    if (closed) {
      wake_ = nullptr;
      backlog_ = 0;
      dropped.swap(waiting_);
    }
    told_ = true;
    handler = std::exchange(on_closed_, nullptr);
  }
  if (handler != nullptr) handler();
}

}  // namespace qalam::http
