#include "cli/serve_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <thread>

#include "absl/time/clock.h"
#include "base/asio_event_loop.h"
#include "cli/exit_code.h"
#include "cli/lookup.h"
#include "cli/time_text.h"
#include "server/log.h"
#include "server/service_host.h"

namespace qalam::cli {
namespace {

absl::StatusOr<absl::Duration> Duration(const char* flag, const std::string& text) {
  auto duration = ParseDurationText(text);
  if (duration.ok()) return duration;
  return absl::InvalidArgumentError(fmt::format("{}: {}", flag, MessageOf(duration.status())));
}

absl::StatusOr<server::ServiceHostOptions> ToHostOptions(const ServeOptions& options) {
  QALAM_ASSIGN_OR_RETURN(auto services, server::ParseServices(options.services));
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
      .data_directory = options.data_directory,
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

// Runs the loop until the server has been told to end and has done so.
void ServeUntilSignal(AsioEventLoop& loop, boost::asio::signal_set& signals, server::ServiceHost& host,
                      server::Log& log) {
  std::thread drain;
  signals.async_wait([&](const boost::system::error_code&, int signal) {
    log.Write(server::LogLevel::kInfo, absl::Now(), "draining",
              std::vector<server::LogField>{{"signal", std::int64_t{signal}}});
    // All that was acknowledged is on disk: nothing is lost by leaving without ceremony.
    signals.async_wait([](const boost::system::error_code& error, int second) {
      if (!error) _exit(128 + second);
    });
    drain = std::thread([&] {
      host.Drain();
      loop.Stop();
    });
  });
  loop.Run();
  drain.join();
}

}  // namespace

int RunServe(const ServeOptions& options, Streams& streams) {
  auto log = MakeLog(options, streams.err);
  if (!log.ok()) return ReportError(log.status(), streams);
  auto host_options = ToHostOptions(options);
  if (!host_options.ok()) return ReportError(host_options.status(), streams);
  std::vector<std::string> names;
  for (const server::ServiceKind kind : host_options->services) names.emplace_back(NameOf(kind));

  AsioEventLoop loop;
  boost::asio::signal_set signals(loop.context(), SIGINT, SIGTERM);
  auto host = server::ServiceHost::Start(loop, **log, *std::move(host_options));
  if (!host.ok()) return ReportError(host.status(), streams);
  const std::string services = fmt::format("{}", fmt::join(names, ", "));
  const std::string metrics_address = (*host)->metrics_address();
  streams.out << fmt::format(
                     "serving {} on {}{}\n", services, (*host)->address(),
                     metrics_address.empty() ? "" : ", metrics on http://" + metrics_address + "/metrics")
              << std::flush;
  ServeUntilSignal(loop, signals, **host, **log);
  return ToInt(ExitCode::kOk);
}

}  // namespace qalam::cli
