#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "apiserver/openapi.h"
#include "openapi_v2.pb.h"

namespace qalam::apiserver {
namespace {

namespace pb = openapi::v2;
using nlohmann::json;

std::string Get(std::string accept) {
  http::Request request;
  request.method = "GET";
  request.path = "/openapi/v2";
  request.headers.Add("Accept", std::move(accept));
  return AnswerOpenApi(request)->body;
}

pb::Document Decoded() {
  pb::Document document;
  EXPECT_TRUE(document.ParseFromString(Get("application/com.github.proto-openapi.spec.v2@v1.0+protobuf")));
  return document;
}

json AsJson() { return json::parse(Get("application/json")); }

// What a message says, as JSON again.
json SchemaJson(const pb::Schema& schema) {
  json result = json::object();
  if (!schema._ref().empty()) result["$ref"] = schema._ref();
  if (!schema.format().empty()) result["format"] = schema.format();
  if (!schema.description().empty()) result["description"] = schema.description();
  for (const pb::Any& value : schema.enum_()) result["enum"].push_back(json::parse(value.yaml()));
  if (schema.has_additional_properties()) {
    result["additionalProperties"] = SchemaJson(schema.additional_properties().schema());
  }
  if (schema.has_type()) result["type"] = schema.type().value(0);
  if (schema.has_items()) result["items"] = SchemaJson(schema.items().schema(0));
  for (const pb::NamedSchema& property : schema.properties().additional_properties()) {
    result["properties"][property.name()] = SchemaJson(property.value());
  }
  for (const pb::NamedAny& extension : schema.vendor_extension()) {
    result[extension.name()] = json::parse(extension.value().yaml());
  }
  return result;
}

json ParameterJson(const pb::Parameter& parameter) {
  if (parameter.has_body_parameter()) {
    const pb::BodyParameter& body = parameter.body_parameter();
    return {{"name", body.name()},
            {"in", body.in()},
            {"required", body.required()},
            {"schema", SchemaJson(body.schema())}};
  }
  const pb::NonBodyParameter& other = parameter.non_body_parameter();
  const auto plain = [](const auto& sub) -> json {
    return {{"name", sub.name()},
            {"in", sub.in()},
            {"description", sub.description()},
            {"type", sub.type()},
            {"uniqueItems", sub.unique_items()}};
  };
  if (other.has_query_parameter_sub_schema()) return plain(other.query_parameter_sub_schema());
  json path = plain(other.path_parameter_sub_schema());
  path["required"] = other.path_parameter_sub_schema().required();
  return path;
}

json ParametersJson(const google::protobuf::RepeatedPtrField<pb::ParametersItem>& parameters) {
  json list = json::array();
  for (const pb::ParametersItem& item : parameters) list.push_back(ParameterJson(item.parameter()));
  return list;
}

json OperationJson(const pb::Operation& operation) {
  json result = {{"description", operation.description()},
                 {"operationId", operation.operation_id()},
                 {"parameters", ParametersJson(operation.parameters())}};
  for (const std::string& tag : operation.tags()) result["tags"].push_back(tag);
  for (const std::string& type : operation.produces()) result["produces"].push_back(type);
  for (const std::string& type : operation.consumes()) result["consumes"].push_back(type);
  for (const pb::NamedResponseValue& code : operation.responses().response_code()) {
    const pb::Response& response = code.value().response();
    json& value = result["responses"][code.name()] = {{"description", response.description()}};
    if (response.has_schema()) value["schema"] = SchemaJson(response.schema().schema());
  }
  for (const pb::NamedAny& extension : operation.vendor_extension()) {
    result[extension.name()] = json::parse(extension.value().yaml());
  }
  return result;
}

TEST(OpenApiV2Protobuf, DefinitionsSayWhatTheyDoInJson) {
  const pb::Document document = Decoded();
  json definitions;
  for (const pb::NamedSchema& named : document.definitions().additional_properties()) {
    definitions[named.name()] = SchemaJson(named.value());
  }
  const json expected = AsJson()["definitions"];
  EXPECT_EQ(definitions.size(), expected.size());
  for (const auto& [name, schema] : expected.items()) EXPECT_EQ(definitions[name], schema) << name;
}

TEST(OpenApiV2Protobuf, PathsSayWhatTheyDoInJson) {
  const pb::Document document = Decoded();
  json paths;
  for (const pb::NamedPathItem& named : document.paths().path()) {
    const pb::PathItem& item = named.value();
    json& path = paths[named.name()];
    if (item.has_get()) path["get"] = OperationJson(item.get());
    if (item.has_put()) path["put"] = OperationJson(item.put());
    if (item.has_post()) path["post"] = OperationJson(item.post());
    if (item.has_delete_()) path["delete"] = OperationJson(item.delete_());
    if (item.has_patch()) path["patch"] = OperationJson(item.patch());
    if (item.parameters_size() > 0) path["parameters"] = ParametersJson(item.parameters());
  }
  const json expected = AsJson()["paths"];
  EXPECT_EQ(paths.size(), expected.size());
  for (const auto& [path, item] : expected.items()) EXPECT_EQ(paths[path], item) << path;
}

TEST(OpenApiV2Protobuf, NamesItself) {
  EXPECT_EQ(Decoded().swagger(), "2.0");
  EXPECT_EQ(Decoded().info().title(), "Qalam");
}

}  // namespace
}  // namespace qalam::apiserver
