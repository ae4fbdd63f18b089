#include "metrics/file_set_source.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "base/number_text.h"
#include "metrics/file_reading.h"

namespace qalam::metrics {
namespace {

constexpr size_t kMaxFiles = 1'000, kMaxDirectories = 1'000;
constexpr int kMaxDepth = 32;

using Identity = std::pair<dev_t, ino_t>;

// 2 for log.2, as loggers name what they put aside; 0 for log.
std::int64_t RotationOf(std::string_view path) {
  return std::clamp(ParseInt(path.substr(path.rfind('.') + 1)).value_or(0), 0LL, 1'000'000'000LL);
}

Identity IdentityOf(const struct stat& info) { return {info.st_dev, info.st_ino}; }

}  // namespace

std::function<bool(std::string_view)> MatchPattern(std::string pattern) {
  return [pattern = std::move(pattern)](std::string_view path) {
    return pattern.empty() ||
           ::fnmatch(pattern.c_str(), std::string(path).c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
  };
}

struct FileSetSource::State : std::enable_shared_from_this<State> {
  struct Directory {
    int depth = 0;
    FileWatcher::WatchId watch = 0;
  };
  // Open as long as somebody may write to it; the descriptor keeps its inode from being given to another file.
  struct File {
    int fd = -1;
    std::string directory, path;
    std::int64_t position = 0;
    std::unique_ptr<PointStream> stream;
    std::int64_t scan = 0;  // that has met it
    bool queued = false;
  };
  struct Unread {
    Identity file;
    std::int64_t end = 0;  // where reading stops for now
    // Last modification. Of files of one moment, as the clock of the file system has it, those met earlier come
    // first, then those that were rotated more often.
    std::int64_t changed = 0, scan = 0, rotation = 0;
    auto Order() const { return std::tuple(changed, scan, -rotation); }
  };

  State(EventLoop& event_loop, PointReceiver& point_receiver) : loop(event_loop), receiver(point_receiver) {}

  void AddDirectory(const std::string& path, int depth);
  void Watch(const std::string& path, Directory& directory);
  void PostStep();
  void Step();
  void ScanChanged();
  void Scan(const std::string& path);
  void ForgetDirectory(const std::string& path);
  void Meet(const std::string& directory, const std::string& path);
  void LookAtUnseen(const std::string& directory, const std::set<Identity>& seen);
  void Enqueue(const Identity& identity, File& file, const struct stat& info);
  bool ReadChunk();
  void FinishDrain();
  void Remember(const std::string& path, int error);
  void CloseAll();

  EventLoop& loop;
  PointReceiver& receiver;
  std::shared_ptr<FileWatcher> watcher;
  FileSet set;
  std::unique_ptr<PointFormat> format;
  std::map<std::string, Directory> directories;
  std::map<Identity, File> files;
  std::set<std::string> changed;  // directories to scan
  std::deque<Unread> unread;
  std::set<Identity> seen;  // by the scan under way
  std::int64_t files_read = 0, scans = 0;
  std::string problem;  // the first one
  bool started = false, drained = false, paused = false, stopped = false, step_posted = false;
  std::function<void(absl::Status)> drain_done;
  EventLoop::TimerId shortage_timer = 0;
};

void FileSetSource::State::AddDirectory(const std::string& path, int depth) {
  if (directories.contains(path)) return;
  if (directories.size() >= kMaxDirectories || depth > kMaxDepth) {
    if (problem.empty()) {
      problem = fmt::format("{}: not read, more than {} directories or {} levels", path, kMaxDirectories,
                            kMaxDepth);
    }
    return;
  }
  Directory& directory = directories[path];
  directory.depth = depth;
  if (started) Watch(path, directory);
  changed.insert(path);
}

// Watched before it is scanned, so that nothing falls between the two.
void FileSetSource::State::Watch(const std::string& path, Directory& directory) {
  directory.watch = watcher->WatchDirectory(
      path,
      [weak = weak_from_this(), path] {
        const auto state = weak.lock();
        if (state == nullptr) return;
        state->changed.insert(path);
        state->PostStep();
      },
      set.prompt);
}

void FileSetSource::State::PostStep() {
  if (step_posted || paused || stopped || drained) return;
  step_posted = true;
  loop.Post([weak = weak_from_this()] {
    const auto state = weak.lock();
    if (state == nullptr) return;
    state->step_posted = false;
    if (!state->paused && !state->stopped) state->Step();
  });
}

void FileSetSource::State::Step() {
  ScanChanged();
  const bool more = !stopped && ReadChunk();
  if (stopped) return;
  if (more || !changed.empty()) return PostStep();
  if (drain_done && !paused && shortage_timer == 0) FinishDrain();
}

void FileSetSource::State::ScanChanged() {
  if (changed.empty()) return;
  ++scans;
  while (!changed.empty()) {
    const std::string path = *changed.begin();
    changed.erase(changed.begin());
    if (directories.contains(path)) Scan(path);
    if (stopped) return;
  }
  std::sort(unread.begin(), unread.end(),
            [](const Unread& a, const Unread& b) { return a.Order() < b.Order(); });
}

void FileSetSource::State::Scan(const std::string& path) {
  DIR* const stream = ::opendir(path.c_str());
  if (stream == nullptr) return errno == ENOENT ? ForgetDirectory(path) : Remember(path, errno);
  seen.clear();
  const int depth = directories.at(path).depth;
  for (const dirent* entry; !stopped && (entry = ::readdir(stream)) != nullptr;) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    const std::string child = fmt::format("{}/{}", path, name);
    unsigned char type = entry->d_type;
    struct stat info;
    if (type == DT_UNKNOWN && ::lstat(child.c_str(), &info) == 0) type = IFTODT(info.st_mode);
    if (type == DT_DIR) {
      AddDirectory(child, depth + 1);
    } else if (type == DT_REG || type == DT_LNK) {
      if (set.wanted(std::string_view(child).substr(set.directory.size() + 1))) Meet(path, child);
    }
  }
  ::closedir(stream);
  if (!stopped) LookAtUnseen(path, seen);
}

// The first directory may come back.
void FileSetSource::State::ForgetDirectory(const std::string& path) {
  LookAtUnseen(path, {});
  if (stopped || path == set.directory) return;
  if (const auto watch = directories.at(path).watch; watch != 0) watcher->Unwatch(watch);
  directories.erase(path);
}

void FileSetSource::State::Meet(const std::string& directory, const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return;
  auto known = files.find(IdentityOf(info));
  if (known == files.end()) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return Remember(path, errno);
    // The file that was opened, should the path name another one by now.
    if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) known = files.find(IdentityOf(info));
    const bool wanted = known == files.end() && S_ISREG(info.st_mode);
    if (wanted && files.size() < kMaxFiles) {
      known =
          files.emplace(IdentityOf(info), File{.fd = fd, .stream = format->Open(path), .scan = scans}).first;
      ++files_read;
    } else {
      ::close(fd);
      if (wanted && problem.empty())
        problem = fmt::format("{}: not read, more than {} files", path, kMaxFiles);
      if (known == files.end()) return;
    }
  }
  seen.insert(known->first);
  known->second.directory = directory;
  known->second.path = path;
  Enqueue(known->first, known->second, info);
}

