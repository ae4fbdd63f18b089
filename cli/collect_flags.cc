#include "cli/collect_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/number_text.h"
#include "cli/katib_flags.h"
#include "cli/time_text.h"

namespace qalam::cli {
namespace {

constexpr char kFooter[] =
    "Examples:\n"
    "  qalam-collect --server head:6789 --trial t1 --objective loss -- python train.py --lr 0.1\n"
    "  qalam-collect --objective acc --type maximize --stop-rule 'acc;0.6;less;4' -- ./train.sh\n"
    "  qalam-collect --send ~/spool                        deliver later what could not be delivered\n\n"
    "The exit code is the command's, 128 + n when signal n ended it, 127 when there is no such program, 126 "
    "when it\n"
    "cannot be run; 2 for wrong options. With --send: 0 all sent, 3 nothing there, 4 still in use, 5 points "
    "are left.\n";

// What was typed, before it is understood.
struct Texts {
  std::string server, token_file, trial, objective, type,
      collector = "StdOut", path, format = "TEXT", http_path, http_host = "localhost", early_stopping,
      evaluate = "every", spool, wait = "5m", grace = "30s", send;
  std::string tls_ca, tls_cert, tls_key;
  std::vector<std::string> metrics, filters, rules;
  int port = 0, code_when_stopped = 0;
  std::int64_t spool_limit = std::int64_t{256} << 20;
  bool tls = false, insecure = false, outlive = false, version = false;
};

void AddOptions(CLI::App& app, Texts& texts) {
  const auto text = [&](const char* flag, std::string& into, const char* help) {
    return app.add_option(flag, into, help)->take_last();  // so that scripts can have defaults
  };
  const auto list = [&](const char* flag, std::vector<std::string>& into, const char* help) {
    app.add_option(flag, into, help)->allow_extra_args(false);
  };
  app.set_help_flag("-h,--help", "Help, with examples");
  app.add_flag("--version", texts.version, "Version of the program");

  app.option_defaults()->group("Where points go");
  text("--server", texts.server, "HOST:PORT of DBManager (default $QALAM_ADDR)");
  text("--trial", texts.trial, "Name of the trial (default $QALAM_TRIAL_NAME, then $KATIB_TRIAL_NAME)");
  text("--token-file", texts.token_file, "File whose first line is the bearer token (default $QALAM_TOKEN)");
  app.add_flag("--tls", texts.tls, "Connect with TLS; implied by the next three");
  text("--tls-ca", texts.tls_ca,
       "PEM file: the server's certificate must lead to these (default $QALAM_TLS_CA)");
  text("--tls-cert", texts.tls_cert, "PEM file with our own certificate");
  text("--tls-key", texts.tls_key, "PEM file with its private key");
  app.add_flag("--insecure", texts.insecure, "Send a token in clear text beyond this machine");
  text("--spool", texts.spool, "Directory for points that wait (default $TMPDIR, then /tmp)");
  app.add_option("--spool-limit", texts.spool_limit, "How much may wait there, e.g. 1GiB")
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false))
      ->default_str("256MiB");
  text("--wait", texts.wait, "How long to go on delivering after the command has ended")
      ->capture_default_str();
  text("--send", texts.send, "Deliver what a spool holds, or all spools in a directory, and run nothing");

