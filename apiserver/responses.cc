#include "apiserver/responses.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace qalam::apiserver {
namespace {

constexpr std::size_t kMaxWarnings = 50, kMaxWarning = 256;  // clients refuse long headers

// As a quoted string of HTTP.
std::string WarningHeader(std::string_view text) {
  std::string quoted;
  for (const char c : text.substr(0, kMaxWarning)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return fmt::format("299 - \"{}\"", quoted);
}

}  // namespace

http::Response JsonResponse(int code, std::string json, const std::vector<std::string>& warnings) {
  http::Response response{
      .status = code, .headers = {{"Content-Type", "application/json"}}, .body = std::move(json)};
  for (std::size_t i = 0; i < std::min(warnings.size(), kMaxWarnings); ++i)
    response.headers.Add("Warning", WarningHeader(warnings[i]));
  return response;
}

http::Response PageNotFound() {
  return {.status = 404,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = "404 page not found\n"};
}

std::string DeletedJson(const ResourceType& type, const api::ObjectMeta& metadata) {
  nlohmann::ordered_json json = {{"kind", "Status"},
                                 {"apiVersion", "v1"},
                                 {"metadata", nlohmann::ordered_json::object()},
                                 {"status", "Success"}};
  nlohmann::ordered_json& details = json["details"];
  details["name"] = metadata.name;
  if (!type.group.empty()) details["group"] = type.group;
  details["kind"] = type.plural;
  details["uid"] = metadata.uid;
  return json.dump();
}

}  // namespace qalam::apiserver
