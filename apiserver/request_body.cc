#include "apiserver/request_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "api/codec.h"
#include "apiserver/failure.h"
#include "apiserver/kubernetes_protobuf.h"

namespace qalam::apiserver {
namespace {

constexpr int kMaxDepth = 100;  // as for manifests; what walks documents may then be recursive

}  // namespace

bool IsDeeperThan(std::string_view json, int levels) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > levels) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

absl::StatusOr<nlohmann::json> ReadJsonObject(std::string_view text) {
  const auto unreadable = [](std::string_view why) {
    return Failure(400, "BadRequest",
                   fmt::format("couldn't read the request's body as a JSON object: {}", why));
  };
  if (text.empty()) return unreadable("it is empty");
  if (IsDeeperThan(text, kMaxDepth))
    return unreadable(fmt::format("nested deeper than {} levels", kMaxDepth));
  try {
    nlohmann::json document = nlohmann::json::parse(text.begin(), text.end());
    if (!document.is_object()) return unreadable(fmt::format("it is a JSON {}", document.type_name()));
    return document;
  } catch (const nlohmann::json::exception& error) {
    return unreadable(error.what());
  }
}

absl::StatusOr<nlohmann::json> ReadYamlObject(std::string_view text) {
  const absl::StatusOr<std::string> json = api::YamlToJson(text);
  if (json.ok()) return ReadJsonObject(*json);
  return Failure(400, "BadRequest",
                 fmt::format("couldn't read the request's body as YAML: {}", MessageOf(json.status())));
}

absl::StatusOr<nlohmann::json> ReadBodyObject(const http::Request& request) {
  const std::string type = MediaType(request.headers.Find("Content-Type").value_or(""));
  if (type.empty() || type == "application/json") return ReadJsonObject(request.body);
  if (type == kProtobufContentType) return ReadKubernetesProtobuf(request.body);
  if (type == "application/yaml") return ReadYamlObject(request.body);
  return Failure(
      415, "UnsupportedMediaType",
      fmt::format("the body of the request was in an unknown format, {}; accepted media types include: "
                  "application/json, application/yaml, {}",
                  type, kProtobufContentType));
}

std::string MediaType(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  absl::AsciiStrToLower(&type);
  return type;
}

}  // namespace qalam::apiserver