// Files that had a name here and have it no more: removed, or renamed to where nobody looks.
void FileSetSource::State::LookAtUnseen(const std::string& directory, const std::set<Identity>& in_scan) {
  for (auto at = files.begin(); at != files.end();) {
    const Identity identity = at->first;
    File& file = at->second;
    struct stat info, named;
    if (file.directory != directory || in_scan.contains(identity) || ::fstat(file.fd, &info) != 0) {
      ++at;
      continue;
    }
    Enqueue(identity, file, info);
    // Who renamed a log may write to it until the next one is begun.
    const bool replaced = ::stat(file.path.c_str(), &named) == 0 && named.st_size > 0;
    if (file.queued || !(info.st_nlink == 0 || replaced)) {
      ++at;
      continue;
    }
    file.stream->End(receiver);
    ::close(file.fd);
    at = files.erase(at);
    if (stopped) return;
  }
}

void FileSetSource::State::Enqueue(const Identity& identity, File& file, const struct stat& info) {
  if (info.st_size < file.position) {
    file.position = 0;
    file.stream->End(receiver);
    if (stopped) return;
  }
  if (info.st_size == file.position) return;
  const std::int64_t changed_at =
      std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + std::int64_t{info.st_mtim.tv_nsec};
  if (!std::exchange(file.queued, true)) {
    unread.push_back({identity, info.st_size, changed_at, file.scan, RotationOf(file.path)});
    return;
  }
  const auto found =
      std::find_if(unread.begin(), unread.end(), [&](const Unread& entry) { return entry.file == identity; });
  found->end = info.st_size;
  found->changed = changed_at;
}

