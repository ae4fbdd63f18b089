// Points of a program that shows its metrics over HTTP.
#pragma once

#include <memory>

#include "metrics/http_get.h"
#include "metrics/scraped_metrics.h"

namespace qalam::metrics {

struct ScrapeOptions {
  absl::Duration interval =
      absl::Seconds(1);  // from an answer to the next request; a tenth before the first answer
  // Whether a Drain asks once more. Not where the program that has ended was the one to answer: its port may be
  // another's by then.
  bool ask_at_end = false;
};

/// Asks at once and then again and again. That nobody listens is normal: programs take their time to start. A Drain waits
/// for the answer that is under way.
class ScrapeSource final : public PointSource {
 public:
  /// `loop` outlives the source.
  ScrapeSource(AsioEventLoop& loop, HttpPageRequest page, const ScrapeOptions& options,
               ScrapedMetrics metrics, PointReceiver& receiver);
  ~ScrapeSource() override { Stop(); }

  void Start() override;
  void Pause() override { paused_ = true; }
  void Resume() override { paused_ = false; }
  void Drain(std::function<void(absl::Status)> done) override;
  void Stop() override;
  void Describe(CollectionSummary& summary) const override;

 private:
  void Ask();
  void OnAnswer(const absl::StatusOr<HttpPage>& page);
  void AskLater();
  void FinishDrain();
  std::string Unanswered() const;

  AsioEventLoop& loop_;
  const HttpPageRequest page_;
  const ScrapeOptions options_;
  ScrapedMetrics metrics_;
  PointReceiver& receiver_;
  bool started_ = false, paused_ = false, stopped_ = false, last_asked_ = false;
  std::int64_t answers_ = 0;
  absl::Status error_;  // of the last scrape before any has succeeded, or of the last that was answered badly
  std::shared_ptr<void> under_way_;
  EventLoop::TimerId timer_ = 0;
  std::function<void(absl::Status)> drain_done_;
};

}  // namespace qalam::metrics
