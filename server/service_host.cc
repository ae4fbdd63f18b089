#include "server/service_host.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/service_type.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "absl/time/clock.h"
#include "algorithms/model_statistics.h"
#include "server/bearer_tokens.h"
#include "server/call_log.h"
#include "server/forwarder.h"
#include "server/grpc_listener.h"
#include "server/health_service.h"
#include "server/metrics_endpoint.h"
#include "server/observation_curves.h"
#include "server/observation_methods.h"
#include "server/reflection_service.h"
#include "server/retention_schedule.h"
#include "server/service_metrics.h"
#include "server/suggestion_methods.h"
#include "server/trial_status.h"
#include "server/unary_service.h"
#include "server/worker_pool.h"
#include "suggestion/services.h"

namespace qalam::server {
namespace {

constexpr size_t kMaxBlockingCalls = 64;  // each has a thread
constexpr size_t kMaxOpenMessages = 4;    // of the largest size there may be
constexpr absl::Duration kRefreshInterval = absl::Seconds(1);
constexpr absl::Duration kSweepInterval = absl::Hours(24);
constexpr size_t kMaxReportsUnderWay = 512;
constexpr size_t kStoredDataThreads = 4;  // as many as the database has connections for reading

}  // namespace

// Members are destroyed from the last to the first.
struct ServiceHost::State {
  State(AsioEventLoop& event_loop, Log& log_of_calls, ServiceHostOptions given)
      : loop(event_loop), log(log_of_calls), options(std::move(given)) {}
  ~State() { loop.Cancel(refresh_timer); }

  AsioEventLoop& loop;
  Log& log;
  EventLoop::TimerId refresh_timer = 0;
  ServiceHostOptions options;
  std::unique_ptr<BearerTokens> tokens;
  std::unique_ptr<ServerTls> tls;
  ServiceMetrics metrics;
  std::unique_ptr<MetricsEndpoint> metrics_endpoint;
  std::unique_ptr<Storage> own_storage;
  Storage* storage = nullptr;  // null without db
  std::optional<RetentionSchedule> retention;
  OpenCalls open;
  CallHooks hooks{.open = open};
  std::unique_ptr<WorkerPool> light, heavy, stored;
  std::unique_ptr<CallQueue> reports;
  std::unique_ptr<Forwarder> forwarder;
  std::unique_ptr<HealthService> health;
  std::unique_ptr<ReflectionService> reflection;
  std::vector<std::unique_ptr<grpc::Service>> services;
  std::unique_ptr<GrpcListener> listener;

  bool Serves(ServiceKind kind) const { return options.services.count(kind) > 0; }

  void MakeHooks() {
    hooks.max_open_bytes = kMaxOpenMessages * options.max_message;
    if (tokens != nullptr) {
      hooks.authorize = [this](std::optional<std::string_view> authorization) {
        return tokens->Check(authorization, absl::Now());
      };
    }
    hooks.began = [this](std::string_view method) { metrics.Began(method); };
    hooks.ended = [this](const CallRecord& record) {
      metrics.Ended(record);
      WriteCall(log, absl::Now(), record);
    };
  }

  void AddReadings() {
    using Type = ServiceMetrics::Type;
    const auto add_queue = [this](const std::string& label, const CallQueue& queue) {
      metrics.AddReading(Type::kGauge, "qalam_queue_length", "Calls that wait for a worker", label,
                         [&queue] { return static_cast<double>(queue.waiting()); });
    };
    if (forwarder != nullptr) add_queue("queue=early-stopping", forwarder->queue());
    if (reports != nullptr) add_queue("queue=reports", *reports);
    if (stored != nullptr) add_queue("queue=stored", stored->queue());
    if (light != nullptr) add_queue("queue=light", light->queue());
    if (heavy != nullptr) add_queue("queue=heavy", heavy->queue());
    const auto add_count = [this](const char* name, const char* help, const char* label,
                                  const std::atomic<std::uint64_t>& count, double unit) {
      metrics.AddReading(Type::kCounter, name, help, label,
                         [&count, unit] { return unit * static_cast<double>(count.load()); });
    };
    const algorithms::ModelStatistics& models = algorithms::GpStatistics();
    add_count("qalam_model_fits_total", "Fits of a Gaussian process", "", models.fits, 1);
    add_count("qalam_model_fit_seconds_total", "Time of these fits", "", models.fit_microseconds, 1e-6);
    const char* const hits = "What was found in the caches of models";
    add_count("qalam_model_cache_hits_total", hits, "cache=fit", models.fits_reused, 1);
    add_count("qalam_model_cache_hits_total", hits, "cache=factor", models.factors_reused, 1);
    const char* const misses = "What was not found in the caches of models";
    add_count("qalam_model_cache_misses_total", misses, "cache=fit", models.fits, 1);
    add_count("qalam_model_cache_misses_total", misses, "cache=factor", models.factors_computed, 1);
  }

