#include "metrics/source_choice.h"

#include <fmt/format.h>

#include <utility>

#include "api/metrics_place.h"
#include "base/number_text.h"
#include "metrics/event_format.h"
#include "metrics/file_set_source.h"
#include "metrics/file_source.h"
#include "metrics/json_collector.h"
#include "metrics/line_format.h"
#include "metrics/scrape_source.h"
#include "metrics/text_collector.h"

namespace qalam::metrics {
namespace {

// More filters than any set of experiments that run side by side has; a bound for long-lived servers.
constexpr size_t kMaxKeptFilters = 64;

api::FileSystemPath PathOf(const CollectionRequest& request) {
  return request.collector.source ? request.collector.source->file_system_path.value_or(api::FileSystemPath())
                                  : api::FileSystemPath();
}

absl::StatusOr<std::string> DirectoryOf(const CollectionRequest& request) {
  std::string directory = request.metrics_directory;
  while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
  if (directory.starts_with('/')) return directory;
  return absl::InvalidArgumentError(
      fmt::format("metrics_directory: \"{}\"; the collector needs the absolute path of the files' directory",
                  request.metrics_directory));
}

PointSourceFactory FollowSet(AsioEventLoop& loop, std::shared_ptr<FileWatcher> watcher, FileSet set,
                             std::unique_ptr<PointFormat> format) {
  return [&loop, watcher = std::move(watcher), set = std::move(set),
          format = std::move(format)](PointReceiver& receiver) mutable {
    return std::make_unique<FileSetSource>(loop, std::move(watcher), std::move(set), std::move(format),
                                           receiver);
  };
}

PointSourceFactory FollowFile(AsioEventLoop& loop, std::shared_ptr<FileWatcher> watcher, FollowedFile file,
                              std::unique_ptr<PointFormat> format) {
  return [&loop, watcher = std::move(watcher), file = std::move(file),
          format = std::move(format)](PointReceiver& receiver) mutable {
    return std::make_unique<FileSource>(loop, std::move(watcher), std::move(file), std::move(format),
                                        receiver);
  };
}

}  // namespace

SourceChoice::SourceChoice(AsioEventLoop& loop, const FileWatcherOptions& watch,
                           absl::Duration scrape_interval)
    : loop_(loop), watcher_(std::make_shared<FileWatcher>(loop, watch)), scrape_interval_(scrape_interval) {}

absl::StatusOr<PointSourceFactory> SourceChoice::For(const CollectionRequest& request) {
  switch (request.collector.kind) {
    case api::CollectorKind::kPush:
    case api::CollectorKind::kNone:
      return PointSourceFactory();
    case api::CollectorKind::kUnset:
    case api::CollectorKind::kStdOut:
      return StdOut(request);
    case api::CollectorKind::kFile:
      return File(request);
    case api::CollectorKind::kTensorFlowEvent:
      return Events(request);
    case api::CollectorKind::kPrometheusMetric:
      return Scrapes(request);
    case api::CollectorKind::kCustom:
      return Custom(request);
    case api::CollectorKind::kInvalid:
      break;
  }
  return absl::InvalidArgumentError(fmt::format(
      "metricsCollectorSpec.collector.kind: \"{}\"; must be StdOut, File, TensorFlowEvent, PrometheusMetric, "
      "Push, Custom or None",
      request.collector.kind_text));
}

absl::StatusOr<PointSourceFactory> SourceChoice::StdOut(const CollectionRequest& request) {
  if (request.log_file.empty()) {
    return absl::InvalidArgumentError("log_file: empty; the StdOut collector needs the log's path");
  }
  if (request.log_offset < 0) {
    return absl::InvalidArgumentError(
        fmt::format("log_offset: {}; must not be negative", request.log_offset));
  }
  QALAM_ASSIGN_OR_RETURN(std::unique_ptr<PointFormat> format, TextFormat(request));
  return FollowFile(loop_, watcher_, {request.log_file, request.log_offset, request.watch_at_once},
                    std::move(format));
}

absl::StatusOr<PointSourceFactory> SourceChoice::Custom(const CollectionRequest& request) {
  if (request.collector_log_file.empty()) {
    return absl::InvalidArgumentError(
        "collector_log_file: empty; what the Custom collector prints is read from there");
  }
  QALAM_ASSIGN_OR_RETURN(std::unique_ptr<PointFormat> format, TextFormat(request));
  return FollowFile(loop_, watcher_,
                    {request.collector_log_file, request.collector_log_offset, request.watch_at_once},
                    std::move(format));
}

absl::StatusOr<PointSourceFactory> SourceChoice::File(const CollectionRequest& request) {
  const api::FileSystemPath path = PathOf(request);
  if (!path.kind.empty() && path.kind != "File" && path.kind != "Directory") {
    return absl::InvalidArgumentError(
        fmt::format("source.fileSystemPath.kind: \"{}\"; must be File or Directory", path.kind));
  }
  std::unique_ptr<PointFormat> format;
  if (path.format == "JSON") {
    format = std::make_unique<LineFormat>(std::make_unique<JsonCollector>(WantedMetrics(request.objective)));
  } else if (path.format.empty() || path.format == "TEXT") {
    QALAM_ASSIGN_OR_RETURN(format, TextFormat(request));
  } else {
    return absl::InvalidArgumentError(
        fmt::format("source.fileSystemPath.format: \"{}\"; must be TEXT or JSON", path.format));
  }
  const api::MetricsPlace place = api::PlaceOf(request.collector);
  if (place.directory.empty()) {
    if (!request.metrics_file.empty()) {
      return FollowFile(loop_, watcher_, {request.metrics_file, 0, request.watch_at_once}, std::move(format));
    }
    return absl::InvalidArgumentError("metrics_file: empty; the File collector needs the file's path");
  }
  QALAM_ASSIGN_OR_RETURN(std::string directory, DirectoryOf(request));
  return FollowSet(
      loop_, watcher_,
      {.directory = std::move(directory),
       .what = place.pattern.empty() ? "file" : fmt::format("file that matches {}", place.pattern),
       .wanted = MatchPattern(place.pattern),
       .prompt = request.watch_at_once},
      std::move(format));
}

absl::StatusOr<PointSourceFactory> SourceChoice::Events(const CollectionRequest& request) {
  QALAM_ASSIGN_OR_RETURN(std::string directory, DirectoryOf(request));
  return FollowSet(loop_, watcher_,
                   {.directory = std::move(directory),
                    .what = "event file (named *tfevents*)",
                    .wanted =
                        [](std::string_view path) {
                          return path.substr(path.rfind('/') + 1).find("tfevents") != std::string_view::npos;
                        },
                    .prompt = request.watch_at_once},
                   std::make_unique<EventFormat>(WantedMetrics(request.objective)));
}

absl::StatusOr<PointSourceFactory> SourceChoice::Scrapes(const CollectionRequest& request) {
  const api::HttpGet http =
      request.collector.source ? request.collector.source->http_get.value_or(api::HttpGet()) : api::HttpGet();
  if (!http.scheme.empty() && http.scheme != "HTTP") {
    return absl::InvalidArgumentError(
        fmt::format("source.httpGet.scheme: \"{}\"; must be HTTP", http.scheme));
  }
  HttpPageRequest page{.host = http.host.empty() ? "127.0.0.1" : http.host,
                       .port = request.metrics_port,
                       .target = http.path.empty() ? "/metrics" : http.path};
  if (!api::IsLoopback(http.host)) page.port = static_cast<int>(ParseInt(http.port).value_or(0));
  if (page.port < 1 || page.port > 65535) {
    return absl::InvalidArgumentError(
        fmt::format("metrics_port: {}; must be the port where the program listens", page.port));
  }
  page.headers.emplace_back("Accept", "text/plain;version=0.0.4,*/*;q=0.1");
  for (const api::HttpHeader& header : http.http_headers)
    page.headers.emplace_back(header.name, header.value);
  QALAM_ASSIGN_OR_RETURN(ScrapedMetrics metrics, ScrapedMetrics::Create(WantedMetrics(request.objective)));
  const ScrapeOptions options{.interval = scrape_interval_, .ask_at_end = !api::IsLoopback(http.host)};
  return [&loop = loop_, page = std::move(page), options,
          metrics = std::move(metrics)](PointReceiver& receiver) mutable {
    return std::make_unique<ScrapeSource>(loop, std::move(page), options, std::move(metrics), receiver);
  };
}

absl::StatusOr<std::unique_ptr<PointFormat>> SourceChoice::TextFormat(const CollectionRequest& request) {
  std::vector<std::string> expressions;
  if (request.collector.source) expressions = request.collector.source->metrics_format.value_or(expressions);
  auto found = filters_.find(expressions);
  if (found == filters_.end()) {
    QALAM_ASSIGN_OR_RETURN(std::shared_ptr<const TextFilters> compiled, TextFilters::Compile(expressions));
    if (filters_.size() >= kMaxKeptFilters) filters_.clear();
    found = filters_.emplace(std::move(expressions), std::move(compiled)).first;
  }
  return std::make_unique<LineFormat>(
      std::make_unique<TextCollector>(WantedMetrics(request.objective), found->second));
}

}  // namespace qalam::metrics
