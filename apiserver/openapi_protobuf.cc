// The message and field numbers are those of OpenAPIv2.proto in google/gnostic.
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "apiserver/openapi_v2.h"

namespace qalam::apiserver {
namespace {

using Json = nlohmann::ordered_json;

std::string Varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  bytes += static_cast<char>(value);
  return bytes;
}

void AppendBytes(unsigned number, std::string_view bytes, std::string& out) {
  out += Varint(number << 3 | 2);
  out += Varint(bytes.size());
  out += bytes;
}

void AppendBoolean(unsigned number, bool value, std::string& out) {
  if (value) out += Varint(number << 3) + '\1';
}

std::string Any(const Json& value) {
  std::string message;
  AppendBytes(2, value.dump(), message);  // JSON is YAML
  return message;
}

std::string Named(std::string_view name, std::string_view message) {
  std::string entry;
  AppendBytes(1, name, entry);
  AppendBytes(2, message, entry);
  return entry;
}

std::string Texts(const Json& list) {
  std::string message;
  for (const Json& text : list) AppendBytes(1, text.get<std::string>(), message);
  return message;
}

void AppendExtensions(const Json& object, unsigned number, std::string& out) {
  for (const auto& [key, value] : object.items()) {
    if (key.starts_with("x-")) AppendBytes(number, Named(key, Any(value)), out);
  }
}

void AppendText(const Json& object, const char* key, unsigned number, std::string& out) {
  if (const auto found = object.find(key); found != object.end()) {
    AppendBytes(number, found->get<std::string>(), out);
  }
}

void AppendTexts(const Json& object, const char* key, unsigned number, std::string& out) {
  if (const auto found = object.find(key); found != object.end()) {
    for (const Json& text : *found) AppendBytes(number, text.get<std::string>(), out);
  }
}

std::string Schema(const Json& schema);

std::string NamedSchemas(const Json& schemas) {
  std::string message;
  for (const auto& [name, schema] : schemas.items()) AppendBytes(1, Named(name, Schema(schema)), message);
  return message;
}

std::string Schema(const Json& schema) {
  std::string message;
  AppendText(schema, "$ref", 1, message);
  AppendText(schema, "format", 2, message);
  AppendText(schema, "description", 4, message);
  if (const auto values = schema.find("enum"); values != schema.end()) {
    for (const Json& value : *values) AppendBytes(20, Any(value), message);
  }
  if (const auto values = schema.find("additionalProperties"); values != schema.end()) {
    std::string item;
    AppendBytes(1, Schema(*values), item);
    AppendBytes(21, item, message);
  }
  if (const auto type = schema.find("type"); type != schema.end()) {
    AppendBytes(22, Texts(Json::array({*type})), message);
  }
  if (const auto items = schema.find("items"); items != schema.end()) {
    std::string item;
    AppendBytes(1, Schema(*items), item);
    AppendBytes(23, item, message);
  }
  if (const auto properties = schema.find("properties"); properties != schema.end()) {
    AppendBytes(25, NamedSchemas(*properties), message);
  }
  AppendExtensions(schema, 31, message);
  return message;
}

// A parameter that is no body, as ParametersItem.
std::string PlainParameter(const Json& parameter) {
  const bool in_path = parameter["in"] == "path";
  std::string message;
  AppendBoolean(1, parameter.value("required", false), message);
  AppendText(parameter, "in", 2, message);
  AppendText(parameter, "description", 3, message);
  AppendText(parameter, "name", 4, message);
  AppendText(parameter, "type", in_path ? 5 : 6, message);
  AppendBoolean(in_path ? 19 : 20, parameter.value("uniqueItems", false), message);
  std::string non_body, wrapped, item;
  AppendBytes(in_path ? 4 : 3, message, non_body);
  AppendBytes(2, non_body, wrapped);
  AppendBytes(1, wrapped, item);
  return item;
}

std::string BodyParameter(const Json& parameter) {
  std::string message;
  AppendText(parameter, "name", 2, message);
  AppendText(parameter, "in", 3, message);
  AppendBoolean(4, parameter.value("required", false), message);
  AppendBytes(5, Schema(parameter["schema"]), message);
  std::string wrapped, item;
  AppendBytes(1, message, wrapped);
  AppendBytes(1, wrapped, item);
  return item;
}

void AppendParameters(const Json& parameters, unsigned number, std::string& out) {
  for (const Json& parameter : parameters) {
    AppendBytes(number, parameter["in"] == "body" ? BodyParameter(parameter) : PlainParameter(parameter),
                out);
  }
}

std::string Response(const Json& response) {
  std::string message;
  AppendText(response, "description", 1, message);
  if (const auto schema = response.find("schema"); schema != response.end()) {
    std::string item;
    AppendBytes(1, Schema(*schema), item);
    AppendBytes(2, item, message);
  }
  return message;
}

std::string Operation(const Json& operation) {
  std::string message;
  AppendTexts(operation, "tags", 1, message);
  AppendText(operation, "description", 3, message);
  AppendText(operation, "operationId", 5, message);
  AppendTexts(operation, "produces", 6, message);
  AppendTexts(operation, "consumes", 7, message);
  AppendParameters(operation["parameters"], 8, message);
  std::string responses;
  for (const auto& [code, response] : operation["responses"].items()) {
    std::string value;
    AppendBytes(1, Response(response), value);
    AppendBytes(1, Named(code, value), responses);
  }
  AppendBytes(9, responses, message);
  AppendExtensions(operation, 13, message);
  return message;
}

std::string PathItem(const Json& item) {
  static constexpr std::pair<const char*, unsigned> kMethods[] = {
      {"get", 2}, {"put", 3}, {"post", 4}, {"delete", 5}, {"patch", 8}};
  std::string message;
  for (const auto& [method, number] : kMethods) {
    if (const auto found = item.find(method); found != item.end()) {
      AppendBytes(number, Operation(*found), message);
    }
  }
  if (const auto found = item.find("parameters"); found != item.end()) AppendParameters(*found, 9, message);
  return message;
}

}  // namespace

std::string OpenApiV2Protobuf(const Json& v2) {
  std::string document, info, paths;
  AppendText(v2, "swagger", 1, document);
  AppendText(v2["info"], "title", 1, info);
  AppendText(v2["info"], "version", 2, info);
  AppendBytes(2, info, document);
  for (const auto& [path, item] : v2["paths"].items()) AppendBytes(2, Named(path, PathItem(item)), paths);
  AppendBytes(8, paths, document);
  AppendBytes(9, NamedSchemas(v2["definitions"]), document);
  return document;
}

}  // namespace qalam::apiserver
