// The visitor that writes JSON straight into a string. Internal to this room.
#pragma once

#include <charconv>
#include <cmath>
#include <string>

#include "api/enum_text.h"
#include "api/fields.h"
#include "api/json_text.h"
#include "api/times.h"
#include "base/number_text.h"

namespace qalam::api {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  template <class T>
  void operator()(std::string_view name, const T& value) {
    if (IsAbsent(value)) return;
    Always(name, value);
  }

  template <class T>
  void Always(std::string_view name, const T& value) {
    Key(name);
    Write(value);
  }

  template <class T>
  void Required(std::string_view name, const std::optional<T>& value) {
    if (value.has_value()) (*this)(name, *value);
  }

  template <class T>
  void OmitDefault(std::string_view name, const T& value) {
    static const T kDefault{};
    if (value == kDefault) return;
    Always(name, value);
  }

  template <class F>
  void Group(std::string_view name, bool present, F fields) {
    if (!present) return;
    Key(name);
    Object(fields);
  }

  void Count(std::string_view name, std::size_t count) { (*this)(name, static_cast<std::int64_t>(count)); }
  void Ignored(std::string_view) {}

  void Rest(const JsonText& object) {
    if (object.text.size() <= 2) return;  // "", "{}"
    if (!first_) out_ += ',';
    first_ = false;
    out_.append(object.text, 1, object.text.size() - 2);
  }

  void Port(std::string_view name, const std::string& port, bool is_number) {
    const std::optional<long long> number = is_number ? ParseInt(port) : std::nullopt;
    number ? Always(name, static_cast<std::int64_t>(*number)) : (*this)(name, port);
  }

  void KindText(std::string_view name, CollectorKind kind, const std::string& text) {
    kind == CollectorKind::kInvalid ? Always(name, text) : (*this)(name, kind);
  }

  template <class F>
  void Object(F fields) {
    out_ += '{';
    first_ = true;
    fields(*this);
    out_ += '}';
    first_ = false;
  }

 private:
  static bool IsAbsent(const std::string& value) { return value.empty(); }
  static bool IsAbsent(const JsonText& value) { return value.empty(); }
  static bool IsAbsent(const StringMap& value) { return value.empty(); }
  static bool IsAbsent(std::int32_t value) { return value == 0; }
  static bool IsAbsent(std::int64_t value) { return value == 0; }
  static bool IsAbsent(bool value) { return !value; }
  static bool IsAbsent(const absl::Time& value) {
    return value == absl::InfinitePast() || value == absl::InfiniteFuture();
  }
  static bool IsAbsent(double value) { return !std::isfinite(value); }  // JSON has no such numbers
  template <WireEnum E>
  static bool IsAbsent(E value) {
    return EnumText(value).empty();
  }
  template <class T>
  static bool IsAbsent(const std::vector<T>& value) {
    return value.empty();
  }
  template <class T>
  static bool IsAbsent(const std::optional<T>& value) {
    if constexpr (std::same_as<T, double> || std::same_as<T, absl::Time>) return !value || IsAbsent(*value);
    return !value.has_value();
  }
  template <class T>
  requires std::is_class_v<T>
  static bool IsAbsent(const T&) { return false; }

  void Key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }

  void Write(const std::string& value) { AppendJsonString(value, out_); }
  void Write(const JsonText& value) { out_ += value.text; }
  void Write(bool value) { out_ += value ? "true" : "false"; }
  void Write(double value) { out_ += NumberText(value); }
  void Write(const absl::Time& value) {
    out_ += '"';
    AppendTime(value, out_);
    out_ += '"';
  }
  template <std::integral I>
  void Write(I value) {
    char digits[24];
    out_.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
  }
  template <WireEnum E>
  void Write(E value) {
    AppendJsonString(EnumText(value), out_);
  }
  void Write(const StringMap& map) {
    out_ += '{';
    bool first = true;
    for (const auto& [key, value] : map) {
      if (!first) out_ += ',';
      first = false;
      AppendJsonString(key, out_);
      out_ += ':';
      AppendJsonString(value, out_);
    }
    out_ += '}';
  }
  template <class T>
  void Write(const std::vector<T>& list) {
    out_ += '[';
    bool first = true;
    for (const T& value : list) {
      if (!first) out_ += ',';
      first = false;
      Write(value);
    }
    out_ += ']';
  }
  template <class T>
  void Write(const std::optional<T>& value) {
    Write(*value);
  }
  template <class T>
  void Write(const Shared<T>& value) {
    out_ += value.Text([&](std::string& text) { JsonWriter(text).Write(*value); });
  }
  template <class T>
  requires std::is_class_v<T>
  void Write(const T& value) {
    Object([&](auto& v) { Fields(v, value); });
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace qalam::api
