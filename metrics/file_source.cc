#include "metrics/file_source.h"

#include <utility>

namespace qalam::metrics {

FileSource::FileSource(EventLoop& loop, std::shared_ptr<FileWatcher> watcher, FollowedFile file,
                       std::unique_ptr<PointFormat> format, PointReceiver& receiver)
    : receiver_(receiver),
      format_(std::move(format)),
      stream_(format_->Open(file.path)),
      prompt_(file.prompt),
      follower_(loop, std::move(watcher), std::move(file.path), file.offset,
                {.on_bytes =
                     [this](std::string_view bytes) {
                       stream_->Feed(bytes, receiver_);
                       if (!stopped_) receiver_.OnRead();
                     },
                 .on_restart = [this] { stream_->End(receiver_); }}) {}

void FileSource::Drain(std::function<void(absl::Status)> done) {
  follower_.Drain([this, done = std::move(done)](const absl::Status& status) {
    stream_->End(receiver_);
    if (!stopped_) format_->Finish(receiver_);
    if (!stopped_) done(status);
  });
}

void FileSource::Stop() {
  stopped_ = true;
  follower_.Stop();
}

}  // namespace qalam::metrics
