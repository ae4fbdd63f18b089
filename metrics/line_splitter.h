// Bytes of a growing output to lines, in bounded memory.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace qalam::metrics {

/// One line without its end. `text` is any bytes, NUL included.
struct Line {
  std::string_view text;
  bool cut = false;  // the line was longer than kMaxLineBytes: `text` is its beginning
};

/// A line keeps its first MiB; the rest is skipped up to the line's end.
inline constexpr size_t kMaxLineBytes = size_t{1} << 20;

/// Splits at LF, CR LF and CR. A lone CR ends a line because progress bars rewrite theirs with it: every
/// state of the bar is a line. Empty lines are lines. How the bytes are divided over Feed calls makes no
/// difference.
///
/// Memory: the unfinished line, at most kMaxLineBytes; the fed bytes are not copied when they hold a whole
/// line.
class LineSplitter {
 public:
  /// `bytes` must live until Next has returned nothing, and Next must be called until it does.
  void Feed(std::string_view bytes);

  /// The next whole line, valid until the next call of any function here; nothing when more bytes are needed.
  std::optional<Line> Next();

  /// The output has ended (or starts over): the unfinished line, if there is one. Afterwards all is as at
  /// first.
  std::optional<Line> Finish();

 private:
  void Keep(std::string_view bytes);
  void DropReturned();
  size_t FindLineEnd();

  std::string_view fed_;
  size_t at_ = 0;           // position in fed_
  size_t lf_ = 0, cr_ = 0;  // next LF and CR in fed_ at or after at_, its size if none; stale when below at_
  std::string kept_;        // beginning of the unfinished line
  bool kept_returned_ = false;  // kept_ was handed out and goes with the next call
  bool cut_ = false;            // bytes of the unfinished line were skipped
  bool after_cr_ = false;       // an LF that follows belongs to the line end already seen
};

}  // namespace qalam::metrics
