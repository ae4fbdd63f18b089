#include "server/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

namespace qalam::server {
namespace {

constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error", "off"};
constexpr std::string_view kFormats[] = {"text", "json"};

template <class Enum, size_t size>
absl::StatusOr<Enum> Parse(const std::string_view (&names)[size], std::string_view text,
                           std::string_view expected) {
  const auto* const found = std::find(std::begin(names), std::end(names), text);
  if (found != std::end(names)) return static_cast<Enum>(found - std::begin(names));
  return absl::InvalidArgumentError(fmt::format("\"{}\" should be {}", text, expected));
}

std::string Quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace);
}

bool IsPlain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7F && c != '"' && c != '=' && c != '\\';
  });
}

std::string ValueText(const LogField& field, bool json) {
  if (const auto* number = std::get_if<double>(&field.value)) return fmt::format("{:.3f}", *number);
  if (const auto* count = std::get_if<std::int64_t>(&field.value)) return fmt::format("{}", *count);
  const auto text = std::get<std::string_view>(field.value);
  return json || !IsPlain(text) ? Quoted(text) : std::string(text);
}

}  // namespace

absl::StatusOr<LogLevel> ParseLogLevel(std::string_view text) {
  return Parse<LogLevel>(kLevels, text, "debug, info, warning, error or off");
}

absl::StatusOr<LogFormat> ParseLogFormat(std::string_view text) {
  return Parse<LogFormat>(kFormats, text, "text or json");
}

void Log::Write(LogLevel level, absl::Time time, std::string_view message, std::span<const LogField> fields) {
  if (!Wants(level)) return;
  const std::string when = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
  const std::string_view name = kLevels[static_cast<size_t>(level)];
  const bool json = format_ == LogFormat::kJson;
  std::string line =
      json ? fmt::format("{{\"time\":\"{}\",\"level\":\"{}\",\"message\":{}", when, name, Quoted(message))
           : fmt::format("{} {} {}", when, name, message);
  for (const LogField& field : fields) {
    line += json ? fmt::format(",\"{}\":", field.key) : fmt::format(" {}=", field.key);
    line += ValueText(field, json);
  }
  line += json ? "}\n" : "\n";
  const std::lock_guard lock(mutex_);
  out_ << line << std::flush;
}

}  // namespace qalam::server