  void RefreshTlsLater() {
    if (options.tls.certificate.empty()) return;
    refresh_timer = loop.PostAfter(kRefreshInterval, [this] {
      const absl::StatusOr<bool> refreshed = tls->Refresh();
      if (!refreshed.ok()) {
        log.Write(LogLevel::kError, absl::Now(), "the TLS files have changed and cannot be used",
                  std::vector<LogField>{{"error", MessageOf(refreshed.status())}});
      } else if (*refreshed) {
        log.Write(LogLevel::kInfo, absl::Now(), "the TLS files have changed");
      }
      RefreshTlsLater();
    });
  }

  absl::Status StartMetrics() {
    if (options.metrics_address.empty()) return absl::OkStatus();
    QALAM_ASSIGN_OR_RETURN(metrics_endpoint,
                           MetricsEndpoint::Start(loop, {.address = options.metrics_address,
                                                         .text = [this] { return metrics.Text(); },
                                                         .authorize = hooks.authorize}));
    return absl::OkStatus();
  }

  absl::Status OpenData() {
    if (storage == nullptr) {
      QALAM_ASSIGN_OR_RETURN(
          own_storage,
          Storage::Open(options.data_directory, {.durability = db::Durability::kPowerLoss,
                                                 .max_points_per_trial = options.max_points_per_trial}));
      storage = own_storage.get();
      QALAM_RETURN_IF_ERROR(storage->Load());
    }
    if (options.retain_observations < absl::InfiniteDuration()) {
      retention.emplace(
          db::Retention(storage->database(), {.keep = options.retain_observations,
                                              .now = [] { return absl::Now(); },
                                              .running = [this] { return RunningTrials(storage->store()); }}),
          kSweepInterval, log);
    }
    return absl::OkStatus();
  }

  // The services that work with blocking calls.
  std::vector<std::unique_ptr<grpc::Service>> BlockingServices() {
    std::vector<std::unique_ptr<grpc::Service>> blocking;
    if (Serves(ServiceKind::kEarlyStopping)) {
      blocking.push_back(suggestion::NewEarlyStoppingService(
          NewStopTrial(storage == nullptr ? nullptr : &storage->store(),
                       FindKubernetesAccess(options.service_account)),
          NewObservationCurves({.own_log = storage == nullptr ? nullptr : &storage->observations(),
                                .own_addresses = {options.address}})));
    }
    return blocking;
  }

