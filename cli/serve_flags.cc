#include "cli/serve_flags.h"

#include <CLI/CLI.hpp>

namespace qalam::cli {

namespace {

void AddAccessFlags(CLI::App& command, ServeOptions& options) {
  const auto text = [&](const char* flag, std::string& into, const char* help) {
    command.add_option(flag, into, help)->capture_default_str();
  };
  const auto list = [&](const char* flag, std::vector<std::string>& into, const char* help) {
    command.add_option(flag, into, help)->delimiter(',');
  };
  server::ApiAccessOptions& access = options.access;
  command.add_flag("--no-auth", access.no_auth, "Ask clients of --http for no token; on 127.0.0.1 only");
  text("--http-token-file", access.token_file,
       "File of users' tokens: TOKEN,USER,UID,\"GROUP,GROUP\" a line");
  text("--http-policy", access.policy_file, "YAML file of who may do what (default: every user everything)");
  list("--http-host", access.hosts, "Other names and addresses that clients of --http call this machine by");
  list("--http-origin", access.origins,
       "Sites whose pages may call from a browser, e.g. https://lab.example");
  text("--http-audit-log", access.audit_log, "File that gets a line for each request");
  command
      .add_option("--http-audit-log-size", access.audit_log_size,
                  "Size after which it becomes FILE.1 and a new one begins, e.g. 100MiB")
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false))
      ->default_str("100MiB");
  text("--http-tls-cert", options.http_tls.certificate,
       "PEM file with a certificate for --http (default: made)");
  text("--http-tls-key", options.http_tls.key, "PEM file with its private key");
  text("--http-client-ca", options.http_tls.client_ca,
       "PEM file: clients with a certificate of these CAs are its user (CN) of its groups (O)");
}

}  // namespace

void AddServeFlags(CLI::App& command, ServeOptions& options) {
  const auto text = [&](const char* flag, std::string& into, const char* help) {
    command.add_option(flag, into, help)->capture_default_str();
  };
  const auto list = [&](const char* flag, std::vector<std::string>& into, const char* help) {
    command.add_option(flag, into, help)->delimiter(',')->capture_default_str();
  };
  text("--grpc", options.address, "HOST:PORT to listen on, or unix:PATH; port 0: any free one");
  text("--http", options.http, "HOST:PORT of the Kubernetes-style API; port 0: any free one; none: no API");
  list("--services", options.services, "Which of suggestion, early-stopping, db and api");
  list("--algorithms", options.algorithms, "Which algorithms suggestion offers (default all)");
  text("--checkpoints", options.checkpoints,
       "Directory for the folders of pbt's trials, EXPERIMENT/TRIAL, where a volume is mounted for them");
  command.add_option("--retain-observations", options.retain_observations,
                     "Forget a trial's metrics this long after its last report, e.g. 30d (default never)");
  command.add_option("--max-points-per-trial", options.max_points_per_trial,
                     "Refuse reports beyond so many points of a trial (default no limit)");
  command.add_option("--workers", options.workers, "Threads that compute suggestions (default one a core)")
      ->check(CLI::Range(1, 1'024));
  command.add_option("--max-queue", options.max_queue, "Calls that may wait; more are refused at once")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  command.add_option("--max-message", options.max_message, "Largest request, e.g. 64MiB")
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false))
      ->default_str("64MiB");
  text("--grace", options.grace, "Time for the calls under way and for running trials after SIGTERM");
  text("--keepalive", options.keepalive, "Time between pings on a silent connection");
  text("--tls-cert", options.tls.certificate, "PEM file with the server's certificate");
  text("--tls-key", options.tls.key, "PEM file with its private key");
  text("--tls-client-ca", options.tls.client_ca, "PEM file: clients must have a certificate of these CAs");
  text("--token-file", options.token_file, "File of bearer tokens, one a line: callers must send one");
  command.add_flag("--insecure", options.insecure, "Listen beyond this machine although anybody may call");
  AddAccessFlags(command, options);
  text("--metrics", options.metrics_address, "HOST:PORT of GET /metrics for Prometheus");
  text("--service-account", options.service_account,
       "In a pod: the directory with token, ca.crt and namespace, to mark trials as stopped");
  text("--log-format", options.log_format, "text or json");
  text("--log-level", options.log_level, "debug, info, warning, error or off");
}

}  // namespace qalam::cli
