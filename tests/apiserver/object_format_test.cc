#include "apiserver/object_format.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "api/suggestion.h"

namespace qalam::apiserver {
namespace {

using nlohmann::json;

// As kubectl sends it.
constexpr const char* kTableAccept =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/"
    "json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

const absl::Time kCreated = absl::FromUnixSeconds(1'780'000'000);

std::shared_ptr<api::Suggestion> MakeSuggestion(std::string name) {
  auto suggestion = std::make_shared<api::Suggestion>();
  suggestion->metadata.name = std::move(name);
  suggestion->metadata.namespace_name = "default";
  suggestion->metadata.resource_version = "41";
  suggestion->metadata.creation_timestamp = kCreated;
  suggestion->metadata.labels = {{"team", "a \"b\""}};
  suggestion->spec.requests = 3;
  suggestion->status.conditions = {{.type = "Created", .status = "True"},
                                   {.type = "Running", .status = "False"}};
  return suggestion;
}

const ResourceType& Suggestions() { return *FindResourceType("kubeflow.org", "v1beta1", "suggestions"); }

json Object(const api::Resource& resource, ObjectFormat format) {
  return json::parse(FormatObject(Suggestions(), resource, format, kCreated + absl::Seconds(190)));
}

TEST(ReadObjectFormat, TakesTheFirstFormThatThereIs) {
  EXPECT_EQ(ReadObjectFormat(kTableAccept), ObjectFormat::kTable);
  EXPECT_EQ(ReadObjectFormat("application/json"), ObjectFormat::kObject);
  EXPECT_EQ(ReadObjectFormat(""), ObjectFormat::kObject);
  EXPECT_EQ(ReadObjectFormat("*/*"), ObjectFormat::kObject);
  EXPECT_EQ(ReadObjectFormat("application/json, application/json;as=Table;v=v1;g=meta.k8s.io"),
            ObjectFormat::kObject);
  EXPECT_EQ(
      ReadObjectFormat("application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,"
                       "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"),
      ObjectFormat::kMetadata);
  EXPECT_EQ(ReadObjectFormat("application/json;as=Table;v=v9;g=meta.k8s.io"), ObjectFormat::kObject);
  EXPECT_EQ(ReadObjectFormat("application/json;as=Table;v=v1;g=example.org"), ObjectFormat::kObject);
}

TEST(ReadObjectFormat, KnowsTheOlderVersionAndWhatRowsCarry) {
  const ObjectFormat beta = ReadObjectFormat("application/json;as=Table;g=meta.k8s.io;v=v1beta1", "Object");
  EXPECT_EQ(beta.shape, ObjectFormat::kTable);
  EXPECT_TRUE(beta.beta);
  EXPECT_EQ(beta.include, ObjectFormat::kWhole);
  EXPECT_EQ(ReadObjectFormat(kTableAccept, "None").include, ObjectFormat::kNone);
  EXPECT_EQ(ReadObjectFormat(kTableAccept, "nonsense").include, ObjectFormat::kMetadataOnly);
}

TEST(FormatObject, IsTheObjectItself) {
  const json object = Object(*MakeSuggestion("s"), ObjectFormat::kObject);
  EXPECT_EQ(object["kind"], "Suggestion");
  EXPECT_EQ(object["spec"]["requests"], 3);
}

TEST(FormatObject, IsARowOfKatibsColumns) {
  const json table = Object(*MakeSuggestion("s"), ObjectFormat::kTable);
  EXPECT_EQ(table["kind"], "Table");
  EXPECT_EQ(table["apiVersion"], "meta.k8s.io/v1");
  EXPECT_EQ(table["metadata"]["resourceVersion"], "41");
  std::vector<std::string> names;
  for (const json& column : table["columnDefinitions"]) {
    names.push_back(column["name"]);
    EXPECT_TRUE(column["type"].is_string() && column["format"].is_string() && column["priority"].is_number());
  }
  EXPECT_THAT(names, testing::ElementsAre("Name", "Type", "Status", "Requested", "Assigned", "Age"));
  // The last condition; a number as text; nothing where there is nothing.
  EXPECT_EQ(table["rows"][0]["cells"], json::array({"s", "Running", "False", "3", nullptr, "3m10s"}));
  const json object = table["rows"][0]["object"];
  EXPECT_EQ(object["kind"], "PartialObjectMetadata");
  EXPECT_EQ(object["metadata"]["labels"]["team"], "a \"b\"");
  EXPECT_FALSE(object.contains("spec"));
}

TEST(FormatObject, LeavesCellsOfAnEmptyObjectEmpty) {
  const json table = Object(api::Suggestion(), ObjectFormat::kTable);
  EXPECT_EQ(table["rows"][0]["cells"], json::array({"", nullptr, nullptr, nullptr, nullptr, nullptr}));
}

TEST(FormatObject, RowsCarryWhatIsAskedFor) {
  ObjectFormat format = ObjectFormat::kTable;
  format.include = ObjectFormat::kNone;
  EXPECT_EQ(Object(*MakeSuggestion("s"), format)["rows"][0]["object"], nullptr);
  format.include = ObjectFormat::kWhole;
  EXPECT_EQ(Object(*MakeSuggestion("s"), format)["rows"][0]["object"]["spec"]["requests"], 3);
}

TEST(FormatObject, IsItsMetadata) {
  ObjectFormat format = ObjectFormat::kMetadata;
  format.beta = true;
  const json object = Object(*MakeSuggestion("s"), format);
  EXPECT_EQ(object["apiVersion"], "meta.k8s.io/v1beta1");
  EXPECT_EQ(object["metadata"]["name"], "s");
  EXPECT_EQ(object.size(), 3);
}

TEST(FormatList, HasMetadataAndItemsInEveryShape) {
  const std::vector<api::ResourcePtr> items = {MakeSuggestion("a"), MakeSuggestion("b")};
  const ListMetadata metadata{.resource_version = "77", .continue_token = "next", .remaining = 5};
  const auto format = [&](ObjectFormat shape) {
    return json::parse(FormatList(Suggestions(), items, metadata, shape, kCreated));
  };
  const json expected = {{"resourceVersion", "77"}, {"continue", "next"}, {"remainingItemCount", 5}};

  const json list = format(ObjectFormat::kObject);
  EXPECT_EQ(list["kind"], "SuggestionList");
  EXPECT_EQ(list["apiVersion"], "kubeflow.org/v1beta1");
  EXPECT_EQ(list["metadata"], expected);
  EXPECT_EQ(list["items"][1]["metadata"]["name"], "b");

  const json partial = format(ObjectFormat::kMetadata);
  EXPECT_EQ(partial["kind"], "PartialObjectMetadataList");
  EXPECT_EQ(partial["metadata"], expected);
  EXPECT_EQ(partial["items"][1]["kind"], "PartialObjectMetadata");

  const json table = format(ObjectFormat::kTable);
  EXPECT_EQ(table["metadata"], expected);
  EXPECT_EQ(table["rows"].size(), 2);
  EXPECT_EQ(table["rows"][1]["cells"][0], "b");
}

TEST(FormatList, OfNothingIsEmpty) {
  for (const ObjectFormat::Shape shape :
       {ObjectFormat::kObject, ObjectFormat::kMetadata, ObjectFormat::kTable}) {
    const json list = json::parse(FormatList(Suggestions(), {}, {.resource_version = "1"}, shape, kCreated));
    EXPECT_EQ(list[shape == ObjectFormat::kTable ? "rows" : "items"], json::array());
    EXPECT_EQ(list["metadata"], json({{"resourceVersion", "1"}}));
  }
}

// Columns must not be what breaks a table: whatever the type, rows have as many cells as there are columns.
TEST(FormatList, EveryTypeHasOneCellPerColumn) {
  for (const ResourceType& type : AllResourceTypes()) {
    const std::string text = FormatList(type, {}, {.resource_version = "1"}, ObjectFormat::kTable, kCreated);
    EXPECT_EQ(json::parse(text)["columnDefinitions"].size(), type.columns.size() + 1) << type.plural;
  }
}

}  // namespace
}  // namespace qalam::apiserver
