#include "apiserver/object_format.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/times.h"
#include "apiserver/accept.h"
#include "apiserver/age_text.h"
#include "apiserver/json_path.h"

namespace qalam::apiserver {
namespace {

std::string Quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string_view MetaVersion(ObjectFormat format) {
  return format.beta ? "meta.k8s.io/v1beta1" : "meta.k8s.io/v1";
}

// {"resourceVersion":"7","continue":"...","remainingItemCount":3}
std::string ListMetadataJson(const ListMetadata& metadata) {
  std::string json = fmt::format(R"({{"resourceVersion":{})", Quoted(metadata.resource_version));
  if (!metadata.continue_token.empty())
    json += fmt::format(R"(,"continue":{})", Quoted(metadata.continue_token));
  if (metadata.remaining) json += fmt::format(R"(,"remainingItemCount":{})", *metadata.remaining);
  return json + '}';
}

void AppendMetadataOnly(std::string_view object, ObjectFormat format, std::string& out) {
  static const JsonPath kMetadataPath(".metadata");
  const std::string_view metadata = kMetadataPath.Find(object);
  out += fmt::format(R"({{"kind":"PartialObjectMetadata","apiVersion":"{}","metadata":{}}})",
                     MetaVersion(format), metadata.empty() ? "{}" : metadata);
}

// Makes a table's rows: the paths of its columns are read once.
class TableWriter {
 public:
  TableWriter(const ResourceType& type, ObjectFormat format, absl::Time now)
      : type_(type), format_(format), now_(now) {
    for (const Column& column : type.columns) paths_.emplace_back(column.path);
  }

  void Begin(const ListMetadata& metadata, std::string& out) const {
    const std::string name = fmt::format(
        R"({{"name":"Name","type":"string","format":"name","description":"Unique within its namespace.","priority":{}}})",
        type_.name_is_last ? 1 : 0);
    std::string columns = type_.name_is_last ? "" : "," + name;
    for (const Column& column : type_.columns) {
      std::string description(column.description);
      if (description.empty() && column.type == "date") description = "How long ago that was.";
      if (description.empty()) description = column.path;
      columns += fmt::format(R"(,{{"name":{},"type":"{}","format":"","description":{},"priority":{}}})",
                             Quoted(column.name), column.type, Quoted(description), column.priority);
    }
    if (type_.name_is_last) columns += "," + name;
    out +=
        fmt::format(R"({{"kind":"Table","apiVersion":"{}","metadata":{},"columnDefinitions":[{}],"rows":[)",
                    MetaVersion(format_), ListMetadataJson(metadata), columns.substr(1));
  }

  void Row(const api::Resource& resource, const std::string& object, std::string& out) const {
    out += R"({"cells":[)";
    const std::string name = Quoted(type_.projection().KeyOf(resource).name);
    if (!type_.name_is_last) out += name;
    for (std::size_t i = 0; i < type_.columns.size(); ++i) {
      if (i > 0 || !type_.name_is_last) out += ',';
      AppendCell(type_.columns[i], paths_[i], resource, object, out);
    }
    if (type_.name_is_last) out += "," + name;
    out += R"(],"object":)";
    switch (format_.include) {
      case ObjectFormat::kNone:
        out += "null";
        break;
      case ObjectFormat::kMetadataOnly:
        AppendMetadataOnly(object, format_, out);
        break;
      case ObjectFormat::kWhole:
        out += object;
        break;
    }
    out += '}';
  }

  static void End(std::string& out) { out += "]}"; }

 private:
  void AppendCell(const Column& column, const JsonPath& path, const api::Resource& resource,
                  const std::string& object, std::string& out) const {
    // A function's text is quoted where text is wanted, and stands for itself as a number or boolean.
    std::string text;
    std::string_view value;
    if (column.text != nullptr) {
      text = column.text(resource);
      if (!text.empty() && (column.type == "string" || column.type == "date")) text = Quoted(text);
      value = text;
    } else {
      value = path.Find(object);
    }
    if (value.empty() || value == "null") {
      out += "null";
    } else if (column.type == "date") {
      const std::optional<absl::Time> time = api::ParseTime(value.substr(1, value.size() - 2));
      out += Quoted(time ? AgeText(now_ - *time) : "<invalid>");
    } else if (column.type == "string" && !value.starts_with('"')) {
      out += Quoted(value);
    } else {
      out += value;
    }
  }

  const ResourceType& type_;
  ObjectFormat format_;
  absl::Time now_;
  std::vector<JsonPath> paths_;
};

}  // namespace

ObjectFormat ReadObjectFormat(std::string_view accept, std::string_view include_object) {
  for (const MediaType& type : ReadAccept(accept)) {
    if (type.type != "application/json") continue;
    const std::string_view as = type.Parameter("as");
    if (as.empty()) return ObjectFormat::kObject;
    const std::string_view version = type.Parameter("v");
    if (type.Parameter("g") != "meta.k8s.io" || (version != "v1" && version != "v1beta1")) continue;
    ObjectFormat format;
    format.beta = version == "v1beta1";
    if (include_object == "None") format.include = ObjectFormat::kNone;
    if (include_object == "Object") format.include = ObjectFormat::kWhole;
    format.shape = as == "Table" ? ObjectFormat::kTable : ObjectFormat::kMetadata;
    if (as == "Table" || as == "PartialObjectMetadata" || as == "PartialObjectMetadataList") return format;
  }
  return ObjectFormat::kObject;
}

std::string FormatObject(const ResourceType& type, const api::Resource& resource, ObjectFormat format,
                         absl::Time now) {
  std::string object = type.projection().JsonOf(resource);
  if (format.shape == ObjectFormat::kObject) return object;
  std::string out;
  if (format.shape == ObjectFormat::kMetadata) {
    AppendMetadataOnly(object, format, out);
    return out;
  }
  const TableWriter table(type, format, now);
  table.Begin({.resource_version = resource.metadata.resource_version}, out);
  table.Row(resource, object, out);
  TableWriter::End(out);
  return out;
}

std::string FormatList(const ResourceType& type, std::span<const api::ResourcePtr> resources,
                       const ListMetadata& metadata, ObjectFormat format, absl::Time now) {
  std::string out;
  const TableWriter table(type, format, now);
  if (format.shape == ObjectFormat::kTable) {
    table.Begin(metadata, out);
  } else {
    const bool whole = format.shape == ObjectFormat::kObject;
    out = fmt::format(R"({{"kind":"{}List","apiVersion":"{}","metadata":{},"items":[)",
                      whole ? type.kind : "PartialObjectMetadata",
                      whole ? type.api_version() : MetaVersion(format), ListMetadataJson(metadata));
  }
  bool first = true;
  for (const api::ResourcePtr& resource : resources) {
    if (!first) out += ',';
    first = false;
    const std::string object = type.projection().JsonOf(*resource);
    switch (format.shape) {
      case ObjectFormat::kObject:
        out += object;
        break;
      case ObjectFormat::kMetadata:
        AppendMetadataOnly(object, format, out);
        break;
      case ObjectFormat::kTable:
        table.Row(*resource, object, out);
        break;
    }
  }
  out += "]}";
  return out;
}

}  // namespace qalam::apiserver