  app.option_defaults()->group("What is collected");
  text("--objective", texts.objective, "Metric that decides");
  list("--metric", texts.metrics, "Another metric; may be repeated");
  text("--type", texts.type, "minimize or maximize; needed with --stop-rule");
  text("--collector", texts.collector, "StdOut, File, TensorFlowEvent, PrometheusMetric or None")
      ->capture_default_str();
  text("--path", texts.path, "File or directory that is read");
  text("--format", texts.format, "TEXT or JSON, of a file")->capture_default_str();
  list("--filter", texts.filters, "RE2 expression with groups for name and value; may be repeated");
  app.add_option("--port", texts.port, "Port of PrometheusMetric")->check(CLI::Range(1, 65'535));
  text("--http-path", texts.http_path, "Path of PrometheusMetric (default /metrics)");
  text("--http-host", texts.http_host, "Host of PrometheusMetric")->capture_default_str();

  app.option_defaults()->group("Early stopping");
  list("--stop-rule", texts.rules,
       "'NAME;VALUE;equal|less|greater;START_STEP'; may be repeated: all must be met");
  text("--evaluate", texts.evaluate, "every report from the start step on, or once, at it")
      ->capture_default_str();
  text("--early-stopping", texts.early_stopping, "HOST:PORT of the service that is told of a stop");
  text("--grace", texts.grace, "From TERM to KILL when a rule stops the command")->capture_default_str();
  app.add_option("--exit-code-when-stopped", texts.code_when_stopped, "Our exit code then")
      ->check(CLI::Range(0, 255))
      ->capture_default_str();

  app.option_defaults()->group("The command");
  app.add_flag("--outlive", texts.outlive, "The command goes on when qalam-collect is killed");
}

absl::Status Wrong(std::string_view option, std::string_view seen, std::string_view right) {
  return absl::InvalidArgumentError(fmt::format("{}: \"{}\"; {}", option, seen, right));
}

absl::Status CheckAddress(std::string_view option, const std::string& address) {
  const size_t colon = address.rfind(':');
  const bool good = address.starts_with("unix:") ? address.size() > 5
                                                 : colon != std::string::npos && colon > 0 &&
                                                       ParseInt(address.substr(colon + 1)).value_or(0) > 0;
  return good ? absl::OkStatus() : Wrong(option, address, "must be HOST:PORT or unix:PATH");
}

absl::StatusOr<absl::Duration> Duration(std::string_view option, const std::string& text, bool zero) {
  if (zero && (text == "0" || text == "0s")) return absl::ZeroDuration();
  auto duration = ParseDurationText(text);
  if (duration.ok()) return duration;
  return absl::InvalidArgumentError(fmt::format("{}: {}", option, MessageOf(duration.status())));
}

absl::StatusOr<std::string> FileContents(std::string_view option, const std::string& path) {
  if (path.empty()) return std::string();
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || text.str().empty())
    return Wrong(option, path, "must be a file that can be read, and not empty");
  return text.str();
}

absl::StatusOr<collect::Connection> ConnectionOf(const Texts& texts, const GetEnvironment& environment) {
  collect::Connection connection;
  connection.address = texts.server;
  if (connection.address.empty()) {
    connection.address = environment("QALAM_ADDR").value_or("");
    if (!connection.address.empty()) QALAM_RETURN_IF_ERROR(CheckAddress("QALAM_ADDR", connection.address));
  } else {
    QALAM_RETURN_IF_ERROR(CheckAddress("--server", connection.address));
  }
  if (texts.token_file.empty()) {
    connection.token = environment("QALAM_TOKEN").value_or("");
  } else {
    QALAM_ASSIGN_OR_RETURN(const std::string lines, FileContents("--token-file", texts.token_file));
    connection.token = lines.substr(0, lines.find_first_of("\r\n"));
    if (connection.token.empty()) return Wrong("--token-file", texts.token_file, "must begin with a token");
  }
  // Anything else would be refused by the connection, call by call.
  if (std::any_of(connection.token.begin(), connection.token.end(),
                  [](char c) { return c < ' ' || c > '~'; })) {
    return absl::InvalidArgumentError("the token must be of printable ASCII characters");
  }
  const std::string ca = texts.tls_ca.empty() ? environment("QALAM_TLS_CA").value_or("") : texts.tls_ca;
  if (texts.tls_cert.empty() != texts.tls_key.empty()) {
    return absl::InvalidArgumentError("--tls-cert, --tls-key: belong together, only one of them is given");
  }
  connection.tls = texts.tls || !ca.empty() || !texts.tls_cert.empty();
  QALAM_ASSIGN_OR_RETURN(connection.ca, FileContents(texts.tls_ca.empty() ? "QALAM_TLS_CA" : "--tls-ca", ca));
  QALAM_ASSIGN_OR_RETURN(connection.certificate, FileContents("--tls-cert", texts.tls_cert));
  QALAM_ASSIGN_OR_RETURN(connection.key, FileContents("--tls-key", texts.tls_key));
  for (const std::string& address : {connection.address, texts.early_stopping}) {
    if (address.empty() || connection.token.empty() || connection.tls || texts.insecure) continue;
    if (collect::IsLocal(address)) continue;
    return absl::InvalidArgumentError(
        fmt::format("the token would travel to {} in clear text; use --tls-ca, or --insecure if the network "
                    "between is yours",
                    address));
  }
  return connection;
}

absl::StatusOr<api::MetricsCollectorSpec> CollectorOf(const Texts& texts) {
  static const std::map<std::string, api::CollectorKind> kinds = {
      {"StdOut", api::CollectorKind::kStdOut},
      {"File", api::CollectorKind::kFile},
      {"TensorFlowEvent", api::CollectorKind::kTensorFlowEvent},
      {"PrometheusMetric", api::CollectorKind::kPrometheusMetric},
      {"None", api::CollectorKind::kNone},
  };
  const auto found = kinds.find(texts.collector);
  if (found == kinds.end()) {
    return Wrong("--collector", texts.collector,
                 "must be StdOut, File, TensorFlowEvent, PrometheusMetric or None");
  }
  api::MetricsCollectorSpec collector;
  collector.kind = found->second;
  collector.kind_text = texts.collector;
  api::MetricsSource& source = collector.source.emplace();
  if (!texts.filters.empty()) source.metrics_format = texts.filters;
  if (collector.kind == api::CollectorKind::kFile || collector.kind == api::CollectorKind::kTensorFlowEvent) {
    const bool is_file = collector.kind == api::CollectorKind::kFile;
    if (texts.path.empty())
      return Wrong("--path", "", is_file ? "must name the file" : "must name the directory");
    if (texts.format != "TEXT" && texts.format != "JSON")
      return Wrong("--format", texts.format, "must be TEXT or JSON");
    const std::string path = std::filesystem::absolute(texts.path).string();
    source.file_system_path = {path, is_file ? "File" : "Directory", is_file ? texts.format : ""};
  }
  if (collector.kind == api::CollectorKind::kPrometheusMetric) {
    if (texts.port == 0) return Wrong("--port", "", "must be the port of the command's metrics");
    const std::string path = texts.http_path.empty() ? "/metrics" : texts.http_path;
    if (!path.starts_with('/')) return Wrong("--http-path", path, "must begin with /");
    source.http_get.emplace();
    source.http_get->path = path;
    source.http_get->port = fmt::format("{}", texts.port);
    source.http_get->host = texts.http_host;
  }
  return collector;
}

absl::StatusOr<api::EarlyStoppingRule> RuleOf(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ';');) parts.push_back(part);
  static const std::map<std::string, api::Comparison> comparisons = {{"equal", api::Comparison::kEqual},
                                                                     {"less", api::Comparison::kLess},
                                                                     {"greater", api::Comparison::kGreater}};
  const auto comparison = parts.size() < 3 ? comparisons.end() : comparisons.find(parts[2]);
  const std::optional<long long> step = parts.size() == 4 ? ParseInt(parts[3]) : std::optional<long long>(0);
  if (parts.size() < 3 || parts.size() > 4 || comparison == comparisons.end() || !step || *step < 0 ||
      *step > 1'000'000'000) {
    return Wrong("--stop-rule", text, "must be like 'loss;0.5;greater;4', with equal, less or greater");
  }
  return api::EarlyStoppingRule{parts[0], parts[1], comparison->second, static_cast<std::int32_t>(*step)};
}

