// The end of an output, for messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace qalam::metrics {

/// Remembers the last 32 KiB or a little more of a stream. Costs a copy of that much per Append at most.
class OutputTail {
 public:
  void Append(std::string_view bytes);

  /// The last 50 lines at most that are not blank, each cut to 500 bytes, as valid UTF-8. A line that begins
  /// before what is remembered is left out unless it is the only one.
  std::vector<std::string> Lines() const;

 private:
  std::string text_;
  bool begins_inside_line_ = false;
};

/// Lines() of a file from an offset on; nothing of a file that cannot be read.
std::vector<std::string> LastLines(const std::string& file, std::int64_t offset);

}  // namespace qalam::metrics
