#include "workload/json_parse.h"

#include <algorithm>
#include <optional>

#include "base/number_text.h"
#include "fmt/format.h"

namespace qalam::workload {
namespace {

// The parser itself does not recurse, so counting brackets outside strings before it is enough.
int Nesting(std::string_view text) {
  int depth = 0, deepest = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest;
}

std::string Shortened(std::string text) {
  constexpr size_t kMaxShown = 120;
  if (text.size() > kMaxShown) text = text.substr(0, kMaxShown) + "...";
  return text;
}

}  // namespace

absl::StatusOr<Json> ParseJson(std::string_view text) {
  if (Nesting(text) > kMaxNesting) {
    return absl::InvalidArgumentError(fmt::format("JSON is nested deeper than {} levels", kMaxNesting));
  }
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::exception& error) {
    return absl::InvalidArgumentError(error.what());
  }
}

absl::StatusOr<std::string> WriteJson(const Json& value) {
  try {
    return value.dump();
  } catch (const Json::exception& error) {
    return absl::InvalidArgumentError(error.what());
  }
}

JsonField JsonField::operator[](std::string_view key) const {
  std::string path = path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
  if (value_ == nullptr || !value_->is_object()) return JsonField(std::move(path));
  const auto found = value_->find(key);
  return found == value_->end() ? JsonField(std::move(path)) : JsonField(*found, std::move(path));
}

JsonField JsonField::At(size_t index) const {
  std::string path = fmt::format("{}[{}]", path_, index);
  if (value_ == nullptr || !value_->is_array() || index >= value_->size()) return JsonField(std::move(path));
  return JsonField((*value_)[index], std::move(path));
}

absl::StatusOr<std::string> JsonField::Text() const {
  if (!present()) return std::string();
  if (!value_->is_string()) return Error("must be text");
  return value_->get<std::string>();
}

absl::StatusOr<std::string> JsonField::TextOrScalar() const {
  if (!present()) return std::string();
  if (value_->is_string()) return value_->get<std::string>();
  if (value_->is_number_float()) return NumberText(value_->get<double>());
  if (value_->is_number() || value_->is_boolean()) return value_->dump();
  return Error("must be text, a number, or true or false");
}

absl::StatusOr<long long> JsonField::Integer(long long otherwise) const {
  if (!present()) return otherwise;
  if (value_->is_number_integer() &&
      !(value_->is_number_unsigned() && value_->get<std::uint64_t>() > INT64_MAX)) {
    return value_->get<long long>();
  }
  if (value_->is_string()) {
    if (const std::optional<long long> number = ParseInt(value_->get_ref<const std::string&>()))
      return *number;
  }
  return Error("must be a whole number");
}

absl::Status JsonField::ExpectList() const {
  return !present() || value_->is_array() ? absl::OkStatus() : Error("must be a list");
}

absl::Status JsonField::ExpectMap() const {
  return !present() || value_->is_object() ? absl::OkStatus() : Error("must be a map");
}

absl::Status JsonField::Error(std::string_view what) const {
  const std::string shown =
      value_ == nullptr ? "nothing"
                        : Shortened(value_->dump(-1, ' ', false, nlohmann::detail::error_handler_t::replace));
  return absl::InvalidArgumentError(
      fmt::format("{}: {}, got {}", path_.empty() ? "the object" : path_, what, shown));
}

}  // namespace qalam::workload
