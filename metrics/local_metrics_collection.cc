#include "metrics/local_metrics_collection.h"

#include <fmt/format.h>

#include <map>
#include <unordered_map>
#include <utility>

#include "metrics/json_collector.h"
#include "metrics/text_collector.h"
#include "metrics/trial_collection.h"

namespace qalam::metrics {
namespace {

// More filters than any set of experiments that run side by side has; a bound for long-lived servers.
constexpr size_t kMaxKeptFilters = 64;

enum class Format { kText, kJson };

struct Source {
  std::string file;
  std::int64_t offset = 0;
  Format format = Format::kText;
};

absl::Status Unsupported(std::string_view kind) {
  return absl::UnimplementedError(fmt::format(
      "metricsCollectorSpec.collector.kind: {} is not supported here; supported are StdOut, File, "
      "Push and None",
      kind));
}

absl::StatusOr<Source> FileSource(const CollectionRequest& request) {
  if (request.metrics_file.empty()) {
    return absl::InvalidArgumentError("metrics_file: empty; the File collector needs the file's path");
  }
  std::string kind = "File", format = "TEXT";
  if (request.collector.source && request.collector.source->file_system_path) {
    const api::FileSystemPath& path = *request.collector.source->file_system_path;
    if (!path.kind.empty()) kind = path.kind;
    if (!path.format.empty()) format = path.format;
  }
  if (kind != "File") {
    return absl::InvalidArgumentError(
        fmt::format("source.fileSystemPath.kind: \"{}\"; the File collector reads a File", kind));
  }
  if (format != "TEXT" && format != "JSON") {
    return absl::InvalidArgumentError(
        fmt::format("source.fileSystemPath.format: \"{}\"; must be TEXT or JSON", format));
  }
  return Source{request.metrics_file, 0, format == "JSON" ? Format::kJson : Format::kText};
}

// An empty file name means that there is nothing to read.
absl::StatusOr<Source> SourceOf(const CollectionRequest& request) {
  switch (request.collector.kind) {
    case api::CollectorKind::kPush:
    case api::CollectorKind::kNone:
      return Source{};
    case api::CollectorKind::kUnset:
    case api::CollectorKind::kStdOut:
      if (request.log_file.empty()) {
        return absl::InvalidArgumentError("log_file: empty; the StdOut collector needs the log's path");
      }
      if (request.log_offset < 0) {
        return absl::InvalidArgumentError(
            fmt::format("log_offset: {}; must not be negative", request.log_offset));
      }
      return Source{request.log_file, request.log_offset, Format::kText};
    case api::CollectorKind::kFile:
      return FileSource(request);
    case api::CollectorKind::kTensorFlowEvent:
      return Unsupported("TensorFlowEvent");
    case api::CollectorKind::kPrometheusMetric:
      return Unsupported("PrometheusMetric");
    case api::CollectorKind::kCustom:
      return Unsupported("Custom");
    case api::CollectorKind::kInvalid:
      break;
  }
  return absl::InvalidArgumentError(
      fmt::format("metricsCollectorSpec.collector.kind: \"{}\"; must be StdOut, File, Push or None",
                  request.collector.kind_text));
}

}  // namespace

struct LocalMetricsCollection::State {
  State(AsioEventLoop& loop, ReportSink given_sink, const LocalMetricsOptions& given)
      : options(given),
        sink(std::move(given_sink)),
        context{loop,
                std::make_shared<FileWatcher>(loop, given.watch),
                sink,
                point_handler,
                given.report,
                given.batch_points,
                [this] { ArmTick(); }} {}

  absl::StatusOr<std::unique_ptr<Collector>> MakeCollector(const CollectionRequest& request, Format format);
  void ArmTick();
  void Tick();

