// Structured lines about what the server does.
#pragma once

#include <mutex>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "absl/time/time.h"
#include "base/status.h"

namespace qalam::server {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };
enum class LogFormat { kText, kJson };

/// debug, info, warning, error, off; text, json. INVALID_ARGUMENT for others.
absl::StatusOr<LogLevel> ParseLogLevel(std::string_view text);
absl::StatusOr<LogFormat> ParseLogFormat(std::string_view text);

struct LogField {
  std::string_view key;
  std::variant<std::string_view, double, std::int64_t> value;
};

/// One line for each event, written at once. Texts may be anything: what would break the line is escaped.
///
///     text  2026-01-02T03:04:05.678Z info call method=GetSuggestions experiment=tune ms=3.2
///     json  {"time":"2026-01-02T03:04:05.678Z","level":"info","message":"call","method":"GetSuggestions",...}
///
/// Threads: any.
class Log {
 public:
  /// `out` outlives the log.
  Log(std::ostream& out, LogFormat format, LogLevel level) : out_(out), format_(format), level_(level) {}

  bool Wants(LogLevel level) const { return level >= level_ && level_ != LogLevel::kOff; }
  void Write(LogLevel level, absl::Time time, std::string_view message,
             std::span<const LogField> fields = {});

 private:
  std::ostream& out_;
  const LogFormat format_;
  const LogLevel level_;
  std::mutex mutex_;
};

}  // namespace qalam::server
