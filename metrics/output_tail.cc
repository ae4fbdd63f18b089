#include "metrics/output_tail.h"

#include <algorithm>
#include <fstream>

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

std::vector<std::string> LastLines(const std::string& file, std::int64_t offset) {
  constexpr std::int64_t kRead = kTailBytes + 1;  // one more, so that the tail knows whether it is all
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return {};
  const auto size = static_cast<std::int64_t>(in.tellg());
  std::string bytes(static_cast<size_t>(std::clamp<std::int64_t>(size - offset, 0, kRead)), '\0');
  in.seekg(size - static_cast<std::int64_t>(bytes.size()));
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  OutputTail tail;
  tail.Append(bytes);
  return tail.Lines();
}

}  // namespace qalam::metrics
