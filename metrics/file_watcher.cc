#include "metrics/file_watcher.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstring>
#include <map>
#include <set>
#include <vector>

namespace qalam::metrics {
namespace {

constexpr std::uint32_t kEvents =
    IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE | IN_ONLYDIR;
constexpr int kPolled = -1;

// File systems whose changes by other machines inotify does not report; numbers from statfs(2) and
// linux/magic.h.
bool IsShared(const std::string& directory) {
  constexpr std::uint32_t kMagic[] = {0x6969,     0x517B,     0xFF534D42, 0xFE534D42, 0x65735546,
                                      0x0BD00BD0, 0x47504653, 0x01021997, 0x00C36400, 0x5346414F};
  struct statfs info;
  if (::statfs(directory.c_str(), &info) != 0) return false;
  return std::find(std::begin(kMagic), std::end(kMagic), static_cast<std::uint32_t>(info.f_type)) !=
         std::end(kMagic);
}

bool IsSymbolicLink(const std::string& path) {
  struct stat info;
  return ::lstat(path.c_str(), &info) == 0 && S_ISLNK(info.st_mode);
}

}  // namespace

struct FileWatcher::State : std::enable_shared_from_this<State> {
  struct Entry {
    std::string path, directory, name;  // no name: the whole directory
    int watch = kPolled;
    std::function<void()> on_change;
    bool prompt = false;
  };

  State(AsioEventLoop& event_loop, const FileWatcherOptions& given)
      : loop(event_loop), options(given), descriptor(event_loop.context()) {}

  void Open();
  WatchId Add(Entry entry);
  bool Attach(WatchId id, Entry& entry);
  static bool IsWatchedLink(const Entry& entry) { return !entry.name.empty() && IsSymbolicLink(entry.path); }
  void Detach(WatchId id, Entry& entry);
  void WaitForEvents();
  void ReadEvents();
  void Dispatch(const inotify_event& event, std::set<WatchId>& changed);
  void Notify(const std::set<WatchId>& changed);
  void StartPolling();
  void Poll();

  AsioEventLoop& loop;
  const FileWatcherOptions options;
  boost::asio::posix::stream_descriptor descriptor;
  bool opened = false;
  std::map<WatchId, Entry> entries;
  std::map<int, std::set<WatchId>> by_watch;
  std::set<WatchId> polled;
  WatchId next_id = 1;
  size_t prompt_entries = 0;
  EventLoop::TimerId poll_timer = 0, quiet_timer = 0;
};

void FileWatcher::State::Open() {
  opened = true;
  if (!options.use_inotify) return;
  const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0) return;
  boost::system::error_code error;
  descriptor.assign(fd, error);
  if (error) {
    ::close(fd);
    return;
  }
  WaitForEvents();
}

bool FileWatcher::State::Attach(WatchId id, Entry& entry) {
  if (!opened) Open();
  if (!descriptor.is_open() || IsWatchedLink(entry) || IsShared(entry.directory)) return false;
  const int watch = ::inotify_add_watch(descriptor.native_handle(), entry.directory.c_str(), kEvents);
  if (watch < 0) return false;
  entry.watch = watch;
  by_watch[watch].insert(id);
  polled.erase(id);
  return true;
}

// Leaves the entry polled.
void FileWatcher::State::Detach(WatchId id, Entry& entry) {
  polled.insert(id);
  if (entry.watch == kPolled) return;
  const auto found = by_watch.find(entry.watch);
  if (found != by_watch.end()) {
    found->second.erase(id);
    if (found->second.empty()) {
      ::inotify_rm_watch(descriptor.native_handle(), entry.watch);
      by_watch.erase(found);
    }
  }
  entry.watch = kPolled;
}

void FileWatcher::State::WaitForEvents() {
  descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                        [weak = weak_from_this()](const boost::system::error_code& error) {
                          const auto state = weak.lock();
                          if (state == nullptr || error) return;
                          state->ReadEvents();
                        });
}

