#include "api/metrics_place.h"

#include "base/number_text.h"

namespace qalam::api {
namespace {

std::string WithoutSlashes(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

MetricsPlace PlaceOfFiles(const FileSystemPath& source) {
  if (source.kind == "Directory") return {.directory = WithoutSlashes(source.path)};
  const size_t wildcard = source.path.find_first_of("*?[");
  if (wildcard == std::string::npos) return {.file = source.path};
  const size_t slash = source.path.substr(0, wildcard).rfind('/');
  if (slash == std::string::npos) return {.pattern = source.path};
  return {.directory = WithoutSlashes(source.path.substr(0, slash + 1)),
          .pattern = source.path.substr(slash + 1)};
}

}  // namespace

MetricsPlace PlaceOf(const MetricsCollectorSpec& collector) {
  if (!collector.source) return {};
  const MetricsSource& source = *collector.source;
  switch (collector.kind) {
    case CollectorKind::kFile:
    case CollectorKind::kTensorFlowEvent:
    case CollectorKind::kCustom:
      return source.file_system_path ? PlaceOfFiles(*source.file_system_path) : MetricsPlace();
    case CollectorKind::kPrometheusMetric:
      if (!source.http_get || !IsLoopback(source.http_get->host)) return {};
      return {.port = static_cast<std::int32_t>(ParseInt(source.http_get->port).value_or(0))};
    default:
      return {};
  }
}

bool IsLoopback(std::string_view host) {
  return host.empty() || host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace qalam::api
