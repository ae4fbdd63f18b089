#include "collect/wrapper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "api/metrics_place.h"
#include "base/asio_event_loop.h"
#include "collect/child_process.h"
#include "collect/line_merger.h"
#include "collect/output_pump.h"
#include "collect/spool.h"
#include "metrics/local_metrics_collection.h"
#include "metrics/stop_rule_set.h"

namespace qalam::collect {
namespace {

// Of the only collection: the server may know the trial by our token alone.
constexpr char kTrialKey[] = "trial";
constexpr absl::Duration kSpoolInterval = absl::Milliseconds(200);  // what a kill -9 of ours may cost
constexpr absl::Duration kRuleInterval = absl::Milliseconds(25);    // how late a rule may see a value
constexpr size_t kRecordPoints = 500;
constexpr absl::Duration kDrain = absl::Seconds(2);         // for children of the command that go on writing
constexpr absl::Duration kHurriedWait = absl::Seconds(10);  // whoever sent TERM will send KILL
// Between two reads of dense output; without rules only the eye waits for it.
constexpr absl::Duration kGather = absl::Milliseconds(10), kCalmGather = absl::Milliseconds(20);
constexpr absl::Duration kGroupPoll = absl::Milliseconds(20);
constexpr absl::Duration kTellRetry = absl::Seconds(1);

metrics::LocalMetricsOptions CollectionOptions(const WrapperOptions& options) {
  metrics::LocalMetricsOptions result;
  // Output that no rule waits for comes in pieces of that interval anyway.
  const bool in_pieces = options.collector.kind == api::CollectorKind::kStdOut && options.rules.empty();
  result.batch_interval = in_pieces ? absl::ZeroDuration() : kSpoolInterval;
  result.report.max_batch_bytes = static_cast<size_t>(Spool::kBatchBytes);
  result.report.max_batch_points = static_cast<size_t>(Spool::kBatchPoints);
  return result;
}

bool IsSameFile(int first, int second) {
  struct stat a = {}, b = {};
  return fstat(first, &a) == 0 && fstat(second, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Whoever reads our output shall not wait for the server.
void CloseOutput() {
  const FileDescriptor nothing(open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (nothing.is_open()) dup2(nothing.get(), STDOUT_FILENO);
}

// The life of one command: started, running, ended, read to the end, delivered.
class Wrapper {
 public:
  Wrapper(const WrapperOptions& options, const Say& say)
      : options_(options),
        say_(say),
        rules_(options.objective, options.evaluation, options.trial),
        collection_(
            loop_,
            [this](const std::string&, std::uint64_t, const std::vector<metrics::MetricPoint>& points,
                   const std::function<void(absl::Status)>& done) {
              Keep(points);
              done(absl::OkStatus());
            },
            CollectionOptions(options)) {}

  absl::StatusOr<int> Run() {
    QALAM_RETURN_IF_ERROR(Prepare());
    BlockSignals();
    MakeSpool();
    if (!Start()) return exit_code_;
    loop_.Run();
    return stopped_ ? options_.exit_code_when_stopped : exit_code_;
  }

 private:
  bool reads_output() const { return options_.collector.kind == api::CollectorKind::kStdOut; }
  bool exited() const { return child_ < 0; }

  absl::Status Prepare();
  void MakeSpool();
  bool Start();
  void StartPumps(Pipe output, Pipe error);
  void AwaitSignal();
  void OnSignal(int signal);
  void Reap();
  void Keep(const std::vector<metrics::MetricPoint>& points);
  void OnPoint(const metrics::MetricPoint& point);
  void KillGroup();
  void OnExit(int wait_status);
  void AwaitGroup();
  void OnPumpEnd(size_t index, int write_error);
  void FinishWhenQuiet();
  void Deliver();
  void TellService();
  void End();
  void SayWhatIsLeft();

  const WrapperOptions& options_;
  const Say& say_;
  AsioEventLoop loop_;
  metrics::StopRuleSet rules_;
  std::unique_ptr<Spool> spool_;
  metrics::LocalMetricsCollection collection_;
  metrics::FedSource* source_ = nullptr;
  std::optional<LineMerger> lines_;
  std::vector<std::unique_ptr<OutputPump>> pumps_;  // null once ended
  std::optional<boost::asio::signal_set> signals_;
  std::unique_ptr<ReportClient> server_, service_;
  std::optional<Delivery> delivery_;

  pid_t child_ = -1, group_ = -1;
  int exit_code_ = 0;
  EventLoop::TimerId kill_timer_ = 0;
  bool stopped_ = false;  // by a rule
  bool hurried_ = false;  // somebody wants us to end
  bool group_ended_ = false;
  bool finishing_ = false;  // all output has been read
  bool full_said_ = false, fault_said_ = false;
  std::int64_t kept_points_ = 0, lost_points_ = 0;
};

absl::Status Wrapper::Prepare() {
  if (!options_.rules.empty()) {
    QALAM_RETURN_IF_ERROR(rules_.SetRules(options_.rules));
    collection_.SetPointHandler(
        [this](const std::string&, const metrics::MetricPoint& point) { OnPoint(point); });
  }
  metrics::CollectionRequest request;
  request.trial_key = kTrialKey;
  request.objective = options_.objective;
  request.collector = options_.collector;
  request.watch_at_once = !options_.rules.empty();
  if (reads_output()) {
    QALAM_ASSIGN_OR_RETURN(source_, collection_.StartFed(request));
    return absl::OkStatus();
  }
  api::MetricsPlace place = api::PlaceOf(options_.collector);
  request.metrics_file = std::move(place.file);
  request.metrics_directory = std::move(place.directory);
  request.metrics_port = place.port;
  return collection_.Start(request);
}

void Wrapper::MakeSpool() {
  const SpoolInfo info{options_.trial, options_.server.address};
  auto spool = Spool::Create(options_.spool_parent, info, options_.spool_limit);
  if (spool.ok()) {
    spool_ = *std::move(spool);
    return;
  }
  say_(fmt::format("no spool: {}; points wait in memory, up to {} MiB, and go with this process",
                   MessageOf(spool.status()), Spool::kMemoryBytes >> 20));
  spool_ = Spool::InMemory(info);
}

bool Wrapper::Start() {
  ChildOptions child{.argv = options_.command, .outlive = options_.outlive};
  Pipe output, error;
  if (reads_output()) {
    output = MakePipe();
    // One pipe for both where both go to the same place: so the order stays what it was.
    if (!IsSameFile(STDOUT_FILENO, STDERR_FILENO)) error = MakePipe();
    child.output = output.write_end.get();
    child.error = error.write_end.is_open() ? error.write_end.get() : child.output;
  }
  const ChildStart start = StartChild(child);
  if (start.pid < 0) {
    say_(start.message);
    exit_code_ = start.code;
    spool_->Remove();
    return false;
  }
  child_ = group_ = start.pid;
  signal(SIGPIPE, SIG_IGN);
  SilenceGrpc();
  server_ = NewReportClient(loop_, options_.server);
  delivery_.emplace(loop_, *spool_, *server_, options_.server.address, say_);
  signals_.emplace(loop_.context(), SIGCHLD);
  for (const int signal : ForwardedSignals()) signals_->add(signal);
  UnblockSignals();
  AwaitSignal();
  if (reads_output()) StartPumps(std::move(output), std::move(error));
  return true;
}

void Wrapper::StartPumps(Pipe output, Pipe error) {
  std::vector<std::pair<FileDescriptor, int>> streams;
  streams.emplace_back(std::move(output.read_end), STDOUT_FILENO);
  if (error.read_end.is_open()) streams.emplace_back(std::move(error.read_end), STDERR_FILENO);
  if (streams.size() > 1) {
    lines_.emplace(streams.size(), [this](std::string_view bytes) { source_->Feed(bytes); });
  }
  for (size_t i = 0; i < streams.size(); ++i) {
    const auto on_bytes = [this, i](std::string_view bytes) {
      if (finishing_) return;
      lines_ ? lines_->Feed(i, bytes) : source_->Feed(bytes);
    };
    pumps_.push_back(std::make_unique<OutputPump>(
        loop_, std::move(streams[i].first), streams[i].second,
        PumpHandlers{on_bytes, [this, i](int write_error) { OnPumpEnd(i, write_error); }},
        PumpOptions{.gather = options_.rules.empty() ? kCalmGather : kGather,
                    .look = options_.rules.empty() ? kSpoolInterval : kRuleInterval}));
  }
}

void Wrapper::AwaitSignal() {
  signals_->async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    AwaitSignal();
    OnSignal(signal);
  });
}

void Wrapper::OnSignal(int signal) {
  if (signal == SIGCHLD) return Reap();
  if (!exited()) kill(-group_, signal);
  if (signal == SIGTSTP) kill(getpid(), SIGSTOP);
  if (signal != SIGTERM && signal != SIGINT && signal != SIGHUP && signal != SIGQUIT) return;
  hurried_ = true;
  if (!exited()) return;
  // There is no command left to end: the signal is for us.
  KillGroup();
  for (size_t i = 0; i < pumps_.size(); ++i) {
    if (pumps_[i] != nullptr) OnPumpEnd(i, 0);
  }
  delivery_->Hurry(absl::ZeroDuration());
}

// All children there are: as process 1 of a container we inherit those of others.
void Wrapper::Reap() {
  int status = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid == child_) OnExit(status);
  }
}

// In small records, so that a spool that is nearly full takes what it can.
void Wrapper::Keep(const std::vector<metrics::MetricPoint>& points) {
  for (size_t begin = 0; begin < points.size(); begin += kRecordPoints) {
    const size_t count = std::min(points.size() - begin, kRecordPoints);
    const absl::Status kept =
        spool_->Append(EncodePoints({points.data() + begin, count}), static_cast<std::int64_t>(count));
    (kept.ok() ? kept_points_ : lost_points_) += static_cast<std::int64_t>(count);
    if (!kept.ok() && !std::exchange(full_said_, true)) {
      say_(fmt::format("the spool is full, points are lost until there is room: {}", MessageOf(kept)));
    }
  }
  if (!spool_->disk_fault().ok() && !std::exchange(fault_said_, true)) {
    say_(fmt::format("the spool cannot be written: {}; points wait in memory, up to {} MiB",
                     MessageOf(spool_->disk_fault()), Spool::kMemoryBytes >> 20));
  }
  delivery_->Wake();
}

void Wrapper::OnPoint(const metrics::MetricPoint& point) {
  if (stopped_ || exited() || !rules_.Add(point)) return;
  stopped_ = true;
  kill(-group_, SIGTERM);
  kill_timer_ = loop_.PostAfter(options_.grace, [this] {
    kill_timer_ = 0;
    KillGroup();
  });
  std::string reasons;
  for (const metrics::FiredRule& fired : rules_.Fired()) {
    reasons += fmt::format("{}{}", reasons.empty() ? "" : ", ", metrics::Describe(fired));
  }
  say_(fmt::format("stopped early: {}", reasons));
}

void Wrapper::KillGroup() {
  if (kill_timer_ != 0) loop_.Cancel(std::exchange(kill_timer_, 0));
  if (stopped_) kill(-group_, SIGKILL);
}

void Wrapper::OnExit(int wait_status) {
  child_ = -1;
  exit_code_ = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
  AwaitGroup();
}

// What a stopped command leaves has the grace period to end in, too, and is listened to.
void Wrapper::AwaitGroup() {
  if (kill_timer_ != 0 && kill(-group_, 0) == 0) {
    loop_.PostAfter(kGroupPoll, [this] { AwaitGroup(); });
    return;
  }
  if (kill_timer_ != 0) loop_.Cancel(std::exchange(kill_timer_, 0));
  group_ended_ = true;
  for (const auto& pump : pumps_) {
    if (pump != nullptr) pump->EndSoon(kDrain);
  }
  FinishWhenQuiet();
}

void Wrapper::OnPumpEnd(size_t index, int write_error) {
  pumps_[index].reset();
  if (lines_ && !finishing_) lines_->End(index);
  if (write_error != 0 && write_error != EPIPE) {
    say_(fmt::format("the command's {} could not be passed on to its end: {}",
                     index == 0 ? "output" : "error output", std::strerror(write_error)));
  }
  FinishWhenQuiet();
}

void Wrapper::FinishWhenQuiet() {
  if (!group_ended_ || finishing_) return;
  if (std::any_of(pumps_.begin(), pumps_.end(), [](const auto& pump) { return pump != nullptr; })) return;
  finishing_ = true;
  CloseOutput();
  collection_.Finish(kTrialKey, [this](const absl::StatusOr<metrics::CollectionSummary>& summary) {
    if (!summary.ok()) say_(summary.status().ToString());
    Deliver();
  });
}

void Wrapper::Deliver() {
  const absl::Duration wait = hurried_ ? std::min(options_.wait, kHurriedWait) : options_.wait;
  delivery_->Finish(wait, [this] { stopped_ && !options_.early_stopping.empty() ? TellService() : End(); });
}

void Wrapper::TellService() {
  if (service_ == nullptr) {
    Connection connection = options_.server;
    connection.address = options_.early_stopping;
    service_ = NewReportClient(loop_, connection);
    loop_.PostAfter(std::max(options_.wait, kHurriedWait), [this] { hurried_ = true; });
  }
  service_->SetTrialStatus(options_.trial, [this](const absl::Status& status) {
    const bool again = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
    if (again && !hurried_) {
      loop_.PostAfter(kTellRetry, [this] { TellService(); });
      return;
    }
    if (!status.ok()) {
      say_(fmt::format("{} was not told that the trial is stopped: {}", options_.early_stopping,
                       status.ToString()));
    }
    End();
  });
}

void Wrapper::End() {
  SayWhatIsLeft();
  loop_.Stop();
}

void Wrapper::SayWhatIsLeft() {
  const std::int64_t in_memory = spool_->points_in_memory();
  const std::int64_t left = kept_points_ - delivery_->sent_points() - delivery_->refused_points() - in_memory;
  const std::int64_t on_disk = spool_->empty() ? 0 : left;  // if it is, what is left could not be read back
  const std::int64_t lost = lost_points_ + delivery_->refused_points() + in_memory + left - on_disk;
  if (lost > 0) say_(fmt::format("lost: {}", PointsText(lost)));
  if (on_disk <= 0) return spool_->Remove();
  spool_->Sync();
  say_(fmt::format("not delivered: {} ({}). Send later with: qalam-collect --send {} --server {}",
                   PointsText(on_disk), delivery_->last_error().ToString(), spool_->directory(),
                   options_.server.address));
}

}  // namespace

absl::StatusOr<int> RunWrapped(const WrapperOptions& options, const Say& say) {
  return Wrapper(options, say).Run();
}

}  // namespace qalam::collect
