// Points of bytes that somebody else reads, a pipe's for example.
#pragma once

#include <memory>
#include <string_view>

#include "base/event_loop.h"
#include "metrics/point_format.h"

namespace qalam::metrics {

/// Whoever feeds it looks at `paused` and waits while it is true, or keeps what comes meanwhile.
class FedSource final : public PointSource {
 public:
  FedSource(EventLoop& loop, std::unique_ptr<PointFormat> format, PointReceiver& receiver);

  /// From a task of the loop, and not after Drain or Stop. Bytes that come while paused are read nonetheless.
  void Feed(std::string_view bytes);

  bool paused() const { return paused_; }

  /// Called from inside Resume.
  void SetResumeHandler(std::function<void()> handler) { on_resume_ = std::move(handler); }

  void Start() override {}
  void Pause() override { paused_ = true; }
  void Resume() override;
  void Drain(std::function<void(absl::Status)> done) override;
  void Stop() override;
  void Describe(CollectionSummary& summary) const override { format_->Describe(summary); }

 private:
  EventLoop& loop_;
  PointReceiver& receiver_;
  const std::unique_ptr<PointFormat> format_;
  const std::unique_ptr<PointStream> stream_;
  std::function<void()> on_resume_;
  bool paused_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // false once stopped; tasks hold it
};

}  // namespace qalam::metrics
