#include "metrics/local_metrics_collection.h"

#include <fmt/format.h>

#include <unordered_map>
#include <utility>

#include "metrics/reported_points.h"
#include "metrics/source_choice.h"
#include "metrics/trial_collection.h"

namespace qalam::metrics {

struct LocalMetricsCollection::State {
  State(AsioEventLoop& loop, ReportSink given_sink, const LocalMetricsOptions& given)
      : options(given),
        sink(std::move(given_sink)),
        context{loop, sink, point_handler, given.report, given.batch_points, [this] { ArmTick(); }},
        choice(loop, given.watch, given.scrape_interval) {}

  absl::Status Begin(const CollectionRequest& request, PointSourceFactory source);
  void ArmTick();
  void Tick();

  const LocalMetricsOptions options;
  const ReportSink sink;
  PointHandler point_handler;
  CollectionContext context;
  SourceChoice choice;
  std::unordered_map<std::string, std::shared_ptr<TrialCollection>> trials;
  const std::shared_ptr<ReportedPoints> reported = std::make_shared<ReportedPoints>();
  EventLoop::TimerId tick_timer = 0;
};

absl::Status LocalMetricsCollection::State::Begin(const CollectionRequest& request,
                                                  PointSourceFactory source) {
  if (request.objective.objective_metric_name.empty()) {
    return absl::InvalidArgumentError(
        "objective.objectiveMetricName: empty; must name the metric to collect");
  }
  const auto trial = std::make_shared<TrialCollection>(context, request, std::move(source));
  trials.emplace(request.trial_key, trial);
  if (request.watch_at_once) trial->Start();
  ArmTick();
  return absl::OkStatus();
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
  QALAM_ASSIGN_OR_RETURN(PointSourceFactory source, state_->choice.For(request));
  const bool reports = request.collector.kind == api::CollectorKind::kPush ||
                       request.collector.kind == api::CollectorKind::kCustom;
  if (reports) state_->reported->Start(request);
  if (source == nullptr) return absl::OkStatus();
  return state_->Begin(request, std::move(source));
}

absl::StatusOr<FedSource*> LocalMetricsCollection::StartFed(const CollectionRequest& request) {
  if (request.trial_key.empty()) return absl::InvalidArgumentError("trial_key: empty; must name the trial");
  if (state_->trials.contains(request.trial_key)) {
    return absl::AlreadyExistsError(fmt::format("trial_key: {} is followed already", request.trial_key));
  }
  QALAM_ASSIGN_OR_RETURN(std::unique_ptr<PointFormat> format, state_->choice.TextFormat(request));
  FedSource* fed = nullptr;
  const auto make = [&](PointReceiver& receiver) {
    auto source = std::make_unique<FedSource>(state_->context.loop, std::move(format), receiver);
    fed = source.get();
    return source;
  };
  QALAM_RETURN_IF_ERROR(state_->Begin(request, make));
  return fed;
}

void LocalMetricsCollection::Finish(const std::string& trial_key,
                                    std::function<void(absl::StatusOr<CollectionSummary>)> done) {
  const auto answer = [reported = state_->reported, trial_key,
                       done = std::move(done)](absl::StatusOr<CollectionSummary> summary) {
    if (summary.ok()) reported->Finish(trial_key, *summary);
    done(std::move(summary));
  };
  const auto found = state_->trials.find(trial_key);
  if (found == state_->trials.end()) {
    state_->context.loop.Post([answer] { answer(CollectionSummary{}); });
    return;
  }
  if (state_->reported->HasObjective(trial_key)) found->second->ObjectiveWasReported();
  found->second->Finish(answer, [this, trial_key] { state_->trials.erase(trial_key); });
}

void LocalMetricsCollection::Add(const std::string& trial_key, const std::vector<MetricPoint>& points) {
  if (!state_->reported->Add(trial_key, points) || !state_->point_handler) return;
  for (const MetricPoint& point : points) state_->point_handler(trial_key, point);
}

void LocalMetricsCollection::Cancel(const std::string& trial_key) {
  state_->reported->Forget(trial_key);
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
