#include "apiserver/openapi.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "apiserver/accept.h"
#include "apiserver/api_groups.h"
#include "apiserver/document.h"
#include "apiserver/openapi_paths.h"
#include "apiserver/openapi_schemas.h"
#include "apiserver/openapi_v2.h"

namespace qalam::apiserver {
namespace {

using Json = nlohmann::ordered_json;

// The name under which it is asked for has an "@" where the name of the answer has a ".".
constexpr std::string_view kProtobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
constexpr std::string_view kAskedProtobufType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

Json GroupDocument(const GroupVersion& group) {
  return {{"openapi", "3.0.0"},
          {"info", {{"title", "Qalam"}, {"version", QALAM_VERSION}}},
          {"paths", PathsOf(group)},
          {"components", {{"schemas", SchemasOf(group)}}}};
}

struct Documents {
  std::map<std::string, Document, std::less<>> v3;  // by path
  Document v2_json, v2_protobuf;
};

Documents MakeDocuments() {
  Documents documents;
  Json index = Json::object();
  Json all;
  for (const GroupVersion& group : AllGroupVersions()) {
    const Json v3 = GroupDocument(group);
    const std::string path = fmt::format("/openapi/v3/{}", group.path());
    Document document = MakeDocument("application/json", v3.dump());
    const std::string hash = document.etag.substr(1, document.etag.size() - 2);
    index[group.path()] = {{"serverRelativeURL", fmt::format("{}?hash={}", path, hash)}};
    documents.v3.emplace(path, std::move(document));
    if (all.empty()) {
      all = v3;
    } else {
      all["paths"].update(v3["paths"]);
      all["components"]["schemas"].update(v3["components"]["schemas"]);
    }
  }
  documents.v3.emplace("/openapi/v3",
                       MakeDocument("application/json", Json{{"paths", std::move(index)}}.dump()));
  const Json v2 = ToOpenApiV2(all);
  documents.v2_json = MakeDocument("application/json", v2.dump());
  documents.v2_protobuf = MakeDocument(std::string(kProtobufType), OpenApiV2Protobuf(v2));
  return documents;
}

bool WantsProtobuf(const http::Request& request) {
  for (const MediaType& type : ReadAccept(request.headers.Joined("Accept"))) {
    if (type.type == kAskedProtobufType || type.type == kProtobufType) return true;
    if (type.type == "application/json" || type.type == "*/*") return false;
  }
  return false;
}

}  // namespace

std::optional<http::Response> AnswerOpenApi(const http::Request& request) {
  if (!request.path.starts_with("/openapi/")) return std::nullopt;
  static const Documents kDocuments = MakeDocuments();
  if (request.path == "/openapi/v2") {
    return Serve(WantsProtobuf(request) ? kDocuments.v2_protobuf : kDocuments.v2_json, request);
  }
  const auto found = kDocuments.v3.find(request.path);
  if (found == kDocuments.v3.end()) return std::nullopt;
  return Serve(found->second, request);
}

}  // namespace qalam::apiserver
