// The two ends of a streamed body: who writes it, and the connection that takes it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/exchange.h"

namespace qalam::http {

/// Threads: any, also Take and Close.
class BodyStream final : public ResponseStream {
 public:
  /// `wake` is called when there is something to take after there was nothing, and when the stream has ended
  /// or broken; under a lock of this, so it calls nothing of it.
  BodyStream(std::size_t max_backlog, std::function<void()> wake)
      : max_backlog_(max_backlog), wake_(std::move(wake)) {}

  using ResponseStream::Write;
  bool Write(std::shared_ptr<const std::string> bytes) override;
  std::size_t Backlog() const override;
  void End() override;
  void OnClosed(std::function<void()> handler) override;

  enum class Taken { kAll, kSome, kEnd, kTooSlow };
  /// Appends up to `size` of the bytes that wait to `out`. kSome: more wait. kEnd: these were the last.
  /// kTooSlow: more waited than may.
  Taken Take(std::size_t size, std::string& out);

  /// The client has gone, or cannot be told more: what waits is dropped, and OnClosed's handler called.
  void Close();
  /// Calls OnClosed's handler; what is written still goes out.
  void AskToEnd();

 private:
  void Tell(bool closed);

  const std::size_t max_backlog_;
  mutable std::mutex mutex_;    // guards the rest
  std::function<void()> wake_;  // empty once closed
  std::vector<std::shared_ptr<const std::string>> waiting_;
  std::size_t taken_of_first_ = 0;
  std::size_t backlog_ = 0;  // bytes
  bool ended_ = false;
  bool too_slow_ = false;
  bool told_ = false;
  std::function<void()> on_closed_;
};

}  // namespace qalam::http
