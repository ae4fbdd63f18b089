// Compiled filter expressions of the text format.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace re2 {
class RE2;
}

namespace qalam::metrics {

/// Name, equals sign, number; used when an Experiment gives no filter.
inline constexpr std::string_view kDefaultFilter = R"(([\w|-]+)\s*=\s*([+-]?\d*(\.\d+)?([Ee][+-]?\d+)?))";

/// One expression's match on a line; views into the line.
struct FilterMatch {
  std::string_view name, value;  // groups 1 and 2, not trimmed
  size_t end = 0;                // where the match ends in the line
  bool by_default = false;       // found by kDefaultFilter
};

/// A list of RE2 expressions (UTF-8). Compiling costs some 50 us an expression, so trials share one object.
///
/// Threads: const functions may run concurrently.
class TextFilters {
 public:
  ~TextFilters();

  /// An empty list stands for kDefaultFilter. INVALID_ARGUMENT: an expression does not compile or has fewer
  /// than two groups; the message names it.
  static absl::StatusOr<std::shared_ptr<const TextFilters>> Compile(
      const std::vector<std::string>& expressions);

  /// Appends all matches of all expressions: by expression, then from left to right, not overlapping. Linear
  /// in the length of `line` for each expression and match.
  void Match(std::string_view line, std::vector<FilterMatch>& matches) const;

  /// The expressions, joined by "; ".
  std::string Text() const;

 private:
  TextFilters();
  std::vector<std::unique_ptr<re2::RE2>> expressions_;
};

}  // namespace qalam::metrics
