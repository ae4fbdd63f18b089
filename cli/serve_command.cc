#include "cli/serve_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <filesystem>
#include <optional>
#include <thread>

#include "absl/time/clock.h"
#include "base/asio_event_loop.h"
#include "cli/command_line_text.h"
#include "cli/exit_code.h"
#include "cli/lookup.h"
#include "cli/run_command.h"
#include "cli/running_session.h"
#include "cli/time_text.h"
#include "server/api_host.h"
#include "server/log.h"
#include "server/service_host.h"

namespace qalam::cli {
namespace {

constexpr char kApi[] = "api";

bool ServesApi(const ServeOptions& options) {
  return options.http != "none" &&
         std::find(options.services.begin(), options.services.end(), kApi) != options.services.end();
}

// As it has to be typed for other commands to find the data directory; nothing for the default one.
std::string DataDirectoryFlag(const std::string& directory) {
  std::error_code ignored;
  if (directory == (std::filesystem::current_path(ignored) / ".qalam").string()) return "";
  return fmt::format("--data-dir {} ", ShellQuote(directory));
}

absl::StatusOr<absl::Duration> Duration(const char* flag, const std::string& text) {
  auto duration = ParseDurationText(text);
  if (duration.ok()) return duration;
  return absl::InvalidArgumentError(fmt::format("{}: {}", flag, MessageOf(duration.status())));
}

absl::StatusOr<server::ServiceHostOptions> ToHostOptions(const ServeOptions& options) {
  std::vector<std::string> names = options.services;
  std::erase(names, kApi);
  std::set<server::ServiceKind> services;
  if (!names.empty() || options.services.empty()) {
    QALAM_ASSIGN_OR_RETURN(services, server::ParseServices(names));
  }
  QALAM_ASSIGN_OR_RETURN(const absl::Duration grace, Duration("--grace", options.grace));
  QALAM_ASSIGN_OR_RETURN(const absl::Duration keepalive, Duration("--keepalive", options.keepalive));
  absl::Duration retain = absl::InfiniteDuration();
  if (!options.retain_observations.empty()) {
    QALAM_ASSIGN_OR_RETURN(retain, Duration("--retain-observations", options.retain_observations));
  }
  if (options.max_points_per_trial < 0) {
    return absl::InvalidArgumentError(
        fmt::format("--max-points-per-trial: {} should not be negative", options.max_points_per_trial));
  }
  return server::ServiceHostOptions{
      .address = options.address,
      .services = std::move(services),
      .algorithms = {options.algorithms.begin(), options.algorithms.end()},
      .checkpoints = options.checkpoints,
      .data_directory = options.runtime.data_directory,
      .retain_observations = retain,
      .max_points_per_trial = options.max_points_per_trial,
      .workers = options.workers,
      .max_queue = options.max_queue,
      .max_message = options.max_message,
      .grace = grace,
      .keepalive = keepalive,
      .tls = options.tls,
      .token_file = options.token_file,
      .insecure = options.insecure,
      .metrics_address = options.metrics_address,
      .service_account = options.service_account,
  };
}

absl::StatusOr<std::unique_ptr<server::Log>> MakeLog(const ServeOptions& options, std::ostream& out) {
  QALAM_ASSIGN_OR_RETURN(const server::LogFormat format, server::ParseLogFormat(options.log_format));
  QALAM_ASSIGN_OR_RETURN(const server::LogLevel level, server::ParseLogLevel(options.log_level));
  return std::make_unique<server::Log>(out, format, level);
}

// What is served, in order of life: members are destroyed from the last to the first.
class Serving {
 public:
  Serving(const ServeOptions& options, server::Log& log) : options_(options), log_(log) {}

  absl::Status Start() {
    QALAM_ASSIGN_OR_RETURN(server::ServiceHostOptions host_options, ToHostOptions(options_));
    QALAM_RETURN_IF_ERROR(Check(host_options));
    const bool api = ServesApi(options_);
    if (!api && host_options.services.empty()) {
      return absl::InvalidArgumentError("--services: with --http none there is nothing to serve");
    }
    // First: it forks.
    if (api) QALAM_RETURN_IF_ERROR(StartRuntime(host_options));
    if (!api) own_loop_.emplace();
    signals_.emplace(loop().context(), SIGINT, SIGTERM);
    const absl::Duration grace = host_options.grace;
    services_ = host_options.services;
    if (!services_.empty()) {
      QALAM_ASSIGN_OR_RETURN(host_, server::ServiceHost::Start(loop(), log_, std::move(host_options),
                                                               api ? &runtime_->storage() : nullptr));
    }
    return api ? StartApi(grace) : absl::OkStatus();
  }

