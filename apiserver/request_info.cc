#include "apiserver/request_info.h"

#include <algorithm>
#include <vector>

#include "apiserver/selection.h"

namespace qalam::apiserver {
namespace {

std::vector<std::string> Segments(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  std::vector<std::string> segments;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return segments;
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

std::string ResourceVerb(const http::Request& request, const RequestInfo& info) {
  const std::string& method = request.method;
  if (method == "POST") return "create";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return info.name.empty() ? "deletecollection" : "delete";
  if (method != "GET" && method != "HEAD") return Lower(method);
  if (!info.name.empty()) return "get";
  return request.query.Flag("watch") ? "watch" : "list";
}

// The one object that a list or a watch is about.
std::string SelectedName(const http::Request& request) {
  const std::optional<std::string_view> text = request.query.Find("fieldSelector");
  if (!text) return {};
  const absl::StatusOr<FieldSelector> selector = FieldSelector::Parse(*text);
  return selector.ok() ? std::string(selector->name().value_or("")) : std::string();
}

}  // namespace

RequestInfo ReadRequestInfo(const http::Request& request) {
  RequestInfo other{.verb = Lower(request.method), .path = request.path};
  std::vector<std::string> parts = Segments(request.path);
  if (std::find(parts.begin(), parts.end(), "") != parts.end()) return other;
  const bool core = parts.size() > 2 && parts[0] == "api";
  if (!core && !(parts.size() > 3 && parts[0] == "apis")) return other;

  RequestInfo info{.is_resource = true, .path = request.path};
  if (!core) info.group = parts[1];
  info.version = parts[core ? 1 : 2];
  parts.erase(parts.begin(), parts.begin() + (core ? 2 : 3));

  // namespaces/NS/RESOURCE/..., but namespaces/NS/status is about the namespace.
  if (parts[0] == "namespaces" && parts.size() > 1) {
    info.namespace_name = parts[1];
    const bool inside =
        parts.size() > 2 && !(core && parts.size() == 3 && (parts[2] == "status" || parts[2] == "finalize"));
    if (inside) parts.erase(parts.begin(), parts.begin() + 2);
  }
  if (parts.size() > 3) return other;
  parts.resize(3);
  info.resource = parts[0];
  info.name = parts[1];
  info.subresource = parts[2];
  info.verb = ResourceVerb(request, info);
  if (info.verb == "list" || info.verb == "watch") info.name = SelectedName(request);
  return info;
}

}  // namespace qalam::apiserver