void FileWatcher::State::ReadEvents() {
  alignas(inotify_event) char buffer[16 << 10];
  std::set<WatchId> changed;
  while (true) {
    const ssize_t size = ::read(descriptor.native_handle(), buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    for (ssize_t at = 0; at < size;) {
      const auto& event = *reinterpret_cast<const inotify_event*>(buffer + at);
      Dispatch(event, changed);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event.len);
    }
  }
  const absl::Duration quiet = prompt_entries > 0 ? options.prompt_quiet_time : options.quiet_time;
  quiet_timer = loop.PostAfter(quiet, [weak = weak_from_this()] {
    const auto state = weak.lock();
    if (state == nullptr) return;
    state->quiet_timer = 0;
    state->WaitForEvents();
  });
  Notify(changed);
}

void FileWatcher::State::Dispatch(const inotify_event& event, std::set<WatchId>& changed) {
  if ((event.mask & IN_Q_OVERFLOW) != 0) {
    for (const auto& [id, entry] : entries) changed.insert(id);
    return;
  }
  const auto found = by_watch.find(event.wd);
  if (found == by_watch.end()) return;
  if ((event.mask & IN_IGNORED) != 0) {  // the directory is gone and its watch with it
    for (const WatchId id : found->second) {
      entries.at(id).watch = kPolled;
      polled.insert(id);
      changed.insert(id);
    }
    by_watch.erase(found);
    StartPolling();
    return;
  }
  const std::string_view name = event.len > 0 ? std::string_view(event.name) : std::string_view();
  const std::set<WatchId> ids = found->second;
  for (const WatchId id : ids) {
    Entry& entry = entries.at(id);
    if (!entry.name.empty() && entry.name != name) continue;
    changed.insert(id);
    if ((event.mask & (IN_CREATE | IN_MOVED_TO)) != 0 && IsWatchedLink(entry)) {
      Detach(id, entry);
      StartPolling();
    }
  }
}

// A callback may add and remove watches.
void FileWatcher::State::Notify(const std::set<WatchId>& changed) {
  const auto keep_alive = shared_from_this();
  for (const WatchId id : changed) {
    const auto found = entries.find(id);
    if (found == entries.end()) continue;
    const std::function<void()> on_change = found->second.on_change;
    on_change();
  }
}

void FileWatcher::State::StartPolling() {
  if (poll_timer != 0 || polled.empty()) return;
  poll_timer = loop.PostAfter(options.poll_interval, [weak = weak_from_this()] {
    if (const auto state = weak.lock()) state->Poll();
  });
}

void FileWatcher::State::Poll() {
  poll_timer = 0;
  const std::set<WatchId> ids = polled;
  for (const WatchId id : ids) Attach(id, entries.at(id));
  StartPolling();
  Notify(ids);
}

FileWatcher::FileWatcher(AsioEventLoop& loop, const FileWatcherOptions& options)
    : state_(std::make_shared<State>(loop, options)) {}

FileWatcher::~FileWatcher() {
  if (state_->poll_timer != 0) state_->loop.Cancel(state_->poll_timer);
  if (state_->quiet_timer != 0) state_->loop.Cancel(state_->quiet_timer);
  boost::system::error_code ignored;
  state_->descriptor.close(ignored);
}

FileWatcher::WatchId FileWatcher::State::Add(Entry given) {
  const WatchId id = next_id++;
  Entry& entry = entries[id] = std::move(given);
  if (entry.prompt) ++prompt_entries;
  if (!Attach(id, entry)) {
    polled.insert(id);
    StartPolling();
  }
  return id;
}

FileWatcher::WatchId FileWatcher::Watch(const std::string& path, std::function<void()> on_change,
                                        bool prompt) {
  const size_t slash = path.rfind('/');
  const bool bare = slash == std::string::npos;
  return state_->Add({.path = path,
                      .directory = bare ? "." : path.substr(0, std::max<size_t>(slash, 1)),
                      .name = bare ? path : path.substr(slash + 1),
                      .on_change = std::move(on_change),
                      .prompt = prompt});
}

FileWatcher::WatchId FileWatcher::WatchDirectory(const std::string& directory,
                                                 std::function<void()> on_change, bool prompt) {
  return state_->Add(
      {.path = directory, .directory = directory, .on_change = std::move(on_change), .prompt = prompt});
}

void FileWatcher::Unwatch(WatchId id) {
  const auto found = state_->entries.find(id);
  if (found == state_->entries.end()) return;
  state_->Detach(id, found->second);
  state_->polled.erase(id);
  if (found->second.prompt) --state_->prompt_entries;
  state_->entries.erase(found);
}

}  // namespace qalam::metrics
