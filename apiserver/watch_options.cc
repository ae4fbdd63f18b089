#include "apiserver/watch_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "apiserver/failure.h"
#include "base/number_text.h"

namespace qalam::apiserver {
namespace {

constexpr absl::Duration kLongestTimeout = absl::Hours(24 * 365);  // what a clock can be moved by

absl::Status Forbidden(std::string field, std::string_view why) {
  const std::string message = fmt::format("Forbidden: {}", why);
  return Failure(
      422, "Invalid", fmt::format("ListOptions.meta.k8s.io \"\" is invalid: {}: {}", field, message),
      {.group = "meta.k8s.io", .kind = "ListOptions", .causes = {{"FieldValueForbidden", message, field}}});
}

}  // namespace

absl::StatusOr<WatchOptions> ReadWatchOptions(const http::Query& query) {
  WatchOptions options;
  options.resource_version = query.Find("resourceVersion").value_or("");
  options.bookmarks = query.Flag("allowWatchBookmarks");
  options.send_initial_events = query.Flag("sendInitialEvents");
  const std::string_view match = query.Find("resourceVersionMatch").value_or("");
  const bool asks_initial = query.Find("sendInitialEvents").has_value();
  if (asks_initial && match != "NotOlderThan") {
    return Forbidden("resourceVersionMatch",
                     "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  }
  if (!asks_initial && !match.empty()) {
    return Forbidden("resourceVersionMatch",
                     "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
  }
  if (options.send_initial_events && !options.bookmarks)
    return Forbidden("sendInitialEvents", "sendInitialEvents requires allowWatchBookmarks to be true");
  if (const std::string_view text = query.Find("timeoutSeconds").value_or(""); !text.empty()) {
    const std::optional<long long> seconds = ParseInt(text);
    if (!seconds || *seconds < 0) {
      return Failure(
          400, "BadRequest",
          fmt::format("timeoutSeconds: Invalid value: \"{}\": must be a whole number from 0 on", text));
    }
    if (*seconds > 0) options.timeout = std::min(absl::Seconds(*seconds), kLongestTimeout);
  }
  return options;
}

}  // namespace qalam::apiserver