  absl::Status MakeServices() {
    const size_t workers =
        options.workers > 0 ? options.workers : std::max(1u, std::thread::hardware_concurrency());
    if (auto blocking = BlockingServices(); !blocking.empty()) {
      QALAM_ASSIGN_OR_RETURN(forwarder, Forwarder::Start("early-stopping", std::move(blocking),
                                                         kMaxBlockingCalls, options.max_queue));
    }
    if (Serves(ServiceKind::kSuggestion)) {
      light = std::make_unique<WorkerPool>("quick", workers, options.max_queue);
      heavy = std::make_unique<WorkerPool>("model-fitting", workers, options.max_queue);
      services.push_back(
          NewUnaryService(FullNameOf(ServiceKind::kSuggestion),
                          SuggestionMethods(*light, *heavy, options.algorithms, options.checkpoints), hooks));
    }
    const auto forward = [this](std::initializer_list<const char*> names) {
      std::vector<UnaryMethod> methods;
      for (const char* name : names) {
        methods.push_back({name, [this](UnaryCall& call) { forwarder->Forward(call); }});
      }
      return methods;
    };
    if (Serves(ServiceKind::kEarlyStopping)) {
      services.push_back(NewUnaryService(
          FullNameOf(ServiceKind::kEarlyStopping),
          forward({"GetEarlyStoppingRules", "SetTrialStatus", "ValidateEarlyStoppingSettings"}), hooks));
    }
    if (Serves(ServiceKind::kDb)) {
      reports = std::make_unique<CallQueue>("reports", kMaxReportsUnderWay, options.max_queue);
      stored = std::make_unique<WorkerPool>("stored-data", kStoredDataThreads, options.max_queue);
      services.push_back(NewUnaryService(
          FullNameOf(ServiceKind::kDb),
          ObservationMethods(storage->observations(), storage->store(), *reports, *stored), hooks));
    }
    return absl::OkStatus();
  }

  void MakeHealthAndReflection() {
    std::set<std::string> healthy = {"", "grpc.health.v1.Health"};
    std::vector<std::string> listed = {"grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"};
    for (const ServiceKind kind : options.services) {
      healthy.insert(FullNameOf(kind));
      listed.push_back(FullNameOf(kind));
    }
    // What Katib's probes of its suggestion services ask for.
    if (Serves(ServiceKind::kSuggestion)) healthy.insert("manager.v1beta1.Suggestion");
    health = std::make_unique<HealthService>(std::move(healthy), open);
    reflection = std::make_unique<ReflectionService>(std::move(listed), open);
  }

  absl::Status Listen() {
    std::vector<grpc::Service*> served = {&health->service(), &reflection->service()};
    for (const auto& service : services) served.push_back(service.get());
    auto started = GrpcListener::Start(
        {.address = options.address, .max_message = options.max_message, .keepalive = options.keepalive},
        tls->credentials(), served, open);
    if (!started.ok()) {
      return absl::Status(started.status().code(),
                          fmt::format("{}; choose another one with --grpc", MessageOf(started.status())));
    }
    listener = *std::move(started);
    return absl::OkStatus();
  }

  void Drain() {
    health->Drain();
    reflection->Drain();
    listener->Stop(absl::Now() + options.grace);
  }
};

absl::StatusOr<std::unique_ptr<ServiceHost>> ServiceHost::Start(AsioEventLoop& loop, Log& log,
                                                                ServiceHostOptions options,
                                                                Storage* storage) {
  auto state = std::make_unique<State>(loop, log, std::move(options));
  state->storage = storage;
  QALAM_RETURN_IF_ERROR(Check(state->options));
  QALAM_ASSIGN_OR_RETURN(state->tls, ServerTls::Load(state->options.tls));
  if (!state->options.token_file.empty()) {
    QALAM_ASSIGN_OR_RETURN(state->tokens, BearerTokens::Load(state->options.token_file, absl::Now()));
  }
  state->MakeHooks();
  if (state->Serves(ServiceKind::kDb)) QALAM_RETURN_IF_ERROR(state->OpenData());
  QALAM_RETURN_IF_ERROR(state->MakeServices());
  state->MakeHealthAndReflection();
  state->AddReadings();
  QALAM_RETURN_IF_ERROR(state->StartMetrics());
  QALAM_RETURN_IF_ERROR(state->Listen());
  state->RefreshTlsLater();
  return std::unique_ptr<ServiceHost>(new ServiceHost(std::move(state)));
}

ServiceHost::ServiceHost(std::unique_ptr<State> state) : state_(std::move(state)) {}
ServiceHost::~ServiceHost() { Drain(); }

void ServiceHost::Drain() { state_->Drain(); }
const std::string& ServiceHost::address() const { return state_->listener->address(); }
std::string ServiceHost::metrics_address() const {
  return state_->metrics_endpoint == nullptr ? "" : state_->metrics_endpoint->address();
}

}  // namespace qalam::server
