// Repaints a block of lines in place.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace qalam::cli {

/// For terminals that can move the cursor (Terminal::interactive) only. The block is always the last thing on
/// the screen, and the cursor stands below it. Each change is one write, so that nothing flickers.
class BlockPainter {
 public:
  explicit BlockPainter(std::function<void(std::string_view)> write) : write_(std::move(write)) {}

  /// Replaces the block. Lines must fit the terminal's width, and there must be fewer than its lines. Writes
  /// nothing when nothing has changed.
  void Paint(const std::vector<std::string>& lines);

  /// Puts a line above the block, where it stays.
  void PrintAbove(std::string_view line);

  /// Takes the block away; the next Paint begins a new one.
  void Clear();

 private:
  std::string EraseSequence() const;

  std::function<void(std::string_view)> write_;
  std::vector<std::string> painted_;
};

}  // namespace qalam::cli
