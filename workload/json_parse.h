// JSON with bounds and without exceptions. Internal to this room: the only header that brings in
// nlohmann/json.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/status.h"

namespace qalam::workload {

using Json = nlohmann::ordered_json;  // keeps the order of the user's file

inline constexpr int kMaxNesting = 100;  // walking and writing recurse

/// One JSON value. INVALID_ARGUMENT for a syntax error (with its position) or nesting beyond kMaxNesting.
absl::StatusOr<Json> ParseJson(std::string_view text);

/// Compact text. INVALID_ARGUMENT when a string is not UTF-8.
absl::StatusOr<std::string> WriteJson(const Json& value);

/// A value with its path from the root, so that errors can name it:
/// "spec.template.spec.containers[0].command". Readers of an absent or null field give the default.
class JsonField {
 public:
  JsonField(const Json& value, std::string path) : value_(&value), path_(std::move(path)) {}

  bool present() const { return value_ != nullptr && !value_->is_null(); }
  const std::string& path() const { return path_; }
  const Json* value() const { return value_; }

  /// A member of a map; absent when there is none, or when this is no map.
  JsonField operator[](std::string_view key) const;
  JsonField At(size_t index) const;
  size_t size() const { return present() ? value_->size() : 0; }

  absl::StatusOr<std::string> Text() const;
  /// Also numbers and booleans, as text.
  absl::StatusOr<std::string> TextOrScalar() const;
  /// A whole number, or a string that is one.
  absl::StatusOr<long long> Integer(long long otherwise) const;
  absl::Status ExpectList() const;  // OK when absent
  absl::Status ExpectMap() const;

  /// INVALID_ARGUMENT "<path>: <what>, got <value>".
  absl::Status Error(std::string_view what) const;

 private:
  explicit JsonField(std::string path) : path_(std::move(path)) {}

  const Json* value_ = nullptr;
  std::string path_;
};

}  // namespace qalam::workload