// Whether there is more to read.
bool FileSetSource::State::ReadChunk() {
  if (unread.empty()) return false;
  const Unread next = unread.front();
  File& file = files.at(next.file);
  const auto wanted = std::min<std::int64_t>(kChunkBytes, next.end - file.position);
  const ssize_t size =
      wanted <= 0 ? 0 : ::pread(file.fd, ReadBuffer(), static_cast<size_t>(wanted), file.position);
  if (size < 0 && errno == EINTR) return true;
  if (size < 0) Remember(file.path, errno);
  if (size > 0) {
    file.position += size;
    file.stream->Feed(std::string_view(ReadBuffer(), static_cast<size_t>(size)), receiver);
    if (!stopped) receiver.OnRead();
    if (stopped) return false;
  }
  if (size <= 0 || file.position >= next.end) {
    unread.pop_front();
    file.queued = false;
    // One that was removed meanwhile can be closed now.
    struct stat info;
    if (::fstat(file.fd, &info) == 0 && info.st_nlink == 0) changed.insert(file.directory);
  }
  return !unread.empty();
}

void FileSetSource::State::FinishDrain() {
  for (auto& [identity, file] : files) {
    file.stream->End(receiver);
    if (stopped) return;
  }
  format->Finish(receiver);
  if (stopped) return;
  drained = true;
  absl::Status status;
  if (!problem.empty()) {
    status = absl::UnknownError(problem);
  } else if (files_read == 0) {
    status = absl::NotFoundError(fmt::format("{}: no {}", set.directory, set.what));
  }
  std::exchange(drain_done, nullptr)(std::move(status));
}

void FileSetSource::State::Remember(const std::string& path, int error) {
  if (error == ENOENT) return;
  if (!IsShortage(error)) {
    if (problem.empty()) problem = fmt::format("{}: cannot be read: {}", path, std::strerror(error));
    return;
  }
  if (shortage_timer != 0) return;
  shortage_timer = loop.PostAfter(kShortageDelay, [weak = weak_from_this()] {
    const auto state = weak.lock();
    if (state == nullptr) return;
    state->shortage_timer = 0;
    for (const auto& [directory, entry] : state->directories) state->changed.insert(directory);
    state->PostStep();
  });
}

void FileSetSource::State::CloseAll() {
  for (const auto& [identity, file] : files) ::close(file.fd);
  files.clear();
  unread.clear();
}

FileSetSource::FileSetSource(EventLoop& loop, std::shared_ptr<FileWatcher> watcher, FileSet set,
                             std::unique_ptr<PointFormat> format, PointReceiver& receiver)
    : state_(std::make_shared<State>(loop, receiver)) {
  state_->watcher = std::move(watcher);
  state_->set = std::move(set);
  state_->format = std::move(format);
}

FileSetSource::~FileSetSource() {
  Stop();
  state_->CloseAll();
}

void FileSetSource::Start() {
  if (state_->stopped || std::exchange(state_->started, true)) return;
  state_->AddDirectory(state_->set.directory, 0);
  state_->PostStep();
}

void FileSetSource::Pause() { state_->paused = true; }

void FileSetSource::Resume() {
  state_->paused = false;
  state_->PostStep();
}

void FileSetSource::Drain(std::function<void(absl::Status)> done) {
  state_->drain_done = std::move(done);
  state_->AddDirectory(state_->set.directory, 0);
  for (const auto& [directory, entry] : state_->directories) state_->changed.insert(directory);
  state_->PostStep();
}

// What is read just now may be what stops it, so files are closed with the source.
void FileSetSource::Stop() {
  if (std::exchange(state_->stopped, true)) return;
  for (const auto& [path, directory] : state_->directories) {
    if (directory.watch != 0) state_->watcher->Unwatch(directory.watch);
  }
  state_->watcher.reset();
  if (state_->shortage_timer != 0) state_->loop.Cancel(state_->shortage_timer);
}

void FileSetSource::Describe(CollectionSummary& summary) const {
  state_->format->Describe(summary);
  if (state_->files_read == 0) summary.evidence = fmt::format("there was no {}", state_->set.what);
}

}  // namespace qalam::metrics
