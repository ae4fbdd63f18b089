#include "server/trial_logs.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

#include "absl/time/clock.h"
#include "api/trial_attempts.h"
#include "api/trial_facts.h"
#include "apiserver/failure.h"
#include "apiserver/trial_program.h"
#include "server/data_layout.h"
#include "server/log_file.h"
#include "server/log_times.h"

namespace qalam::server {
namespace {

using apiserver::ContainerRole;
using apiserver::LogOptions;
using apiserver::TrialContainer;

constexpr std::chrono::milliseconds kInterval{200};     // between two looks at files that are followed
constexpr std::chrono::milliseconds kShortInterval{5};  // while clients take what there is
constexpr std::int64_t kPiece = 256 << 10;
constexpr std::size_t kMaxBacklog = 1 << 20;  // of one client; it gets no more until it has taken some

absl::Status BadRequest(std::string message) {
  return apiserver::Failure(400, "BadRequest", std::move(message));
}

std::int64_t FileSize(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? info.st_size : 0;
}

absl::StatusOr<TrialContainer> FindContainer(const api::Trial& trial, const std::string& name) {
  for (TrialContainer& container : apiserver::ContainersOf(trial)) {
    const bool wanted = name.empty() ? container.role == ContainerRole::kPrimary : container.name == name;
    if (wanted) return std::move(container);
  }
  return BadRequest(fmt::format("container {} is not valid for pod {}", name, apiserver::PodNameOf(trial)));
}

bool PrintsOutput(const TrialContainer& container) {
  return container.role == ContainerRole::kPrimary || container.role == ContainerRole::kCollector;
}

absl::StatusOr<std::string> LogPath(const DataLayout& layout, const api::Trial& trial,
                                    const TrialContainer& container) {
  const std::string output = OutputFile(layout, trial);
  if (output.empty() || container.name.find('/') != std::string::npos)
    return BadRequest(
        fmt::format("{} has no log: names in it cannot be those of files", trial.metadata.name));
  if (PrintsOutput(container)) return output;
  return fmt::format("{}/{}{}.log", output.substr(0, output.rfind('/')),
                     container.name == "output" ? "container-" : "", container.name);
}

// What a client gets.
struct Wanted {
  api::ObjectKey trial;
  std::string uid;
  std::int64_t end = 0;              // of the file, when it is not followed
  bool follow = false;               // until the program has ended
  std::optional<std::int64_t> left;  // of limitBytes
  // The time before each line; empty: none.
  std::function<absl::Time(std::int64_t offset)> time_of;
};

// One client and how far it has come.
class Sender {
 public:
  Sender(std::shared_ptr<http::ResponseStream> stream, LogReader reader, Wanted wanted)
      : stream_(std::move(stream)), reader_(std::move(reader)), wanted_(std::move(wanted)) {
    // Others do not hold up a drain, and would be cut short; Write says when their client has gone.
    if (wanted_.follow) stream_->OnClosed([closed = closed_] { *closed = true; });
  }

  enum class Progress { kMore, kCaughtUp, kDone };

  Progress Advance(const api::ResourceStore& store) {
    if (*closed_) return Finish();
    if (stream_->Backlog() > kMaxBacklog) return Progress::kMore;
    // Asked before reading: what is in the file by then is all there will be.
    const bool last = wanted_.follow && !IsRunning(store);
    std::int64_t most = kPiece;
    if (!wanted_.follow) most = std::clamp<std::int64_t>(wanted_.end - reader_.offset(), 0, most);
    const absl::StatusOr<std::string> bytes = reader_.Read(static_cast<std::size_t>(most));
    if (!bytes.ok()) return Finish();
    if (!bytes->empty() && !Send(*bytes)) return Finish();
    if (!wanted_.follow) return bytes->empty() ? Finish() : Progress::kMore;
    if (!reader_.at_end()) return Progress::kMore;
    return last ? Finish() : Progress::kCaughtUp;
  }

 private:
  // False when the client has gone or has got all it wanted.
  bool Send(const std::string& bytes) {
    std::string text = wanted_.time_of ? WithTimes(bytes) : bytes;
    if (wanted_.left) {
      text.resize(std::min(text.size(), static_cast<std::size_t>(*wanted_.left)));
      *wanted_.left -= static_cast<std::int64_t>(text.size());
    }
    return stream_->Write(std::move(text)) && (!wanted_.left || *wanted_.left > 0);
  }

  std::string WithTimes(const std::string& bytes) {
    std::int64_t offset = reader_.offset() - static_cast<std::int64_t>(bytes.size());
    std::string text;
    for (const char c : bytes) {
      if (line_begins_) {
        text += absl::FormatTime("%Y-%m-%dT%H:%M:%E9SZ ", wanted_.time_of(offset), absl::UTCTimeZone());
      }
      text += c;
      line_begins_ = c == '\n';
      ++offset;
    }
    return text;
  }

  Progress Finish() {
    stream_->End();
    return Progress::kDone;
  }

  bool IsRunning(const api::ResourceStore& store) const {
    const auto trial = api::Get<api::Trial>(store, wanted_.trial);
    if (!trial.ok() || (*trial)->metadata.uid != wanted_.uid) return false;
    return !api::IsFinished(api::StateOf(**trial)) || api::AwaitsObservation(**trial);
  }