absl::StatusOr<api::ObjectiveSpec> ObjectiveOf(const Texts& texts, bool collects) {
  api::ObjectiveSpec objective;
  if (texts.type == "minimize") {
    objective.type = api::ObjectiveType::kMinimize;
  } else if (texts.type == "maximize") {
    objective.type = api::ObjectiveType::kMaximize;
  } else if (!texts.type.empty() || !texts.rules.empty()) {
    return Wrong("--type", texts.type, "must be minimize or maximize");
  }
  if (collects && texts.objective.empty())
    return Wrong("--objective", "", "must name the metric that decides");
  objective.objective_metric_name = texts.objective;
  objective.additional_metric_names = texts.metrics;
  return objective;
}

absl::StatusOr<collect::WrapperOptions> WrapperOf(const Texts& texts, const GetEnvironment& environment,
                                                  std::vector<std::string> command) {
  collect::WrapperOptions options;
  options.command = std::move(command);
  if (options.command.empty()) {
    return absl::InvalidArgumentError(
        "there is no command; put it after --, as in: qalam-collect --objective "
        "loss -- python train.py");
  }
  QALAM_ASSIGN_OR_RETURN(options.server, ConnectionOf(texts, environment));
  if (options.server.address.empty()) {
    return Wrong("--server", "", "must be HOST:PORT of DBManager; or set QALAM_ADDR");
  }
  options.trial =
      !texts.trial.empty()
          ? texts.trial
          : environment("QALAM_TRIAL_NAME").value_or(environment("KATIB_TRIAL_NAME").value_or(""));
  if (options.trial.empty() && options.server.token.empty()) {
    return Wrong("--trial", "", "must name the trial; or set QALAM_TRIAL_NAME");
  }
  QALAM_ASSIGN_OR_RETURN(options.collector, CollectorOf(texts));
  const bool collects = options.collector.kind != api::CollectorKind::kNone;
  QALAM_ASSIGN_OR_RETURN(options.objective, ObjectiveOf(texts, collects));
  for (const std::string& text : texts.rules) {
    if (!collects) return Wrong("--stop-rule", text, "has no meaning with --collector None");
    QALAM_ASSIGN_OR_RETURN(options.rules.emplace_back(), RuleOf(text));
  }
  options.early_stopping = texts.early_stopping;
  if (!options.early_stopping.empty()) {
    QALAM_RETURN_IF_ERROR(CheckAddress("--early-stopping", options.early_stopping));
  }
  if (texts.evaluate != "every" && texts.evaluate != "once") {
    return Wrong("--evaluate", texts.evaluate, "must be every or once");
  }
  options.evaluation = texts.evaluate == "once" ? api::RuleEvaluation::kOnce : api::RuleEvaluation::kEvery;
  const std::string spool = texts.spool.empty() ? environment("TMPDIR").value_or("/tmp") : texts.spool;
  options.spool_parent = std::filesystem::absolute(spool).string();
  options.spool_limit = texts.spool_limit;
  QALAM_ASSIGN_OR_RETURN(options.wait, Duration("--wait", texts.wait, /*zero=*/true));
  QALAM_ASSIGN_OR_RETURN(options.grace, Duration("--grace", texts.grace, /*zero=*/true));
  options.outlive = texts.outlive;
  options.exit_code_when_stopped = texts.code_when_stopped;
  return options;
}

}  // namespace

