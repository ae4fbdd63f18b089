// Several outputs read as one.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace qalam::collect {

/// Passes on the bytes of several streams so that a line of one never breaks into a line of another: of each stream only
/// whole lines, however late their ends come. A line longer than kMaxHeldBytes is passed on in pieces.
class LineMerger {
 public:
  static constexpr size_t kMaxHeldBytes = size_t{1} << 20;

  LineMerger(size_t streams, std::function<void(std::string_view)> sink)
      : unfinished_(streams), sink_(std::move(sink)) {}

  void Feed(size_t stream, std::string_view bytes) {
    std::string& kept = unfinished_[stream];
    const size_t end = bytes.find_last_of("\r\n");
    if (end == std::string_view::npos && kept.size() + bytes.size() <= kMaxHeldBytes) {
      kept += bytes;
      return;
    }
    const size_t whole = end == std::string_view::npos ? bytes.size() : end + 1;
    if (!kept.empty()) sink_(kept);
    sink_(bytes.substr(0, whole));
    kept = bytes.substr(whole);
  }

  /// The stream has ended; what it left unfinished is a line.
  void End(size_t stream) {
    std::string& kept = unfinished_[stream];
    if (kept.empty()) return;
    kept += '\n';
    sink_(kept);
    kept.clear();
  }

 private:
  std::vector<std::string> unfinished_;
  const std::function<void(std::string_view)> sink_;
};

}  // namespace qalam::collect