  std::shared_ptr<http::ResponseStream> stream_;
  std::shared_ptr<std::atomic<bool>> closed_ = std::make_shared<std::atomic<bool>>(false);
  LogReader reader_;
  Wanted wanted_;
  bool line_begins_ = true;
};

}  // namespace

struct TrialLogs::State {
  State(const api::ResourceStore& resource_store, DataLayout data_layout, std::unique_ptr<LogTimes> log_times)
      : store(resource_store),
        layout(std::move(data_layout)),
        times(std::move(log_times)),
        thread([this] { Run(); }) {}

  ~State() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    wake.notify_all();
    thread.join();
  }

  void Add(std::unique_ptr<Sender> sender) {
    {
      const std::lock_guard lock(mutex);
      added.push_back(std::move(sender));
    }
    wake.notify_all();
  }

  void Run() {
    std::list<std::unique_ptr<Sender>> senders;
    std::unique_lock lock(mutex);
    bool more = false;
    while (!stopping) {
      const auto ready = [this] { return stopping || !added.empty(); };
      if (senders.empty()) {
        wake.wait(lock, ready);
      } else {
        wake.wait_for(lock, more ? kShortInterval : kInterval, ready);
      }
      senders.splice(senders.end(), added);
      lock.unlock();
      more = false;
      for (auto sender = senders.begin(); sender != senders.end();) {
        const Sender::Progress progress = (*sender)->Advance(store);
        more |= progress == Sender::Progress::kMore;
        sender = progress == Sender::Progress::kDone ? senders.erase(sender) : std::next(sender);
      }
      lock.lock();
    }
  }

  const api::ResourceStore& store;
  const DataLayout layout;
  const std::unique_ptr<LogTimes> times;
  std::mutex mutex;
  std::condition_variable wake;
  std::list<std::unique_ptr<Sender>> added;
  bool stopping = false;
  std::thread thread;
};

absl::StatusOr<std::unique_ptr<TrialLogs>> TrialLogs::Start(api::ResourceStore& store,
                                                            const std::string& data_directory) {
  const DataLayout layout(data_directory);
  QALAM_ASSIGN_OR_RETURN(std::unique_ptr<LogTimes> times, LogTimes::Start(store, layout));
  return std::unique_ptr<TrialLogs>(new TrialLogs(std::make_unique<State>(store, layout, std::move(times))));
}

TrialLogs::TrialLogs(std::unique_ptr<State> state) : state_(std::move(state)) {}
TrialLogs::~TrialLogs() = default;

void TrialLogs::Sample(absl::Time now) { state_->times->Sample(now); }

void TrialLogs::Send(const api::Trial& trial, const LogOptions& options,
                     std::shared_ptr<http::Exchange> exchange) {
  const auto refuse = [&](const absl::Status& status) { exchange->Respond(apiserver::ToResponse(status)); };
  const absl::StatusOr<TrialContainer> container = FindContainer(trial, options.container);
  if (!container.ok()) return refuse(container.status());
  const apiserver::TrialProgram program = apiserver::ProgramOf(trial);
  if (program.phase == apiserver::ProgramPhase::kWaiting && !program.started) {
    return refuse(BadRequest(fmt::format("container \"{}\" in pod \"{}\" is waiting to start: {}",
                                         container->name, apiserver::PodNameOf(trial), program.reason)));
  }
  const absl::StatusOr<std::string> path = LogPath(state_->layout, trial, *container);
  if (!path.ok()) return refuse(path.status());
  const api::TrialAttempts attempts = api::AttemptsOf(trial);
  const bool output = PrintsOutput(*container);
  if (options.previous && (attempts.started < 2 || !output)) {
    return refuse(BadRequest(fmt::format("previous terminated container \"{}\" in pod \"{}\" not found",
                                         container->name, apiserver::PodNameOf(trial))));
  }
  std::int64_t begin = output ? attempts.output_begins : 0, end = FileSize(*path);
  if (options.previous) {
    end = std::min(end, begin);
    begin = attempts.previous_output_begins;
  }
  absl::Time since = options.since_time.value_or(absl::InfinitePast());
  if (options.since_seconds) since = absl::Now() - absl::Seconds(*options.since_seconds);
  if (output && since > absl::InfinitePast())
    begin = std::max(begin, state_->times->OffsetSince(trial, since));
  begin = std::clamp<std::int64_t>(begin, 0, std::max<std::int64_t>(0, end));
  if (options.tail_lines) begin = LastLinesOffset(*path, begin, end, *options.tail_lines);
  Wanted wanted{.trial = trial.key(),
                .uid = trial.metadata.uid,
                .end = end,
                .follow = options.follow && !options.previous,
                .left = options.limit_bytes,
                .time_of = nullptr};
  if (options.timestamps && output) {
    wanted.time_of = [times = state_->times.get(), copy = std::make_shared<api::Trial>(trial)](
                         std::int64_t offset) { return times->TimeOf(*copy, offset); };
  }
  auto stream = exchange->Begin({.headers = {{"Content-Type", "text/plain"}, {"Cache-Control", "no-cache"}}});
  state_->Add(std::make_unique<Sender>(std::move(stream), LogReader(*path, begin), std::move(wanted)));
}

}  // namespace qalam::server