absl::StatusOr<CollectRequest> ParseCollectArguments(const std::vector<std::string>& arguments,
                                                     const GetEnvironment& environment) {
  // The command's words are none of CLI11's business.
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  std::vector<std::string> words = TranslateKatibFlags({arguments.begin(), dashes});
  std::vector<std::string> command(dashes == arguments.end() ? dashes : dashes + 1, arguments.end());

  Texts texts;
  CLI::App app("Runs a command, reads the metrics it reports, and sends them to DBManager.", "qalam-collect");
  app.footer(kFooter);
  AddOptions(app, texts);
  CollectRequest request;
  try {
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    request.text = app.help();
    const std::string_view usage = "[OPTIONS]";  // this CLI11 knows no other
    request.text.replace(request.text.find(usage), usage.size(), "[OPTIONS] -- COMMAND [ARGS...]");
    return request;
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(error.what());
  }
  if (texts.version) {
    request.text = "qalam-collect " QALAM_VERSION "\n";
  } else if (!texts.send.empty()) {
    if (!command.empty()) return Wrong("--send", texts.send, "runs no command; remove what follows --");
    collect::SendOptions& send = request.send.emplace();
    send.directory = texts.send;
    QALAM_ASSIGN_OR_RETURN(send.server, ConnectionOf(texts, environment));
    QALAM_ASSIGN_OR_RETURN(send.wait, Duration("--wait", texts.wait, /*zero=*/true));
  } else {
    QALAM_ASSIGN_OR_RETURN(request.wrap, WrapperOf(texts, environment, std::move(command)));
  }
  return request;
}

}  // namespace qalam::cli
