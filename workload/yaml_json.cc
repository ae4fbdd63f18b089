#include "workload/yaml_json.h"

#include <yaml.h>

#include <optional>

#include "base/number_text.h"
#include "fmt/format.h"

namespace qalam::workload {
namespace {

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&event); }
  yaml_event_t event{};
};

Json PlainScalar(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const bool starts_like_number =
      std::string_view("+-.0123456789").find(text.front()) != std::string_view::npos;
  if (starts_like_number && text.find_first_not_of("0123456789+-.eE") == std::string_view::npos) {
    if (const std::optional<long long> number = ParseInt(text)) return *number;
    if (const std::optional<double> number = ParseDouble(text)) return *number;
  }
  return std::string(text);
}

class Reader {
 public:
  explicit Reader(std::string_view text) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { yaml_parser_delete(&parser_); }

  absl::StatusOr<Json> Document() {
    for (const yaml_event_type_t expected : {YAML_STREAM_START_EVENT, YAML_DOCUMENT_START_EVENT}) {
      Event next;
      QALAM_RETURN_IF_ERROR(Next(next));
      if (next.event.type == YAML_STREAM_END_EVENT) return Error(next, "the text is empty");
      if (next.event.type != expected) return Error(next, "not a document");
    }
    Event first;
    QALAM_RETURN_IF_ERROR(Next(first));
    return Value(first, 1);
  }

 private:
  absl::Status Next(Event& next) {
    if (yaml_parser_parse(&parser_, &next.event) == 1) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format("line {}: {}", parser_.problem_mark.line + 1,
                                                  parser_.problem == nullptr ? "bad YAML" : parser_.problem));
  }

  static absl::Status Error(const Event& at, std::string_view what) {
    return absl::InvalidArgumentError(fmt::format("line {}: {}", at.event.start_mark.line + 1, what));
  }

  absl::StatusOr<Json> Value(const Event& start, int depth) {
    if (depth > kMaxNesting) return Error(start, fmt::format("nested deeper than {} levels", kMaxNesting));
    switch (start.event.type) {
      case YAML_SCALAR_EVENT: {
        const auto& scalar = start.event.data.scalar;
        if (scalar.anchor != nullptr) return Error(start, "anchors are not supported in templates");
        const std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
        if (scalar.style == YAML_PLAIN_SCALAR_STYLE) return PlainScalar(text);
        return Json(std::string(text));
      }
      case YAML_SEQUENCE_START_EVENT: {
        if (start.event.data.sequence_start.anchor != nullptr) {
          return Error(start, "anchors are not supported in templates");
        }
        Json list = Json::array();
        while (true) {
          Event next;
          QALAM_RETURN_IF_ERROR(Next(next));
          if (next.event.type == YAML_SEQUENCE_END_EVENT) return list;
          QALAM_ASSIGN_OR_RETURN(Json item, Value(next, depth + 1));
          list.push_back(std::move(item));
        }
      }
      case YAML_MAPPING_START_EVENT: {
        if (start.event.data.mapping_start.anchor != nullptr) {
          return Error(start, "anchors are not supported in templates");
        }
        Json map = Json::object();
        while (true) {
          Event next;
          QALAM_RETURN_IF_ERROR(Next(next));
          if (next.event.type == YAML_MAPPING_END_EVENT) return map;
          if (next.event.type != YAML_SCALAR_EVENT) return Error(next, "a key must be plain text");
          const auto& scalar = next.event.data.scalar;
          const std::string key(reinterpret_cast<const char*>(scalar.value), scalar.length);
          if (map.contains(key)) return Error(next, fmt::format("the key '{}' comes twice", key));
          Event value_start;
          QALAM_RETURN_IF_ERROR(Next(value_start));
          QALAM_ASSIGN_OR_RETURN(map[key], Value(value_start, depth + 1));
        }
      }
      case YAML_ALIAS_EVENT:
        return Error(start, "aliases are not supported in templates");
      default:
        return Error(start, "a value is missing");
    }
  }

  yaml_parser_t parser_;
};

}  // namespace

absl::StatusOr<Json> YamlToJson(std::string_view text) { return Reader(text).Document(); }

}  // namespace qalam::workload
