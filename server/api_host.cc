#include "server/api_host.h"

#include <fmt/format.h>

#include <atomic>

#include "absl/time/clock.h"
#include "apiserver/api_server.h"
#include "http/server.h"
#include "server/api_tls.h"
#include "server/cors.h"
#include "server/namespaces.h"
#include "server/training_runtimes.h"
#include "server/trial_logs.h"

namespace qalam::server {
namespace {

// Of looks at TLS files, and at the length of outputs.
constexpr absl::Duration kInterval = absl::Seconds(1);

}  // namespace

// Members are destroyed from the last to the first.
struct ApiHost::State {
  State(AsioEventLoop& event_loop, Log& log_of_calls, ApiHostOptions given)
      : loop(event_loop), log(log_of_calls), options(std::move(given)) {}
  ~State() { loop.Cancel(timer); }

  absl::Status Start(api::ResourceStore& store) {
    options.access.address = options.address;
    options.access.data_directory = options.data_directory;
    QALAM_ASSIGN_OR_RETURN(access, ApiAccess::Load(options.access, log));
    QALAM_ASSIGN_OR_RETURN(tls, ApiTls::Load({.address = options.address,
                                              .data_directory = options.data_directory,
                                              .files = options.tls,
                                              .hosts = options.access.hosts},
                                             absl::Now()));
    QALAM_RETURN_IF_ERROR(EnsureNamespaces(store));
    QALAM_RETURN_IF_ERROR(EnsureTrainingRuntimes(store));
    QALAM_ASSIGN_OR_RETURN(logs, TrialLogs::Start(store, options.data_directory));
    api = std::make_unique<apiserver::ApiServer>(
        apiserver::ApiServer::Dependencies{.store = store,
                                           .access = *access,
                                           .logs = *logs,
                                           .now = [] { return absl::Now(); },
                                           .ready = [this] { return ready.load(); },
                                           .algorithms = options.algorithms,
                                           .early_stopping_algorithms = options.early_stopping_algorithms});
    auto started = http::Server::Start(
        {.address = options.address, .tls = tls->current()},
        WithCors(options.access.origins, [api = api.get()](std::shared_ptr<http::Exchange> exchange) {
          api->Handle(std::move(exchange));
        }));
    if (!started.ok()) {
      return absl::Status(started.status().code(), fmt::format("{}; choose another one with --http, or none",
                                                               MessageOf(started.status())));
    }
    server = *std::move(started);
    ready = true;
    Tick();
    return tls->NoteAddress(server->address());
  }

  void Tick() {
    timer = loop.PostAfter(kInterval, [this] {
      logs->Sample(absl::Now());
      RefreshTls();
      Tick();
    });
  }

  void RefreshTls() {
    const absl::StatusOr<bool> refreshed = tls->Refresh(absl::Now());
    absl::Status status = refreshed.status();
    if (refreshed.ok() && *refreshed) status = server->SetTls(tls->current());
    if (!status.ok()) {
      log.Write(LogLevel::kError, absl::Now(), "the API's TLS files have changed and cannot be used",
                std::vector<LogField>{{"error", MessageOf(status)}});
    } else if (*refreshed) {
      log.Write(LogLevel::kInfo, absl::Now(), "the API's TLS files have changed");
    }
  }

  AsioEventLoop& loop;
  Log& log;
  ApiHostOptions options;
  std::atomic<bool> ready = false;
  EventLoop::TimerId timer = 0;
  std::unique_ptr<ApiAccess> access;
  std::unique_ptr<ApiTls> tls;
  std::unique_ptr<TrialLogs> logs;
  std::unique_ptr<apiserver::ApiServer> api;
  std::unique_ptr<http::Server> server;
};

absl::StatusOr<std::unique_ptr<ApiHost>> ApiHost::Start(AsioEventLoop& loop, Log& log,
                                                        api::ResourceStore& store, ApiHostOptions options) {
  auto state = std::make_unique<State>(loop, log, std::move(options));
  QALAM_RETURN_IF_ERROR(state->Start(store));
  return std::unique_ptr<ApiHost>(new ApiHost(std::move(state)));
}

ApiHost::ApiHost(std::unique_ptr<State> state) : state_(std::move(state)) {}
ApiHost::~ApiHost() { Drain(); }

void ApiHost::Drain() {
  state_->ready = false;
  state_->server->Drain(absl::ToChronoMilliseconds(state_->options.grace));
}

void ApiHost::ReopenAuditLog() { state_->access->ReopenAuditLog(); }
const std::string& ApiHost::address() const { return state_->server->address(); }

}  // namespace qalam::server
