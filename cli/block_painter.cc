#include "cli/block_painter.h"

#include <fmt/format.h>

namespace qalam::cli {
namespace {

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

}  // namespace

void BlockPainter::Paint(const std::vector<std::string>& lines) {
  if (lines == painted_) return;
  write_(EraseSequence() + Joined(lines));
  painted_ = lines;
}

void BlockPainter::PrintAbove(std::string_view line) {
  write_(fmt::format("{}{}\n{}", EraseSequence(), line, Joined(painted_)));
}

void BlockPainter::Clear() {
  if (painted_.empty()) return;
  write_(EraseSequence());
  painted_.clear();
}

// To the first line of the block, then everything below is erased.
std::string BlockPainter::EraseSequence() const {
  return painted_.empty() ? "" : fmt::format("\r\033[{}A\033[J", painted_.size());
}

}  // namespace qalam::cli
