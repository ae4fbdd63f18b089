#include "metrics/fed_source.h"

#include <utility>

namespace qalam::metrics {

FedSource::FedSource(EventLoop& loop, std::unique_ptr<PointFormat> format, PointReceiver& receiver)
    : loop_(loop), receiver_(receiver), format_(std::move(format)), stream_(format_->Open({})) {}

void FedSource::Feed(std::string_view bytes) {
  if (!*alive_) return;
  stream_->Feed(bytes, receiver_);
  if (*alive_) receiver_.OnRead();
}

void FedSource::Resume() {
  if (std::exchange(paused_, false) && on_resume_) on_resume_();
}

// There is nothing left to read, so a pause does not hold it up.
void FedSource::Drain(std::function<void(absl::Status)> done) {
  loop_.Post([this, alive = alive_, done = std::move(done)] {
    if (*alive) stream_->End(receiver_);
    if (*alive) format_->Finish(receiver_);
    if (*alive) done(absl::OkStatus());
  });
}

void FedSource::Stop() { *alive_ = false; }

}  // namespace qalam::metrics