  const LocalMetricsOptions options;
  const ReportSink sink;
  PointHandler point_handler;
  CollectionContext context;
  std::map<std::vector<std::string>, std::shared_ptr<const TextFilters>> filters;
  std::unordered_map<std::string, std::shared_ptr<TrialCollection>> trials;
  EventLoop::TimerId tick_timer = 0;
};

absl::StatusOr<std::unique_ptr<Collector>> LocalMetricsCollection::State::MakeCollector(
    const CollectionRequest& request, Format format) {
  std::vector<std::string> wanted = WantedMetrics(request.objective);
  if (format == Format::kJson) return std::make_unique<JsonCollector>(std::move(wanted));
  std::vector<std::string> expressions;
  if (request.collector.source) expressions = request.collector.source->metrics_format.value_or(expressions);
  auto found = filters.find(expressions);
  if (found == filters.end()) {
    QALAM_ASSIGN_OR_RETURN(std::shared_ptr<const TextFilters> compiled, TextFilters::Compile(expressions));
    if (filters.size() >= kMaxKeptFilters) filters.clear();
    found = filters.emplace(std::move(expressions), std::move(compiled)).first;
  }
  return std::make_unique<TextCollector>(std::move(wanted), found->second);
}

void LocalMetricsCollection::State::ArmTick() {
  if (tick_timer == 0) tick_timer = context.loop.PostAfter(options.batch_interval, [this] { Tick(); });
}

void LocalMetricsCollection::State::Tick() {
  tick_timer = 0;
  std::vector<std::shared_ptr<TrialCollection>> all;  // a sink may call Cancel
  all.reserve(trials.size());
  for (const auto& [key, trial] : trials) all.push_back(trial);
  for (const auto& trial : all) trial->Tick();
}

LocalMetricsCollection::LocalMetricsCollection(AsioEventLoop& loop, ReportSink sink,
                                               const LocalMetricsOptions& options)
    : state_(std::make_unique<State>(loop, std::move(sink), options)) {}

LocalMetricsCollection::~LocalMetricsCollection() {
  if (state_->tick_timer != 0) state_->context.loop.Cancel(state_->tick_timer);
  for (const auto& [key, trial] : state_->trials) trial->Quiesce();
}

absl::Status LocalMetricsCollection::Start(const CollectionRequest& request) {
  if (request.trial_key.empty()) return absl::InvalidArgumentError("trial_key: empty; must name the trial");
  if (state_->trials.contains(request.trial_key)) return absl::OkStatus();
  QALAM_ASSIGN_OR_RETURN(Source source, SourceOf(request));
  if (source.file.empty()) return absl::OkStatus();
  const std::string& objective = request.objective.objective_metric_name;
  if (objective.empty()) {
    return absl::InvalidArgumentError(
        "objective.objectiveMetricName: empty; must name the metric to collect");
  }
  QALAM_ASSIGN_OR_RETURN(std::unique_ptr<Collector> collector, state_->MakeCollector(request, source.format));
  state_->trials.emplace(request.trial_key, std::make_shared<TrialCollection>(
                                                state_->context, request.trial_key, objective,
                                                std::move(source.file), source.offset, std::move(collector)));
  state_->ArmTick();
  return absl::OkStatus();
}

void LocalMetricsCollection::Finish(const std::string& trial_key,
                                    std::function<void(absl::StatusOr<CollectionSummary>)> done) {
  const auto found = state_->trials.find(trial_key);
  if (found == state_->trials.end()) {
    state_->context.loop.Post([done = std::move(done)] { done(CollectionSummary{}); });
    return;
  }
  found->second->Finish(std::move(done), [this, trial_key] { state_->trials.erase(trial_key); });
}

void LocalMetricsCollection::Cancel(const std::string& trial_key) {
  const auto found = state_->trials.find(trial_key);
  if (found == state_->trials.end()) return;
  const std::shared_ptr<TrialCollection> trial = std::move(found->second);
  state_->trials.erase(found);
  trial->Stop(absl::CancelledError(fmt::format("collecting metrics of trial {} was cancelled", trial_key)));
}

void LocalMetricsCollection::SetPointHandler(PointHandler handler) {
  state_->point_handler = std::move(handler);
}

}  // namespace qalam::metrics
