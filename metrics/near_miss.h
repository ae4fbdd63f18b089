// Why a metric was not found in an output: the line that nearly had it, and what would have found it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qalam::metrics {

struct MetricSearch {
  std::string metric;                // the wanted name
  bool json = false;                 // the output is read as JSON lines, not as text
  std::vector<std::string> filters;  // of the text format; empty: the default filter
  bool may_change_format = false;    // whether the collector can read both formats
};

/// A line that would have given a finite number under another name, filter or format. At least one of the three remedies
/// is set, and together they have been tried: a collector made with them does read `value` from `line`.
struct NearMiss {
  std::string line;   // as it was read, cut
  std::string value;  // what would have been read
  std::string why;    // what is different: "the metric is written \"Loss\""
  std::string name;   // remedy: this name for the metric; empty: the name is right
  std::string
      filter;  // remedy: this expression for metricsFormat; empty: the filters are right, or need no change
  bool no_filter = false;  // remedy: no metricsFormat at all
  std::string format;      // remedy: TEXT or JSON as the format; empty: it is right
};

/// The nearest of all near misses in `output`: the one whose name is most like the wanted one, of equal ones the one that
/// needs the least change, of those the last. Nothing where no line comes near. Invalid filters: nothing.
///
/// Cost: a dozen regular expressions a line that has a digit; give it some MB at most.
std::optional<NearMiss> FindNearMiss(const MetricSearch& search, std::string_view output);

}  // namespace qalam::metrics
