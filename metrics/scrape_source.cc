#include "metrics/scrape_source.h"

#include <fmt/format.h>

#include <utility>

namespace qalam::metrics {

ScrapeSource::ScrapeSource(AsioEventLoop& loop, HttpPageRequest page, const ScrapeOptions& options,
                           ScrapedMetrics metrics, PointReceiver& receiver)
    : loop_(loop),
      page_(std::move(page)),
      options_(options),
      metrics_(std::move(metrics)),
      receiver_(receiver) {}

void ScrapeSource::Start() {
  if (!std::exchange(started_, true) && !stopped_) Ask();
}

void ScrapeSource::Ask() {
  under_way_ = GetPage(loop_, page_, [this](const absl::StatusOr<HttpPage>& page) { OnAnswer(page); });
}

void ScrapeSource::AskLater() {
  timer_ = loop_.PostAfter(answers_ > 0 ? options_.interval : options_.interval / 10, [this] {
    timer_ = 0;
    paused_ ? AskLater() : Ask();
  });
}

void ScrapeSource::OnAnswer(const absl::StatusOr<HttpPage>& page) {
  under_way_.reset();
  if (page.ok()) {
    ++answers_;
    error_ = absl::OkStatus();
    const bool open_metrics = page->content_type.starts_with("application/openmetrics-text");
    metrics_.Read(page->body, open_metrics, loop_.Now(), receiver_);
    if (!stopped_) receiver_.OnRead();
  } else if (answers_ == 0 || !absl::IsUnavailable(page.status())) {
    error_ = page.status();
  }
  if (stopped_) return;
  if (!drain_done_) return AskLater();
  FinishDrain();
}

void ScrapeSource::Drain(std::function<void(absl::Status)> done) {
  drain_done_ = std::move(done);
  if (timer_ != 0) loop_.Cancel(std::exchange(timer_, 0));
  if (under_way_ != nullptr) return;
  timer_ = loop_.PostAfter(absl::ZeroDuration(), [this] {
    timer_ = 0;
    FinishDrain();
  });
}

// A scrape that was under way may have been answered before the program's last words.
void ScrapeSource::FinishDrain() {
  if (options_.ask_at_end && !std::exchange(last_asked_, true)) return Ask();
  metrics_.Finish(receiver_);
  if (stopped_) return;
  absl::Status status = answers_ > 0 ? error_ : absl::UnavailableError(Unanswered());
  std::exchange(drain_done_, nullptr)(std::move(status));
}

void ScrapeSource::Stop() {
  stopped_ = true;
  under_way_.reset();
  if (timer_ != 0) loop_.Cancel(std::exchange(timer_, 0));
}

void ScrapeSource::Describe(CollectionSummary& summary) const {
  metrics_.Describe(summary);
  if (answers_ == 0) summary.evidence = Unanswered();
}

std::string ScrapeSource::Unanswered() const {
  if (error_.ok()) return "the program ended before it was asked";
  return fmt::format("no scrape was answered: {}", std::string(error_.message()));
}

}  // namespace qalam::metrics
