#include <fmt/format.h>
#include <re2/re2.h>

#include "api/checks.h"
#include "api/did_you_mean.h"
#include "api/enum_text.h"
#include "api/job_schema.h"
#include "api/json_text.h"
#include "api/metrics_place.h"
#include "base/number_text.h"

namespace qalam::api {
namespace {

std::string Field(std::string_view below) { return fmt::format("spec.metricsCollectorSpec.{}", below); }

void CheckKind(const MetricsCollectorSpec& collector, Checks& checks) {
  if (!EnumText(collector.kind).empty()) return;
  std::vector<std::string_view> known;
  for (const auto& [kind, text] : EnumTexts<CollectorKind>::kTexts) known.push_back(text);
  checks.Invalid(Field("collector.kind"), collector.kind_text,
                 fmt::format("is no kind of collector; {}", NameHint(collector.kind_text, known)));
}

// Each trial gets a directory of this name for itself.
bool HasName(std::string_view directory) {
  const std::string_view name = directory.substr(directory.rfind('/') + 1);
  return !name.empty() && name != "." && name != "..";
}

bool NamesFiles(const MetricsSource& source, const FileSystemPath& file) {
  if (file.kind == "File" && (file.path.empty() || file.path.ends_with('/'))) return false;
  const MetricsPlace place = PlaceOf({.kind = CollectorKind::kFile, .source = source});
  return file.kind == "File" ? !place.file.empty() || HasName(place.directory)
                             : file.kind == "Directory" && HasName(place.directory);
}

void CheckFile(const MetricsSource& source, Checks& checks) {
  const FileSystemPath file = source.file_system_path.value_or(FileSystemPath());
  if (!NamesFiles(source, file)) {
    checks.Required(
        Field("source.fileSystemPath.path"),
        "collector File needs source.fileSystemPath with kind File and the path of a file (a relative one "
        "is below the trial's working directory), with * ? [...] for several files of a named directory; or "
        "with "
        "kind Directory and the path of a directory");
  }
  if (file.format != "TEXT" && file.format != "JSON") {
    checks.Required(Field("source.fileSystemPath.format"),
                    fmt::format("must be TEXT or JSON, not \"{}\"", Shortened(file.format)));
  }
  if (file.format == "JSON" && source.metrics_format) {
    checks.Invalid(Field("source.filter"), "", "must be left out when the file's format is JSON");
  }
}

void CheckEvents(const MetricsSource& source, Checks& checks) {
  const FileSystemPath file = source.file_system_path.value_or(FileSystemPath());
  const MetricsPlace place = PlaceOf({.kind = CollectorKind::kTensorFlowEvent, .source = source});
  if (file.kind != "Directory" || !HasName(place.directory)) {
    checks.Required(Field("source"),
                    "collector TensorFlowEvent needs source.fileSystemPath with kind Directory and an "
                    "absolute path (or one "
                    "relative to the trial's working directory)");
  }
  if (!file.format.empty()) {
    checks.Invalid(Field("source.fileSystemPath.format"), file.format, "must be empty for TensorFlowEvent");
  }
}

void CheckHttp(const MetricsSource& source, Checks& checks) {
  const HttpGet http = source.http_get.value_or(HttpGet());
  const std::optional<long long> port = http.port_is_number ? ParseInt(http.port) : std::nullopt;
  if (!port || *port < 1 || *port > 65535) {
    checks.Invalid(Field("source.httpGet.port"), http.port,
                   "must be a port number from 1 to 65535, without quotes");
  }
  if (!http.scheme.empty() && http.scheme != "HTTP") {
    checks.Invalid(Field("source.httpGet.scheme"), http.scheme, "must be HTTP");
  }
  if (!http.path.starts_with('/')) {
    checks.Invalid(Field("source.httpGet.path"), http.path, "must begin with \"/\"");
  }
}

void CheckCustom(const MetricsCollectorSpec& collector, const MetricsSource& source, Checks& checks) {
  const std::string field = Field("collector.customCollector");
  if (collector.custom_collector.empty()) {
    checks.Required(field, "collector Custom needs customCollector, the container that collects");
  } else if (const auto container = ParseJson(collector.custom_collector.text); !container.ok()) {
    checks.Invalid(field, "", std::string(container.status().message()));
  } else {
    for (const SchemaError& error : CheckSchema(*container->root, ContainerSchema())) {
      checks.Invalid(error.path.empty() ? field : field + "." + error.path, error.value, error.detail);
    }
  }
  if (!source.file_system_path) return;
  const FileSystemPath& file = *source.file_system_path;
  if (!file.path.starts_with('/') || (file.kind != "File" && file.kind != "Directory")) {
    checks.Invalid(Field("source.fileSystemPath"), file.path,
                   "must have kind File or Directory and an absolute path");
  }
}

void CheckFilter(const std::vector<std::string>& formats, Checks& checks) {
  RE2::Options options;
  options.set_log_errors(false);
  for (const std::string& format : formats) {
    const RE2 expression(format, options);
    if (!expression.ok()) {
      checks.Invalid(Field("source.filter.metricsFormat"), format,
                     fmt::format("is no RE2 expression: {}", expression.error()));
    } else if (expression.NumberOfCapturingGroups() < 2) {
      checks.Invalid(
          Field("source.filter.metricsFormat"), format,
          "two top subexpressions are required: the first matches the metric's name, the second its value, "
          "as in ([\\w|-]+)=([0-9.]+)");
    }
  }
}

}  // namespace

void CheckCollector(const MetricsCollectorSpec& collector, Checks& checks) {
  const MetricsSource source = collector.source.value_or(MetricsSource());
  switch (collector.kind) {
    case CollectorKind::kNone:
      return;
    case CollectorKind::kUnset:
    case CollectorKind::kInvalid:
      return CheckKind(collector, checks);
    case CollectorKind::kFile:
      CheckFile(source, checks);
      break;
    case CollectorKind::kTensorFlowEvent:
      CheckEvents(source, checks);
      break;
    case CollectorKind::kPrometheusMetric:
      CheckHttp(source, checks);
      break;
    case CollectorKind::kCustom:
      CheckCustom(collector, source, checks);
      break;
    case CollectorKind::kStdOut:
    case CollectorKind::kPush:
      break;
  }
  if (source.metrics_format) CheckFilter(*source.metrics_format, checks);
}

}  // namespace qalam::api