  void Announce(std::ostream& out) const {
    if (host_ != nullptr) {
      std::vector<std::string> names;
      for (const server::ServiceKind kind : services_) names.emplace_back(NameOf(kind));
      const std::string metrics = host_->metrics_address();
      out << fmt::format("serving {} on {}{}\n", fmt::join(names, ", "), host_->address(),
                         metrics.empty() ? "" : ", metrics on http://" + metrics + "/metrics");
    }
    if (api_ != nullptr) {
      out << fmt::format("serving the Kubernetes API on https://{}; for kubectl and the SDKs:\n",
                         api_->address());
      out << fmt::format(
          "  qalam {}kubeconfig > qalam.kubeconfig && export KUBECONFIG=$PWD/qalam.kubeconfig\n",
          DataDirectoryFlag(options_.runtime.data_directory));
    }
    out << std::flush;
  }

  // Returns when everything has been told to end and has done so.
  void RunUntilSignal() {
    std::thread drain;
    signals_->async_wait([&](const boost::system::error_code&, int signal) {
      log_.Write(server::LogLevel::kInfo, absl::Now(), "draining",
                 std::vector<server::LogField>{{"signal", std::int64_t{signal}}});
      // All that was acknowledged is on disk: nothing is lost by leaving without ceremony.
      signals_->async_wait([](const boost::system::error_code& error, int second) {
        if (!error) _exit(128 + second);
      });
      if (runtime_ != nullptr) runtime_->controller().Interrupt();
      drain = std::thread([this] {
        // At the same time: there is one grace period, and neither is to take calls while the other drains.
        std::thread api([this] {
          if (api_ != nullptr) api_->Drain();
        });
        if (host_ != nullptr) host_->Drain();
        api.join();
        loop().Post([this] {
          drained_ = true;
          StopWhenIdle();
        });
      });
    });
    loop().Run();
    drain.join();
  }

 private:
  AsioEventLoop& loop() { return runtime_ == nullptr ? *own_loop_ : runtime_->loop(); }

  absl::Status StartRuntime(const server::ServiceHostOptions& host) {
    server::RuntimeOptions options = options_.runtime;
    options.grace = host.grace;
    options.storage = {.durability = db::Durability::kPowerLoss,
                       .max_points_per_trial = host.max_points_per_trial};
    options.notice = [this](const std::string& text) {
      log_.Write(server::LogLevel::kInfo, absl::Now(), text);
    };
    QALAM_ASSIGN_OR_RETURN(runtime_, server::Runtime::Create(std::move(options)));
    session_.emplace(options_.runtime.data_directory, std::nullopt);
    return absl::OkStatus();
  }

  absl::Status StartApi(absl::Duration grace) {
    QALAM_ASSIGN_OR_RETURN(
        api_,
        server::ApiHost::Start(loop(), log_, runtime_->store(),
                               {.address = options_.http,
                                .data_directory = options_.runtime.data_directory,
                                .access = options_.access,
                                .tls = options_.http_tls,
                                .grace = grace,
                                .algorithms = KnownAlgorithms(options_.runtime.services),
                                .early_stopping_algorithms = KnownEarlyStoppers(options_.runtime.services)}));
    if (!options_.access.audit_log.empty()) ReopenAuditLogOnHangup();
    // Posted, so that what the controller is doing right now is finished first.
    runtime_->controller().SetEngineHandler([this] { loop().Post([this] { StopWhenIdle(); }); });
    return runtime_->controller().Start();
  }

  // Only where there is one: otherwise the server ends with its terminal, as programs do.
  void ReopenAuditLogOnHangup() {
    if (!hangup_) hangup_.emplace(loop().context(), SIGHUP);
    hangup_->async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      api_->ReopenAuditLog();
      ReopenAuditLogOnHangup();
    });
  }

  void StopWhenIdle() {
    if (drained_ && (runtime_ == nullptr || runtime_->controller().Idle())) loop().Stop();
  }

  const ServeOptions& options_;
  server::Log& log_;
  bool drained_ = false;
  std::set<server::ServiceKind> services_;
  std::optional<AsioEventLoop> own_loop_;
  std::unique_ptr<server::Runtime> runtime_;
  std::optional<SessionFile> session_;
  std::optional<boost::asio::signal_set> signals_, hangup_;
  std::unique_ptr<server::ServiceHost> host_;
  std::unique_ptr<server::ApiHost> api_;
};

}  // namespace

int RunServe(const ServeOptions& options, Streams& streams) {
  auto log = MakeLog(options, streams.err);
  if (!log.ok()) return ReportError(log.status(), streams);
  Serving serving(options, **log);
  if (const absl::Status status = serving.Start(); !status.ok()) return ReportError(status, streams);
  serving.Announce(streams.out);
  serving.RunUntilSignal();
  return ToInt(ExitCode::kOk);
}

}  // namespace qalam::cli
