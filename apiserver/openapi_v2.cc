#include "apiserver/openapi_v2.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "apiserver/openapi_schemas.h"

namespace qalam::apiserver {
namespace {

using Json = nlohmann::ordered_json;

// References are called otherwise, and a text may stand beside one.
Json SchemaV2(const Json& schema) {
  if (schema.is_array()) {
    Json list = Json::array();
    for (const Json& item : schema) list.push_back(SchemaV2(item));
    return list;
  }
  if (!schema.is_object()) return schema;
  Json v2 = Json::object();
  for (const auto& [key, value] : schema.items()) {
    if (key == "$ref") {
      v2[key] = "#/definitions/" + value.get<std::string>().substr(kSchemaPrefix.size());
    } else if (key == "allOf") {
      v2.update(SchemaV2(value.at(0)));
    } else {
      v2[key] = SchemaV2(value);
    }
  }
  return v2;
}

Json ParametersV2(const Json& v3) {
  Json parameters = Json::array();
  for (const Json& parameter : v3) {
    Json v2 = parameter;
    v2.update(parameter["schema"]);
    v2.erase("schema");
    parameters.push_back(std::move(v2));
  }
  return parameters;
}

const Json& AnySchema(const Json& content) { return content.begin().value()["schema"]; }

Json TypesOf(const Json& content) {
  Json types = Json::array();
  for (const auto& [type, unused] : content.items()) types.push_back(type);
  return types;
}

Json OperationV2(const Json& v3) {
  Json v2 = v3;
  v2["parameters"] = v3.contains("parameters") ? ParametersV2(v3["parameters"]) : Json::array();
  if (v3.contains("requestBody")) {
    const Json& body = v3["requestBody"];
    v2.erase("requestBody");
    v2["consumes"] = TypesOf(body["content"]);
    v2["parameters"].push_back({{"name", "body"},
                                {"in", "body"},
                                {"required", body.value("required", false)},
                                {"schema", SchemaV2(AnySchema(body["content"]))}});
  }
  for (const auto& [code, response] : v3["responses"].items()) {
    if (!response.contains("content")) continue;
    v2["produces"] = TypesOf(response["content"]);
    Json& answer = v2["responses"][code];
    answer.erase("content");
    answer["schema"] = SchemaV2(AnySchema(response["content"]));
  }
  return v2;
}

}  // namespace

Json ToOpenApiV2(const Json& v3) {
  Json paths = Json::object();
  for (const auto& [path, item] : v3["paths"].items()) {
    for (const auto& [method, value] : item.items()) {
      paths[path][method] = method == "parameters" ? ParametersV2(value) : OperationV2(value);
    }
  }
  return {{"swagger", "2.0"},
          {"info", v3["info"]},
          {"paths", std::move(paths)},
          {"definitions", SchemaV2(v3["components"]["schemas"])}};
}

}  // namespace qalam::apiserver
