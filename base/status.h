// Errors are values: absl::Status and absl::StatusOr. Exceptions do not cross a room.
#pragma once

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace qalam {

/// The message as the standard library's view (Abseil has a view type of its own here).
inline std::string_view MessageOf(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

}  // namespace qalam

// Leaves the calling function with the status of `expr` unless it is OK.
#define QALAM_RETURN_IF_ERROR(expr)                                                  \
  do {                                                                               \
    if (absl::Status qalam_status = (expr); !qalam_status.ok()) return qalam_status; \
  } while (false)

#define QALAM_CONCAT_INNER(a, b) a##b
#define QALAM_CONCAT(a, b) QALAM_CONCAT_INNER(a, b)

// Declares or assigns `lhs` from the StatusOr `expr`, or leaves the calling function with its status.
#define QALAM_ASSIGN_OR_RETURN(lhs, expr) \
  QALAM_ASSIGN_OR_RETURN_INNER(QALAM_CONCAT(qalam_or_, __LINE__), lhs, expr)
#define QALAM_ASSIGN_OR_RETURN_INNER(temp, lhs, expr) \
  auto temp = (expr);                                 \
  if (!temp.ok()) return std::move(temp).status();    \
  lhs = *std::move(temp)
