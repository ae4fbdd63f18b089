// Points of all files of one kind below a directory.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/event_loop.h"
#include "metrics/file_watcher.h"
#include "metrics/point_format.h"

namespace qalam::metrics {

struct FileSet {
  std::string directory;                              // absolute; may appear late
  std::string what;                                   // in words, for messages: "file that matches *.log"
  std::function<bool(std::string_view path)> wanted;  // by the path relative to the directory
  bool prompt = false;                                // as in FileWatcher::Watch
};

/// `pattern` as a path relative to a directory, with * ? [...] within its components, which do not match a leading
/// dot. An empty pattern takes every file, in directories of any depth.
std::function<bool(std::string_view)> MatchPattern(std::string pattern);

/// Reads every regular file of the set from its first byte, those included that appear, are renamed or removed while
/// they are read. A file is known by its inode, so rotated logs are read once even where the pattern matches both of
/// their names; a file that becomes shorter is read again from its beginning. Several files with something new are
/// read in the order of their last changes (at the same moment log.2 before log.1), one after another, at most 256 KiB in one task of the loop. What was
/// overwritten or removed between two looks was never there.
///
/// Symbolic links to files are read, those to directories are not followed. At most 1,000 files and 1,000
/// directories, 32 levels deep, are followed; Drain says when there were more. One descriptor per file.
class FileSetSource final : public PointSource {
 public:
  /// `loop` outlives the source.
  FileSetSource(EventLoop& loop, std::shared_ptr<FileWatcher> watcher, FileSet set,
                std::unique_ptr<PointFormat> format, PointReceiver& receiver);
  ~FileSetSource() override;

  void Start() override;
  void Pause() override;
  void Resume() override;
  void Drain(std::function<void(absl::Status)> done) override;
  void Stop() override;
  void Describe(CollectionSummary& summary) const override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace qalam::metrics
