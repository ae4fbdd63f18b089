// Points of one growing file.
#pragma once

#include <memory>
#include <string>

#include "metrics/file_follower.h"
#include "metrics/point_format.h"

namespace qalam::metrics {

struct FollowedFile {
  std::string path;
  std::int64_t offset = 0;  // where reading begins
  bool prompt = false;      // as in FileWatcher::Watch
};

/// FileFollower says what happens when the file appears late, is truncated or replaced.
class FileSource final : public PointSource {
 public:
  FileSource(EventLoop& loop, std::shared_ptr<FileWatcher> watcher, FollowedFile file,
             std::unique_ptr<PointFormat> format, PointReceiver& receiver);

  void Start() override { follower_.Start(prompt_); }
  void Pause() override { follower_.Pause(); }
  void Resume() override { follower_.Resume(); }
  void Drain(std::function<void(absl::Status)> done) override;
  void Stop() override;
  void Describe(CollectionSummary& summary) const override { format_->Describe(summary); }

 private:
  PointReceiver& receiver_;
  const std::unique_ptr<PointFormat> format_;
  const std::unique_ptr<PointStream> stream_;
  const bool prompt_;
  bool stopped_ = false;
  FileFollower follower_;
};

}  // namespace qalam::metrics
