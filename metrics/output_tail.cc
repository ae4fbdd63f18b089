#include "metrics/output_tail.h"

#include <algorithm>

#include "metrics/utf8.h"

namespace qalam::metrics {
namespace {

constexpr size_t kTailBytes = 32 << 10;
constexpr size_t kMaxLines = 50;
constexpr size_t kMaxLine = 500;

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\f\v") == std::string_view::npos; }

}  // namespace

void OutputTail::Append(std::string_view bytes) {
  if (bytes.size() >= kTailBytes) {
    begins_inside_line_ = begins_inside_line_ || !text_.empty() || bytes.size() > kTailBytes;
    text_.assign(bytes.substr(bytes.size() - kTailBytes));
    return;
  }
  text_.append(bytes);
  if (text_.size() > 2 * kTailBytes) {
    text_.erase(0, text_.size() - kTailBytes);
    begins_inside_line_ = true;
  }
}

std::vector<std::string> OutputTail::Lines() const {
  std::vector<std::string> lines;
  std::string_view rest = text_;
  while (!rest.empty() && lines.size() < kMaxLines) {
    const size_t end = rest.find_last_of("\r\n");
    const std::string_view line = end == std::string_view::npos ? rest : rest.substr(end + 1);
    const bool is_first = end == std::string_view::npos;
    if (!IsBlank(line) && !(is_first && begins_inside_line_ && !lines.empty())) {
      const std::string text = ReplaceInvalidUtf8(line.substr(0, kMaxLine));
      lines.emplace_back(CutUtf8(text, kMaxLine));
    }
    rest = is_first ? std::string_view() : rest.substr(0, end);
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

}  // namespace qalam::metrics
