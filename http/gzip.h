// gzip (RFC 1952) of texts and of streams. Threads: all of it may be called from any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace qalam::http {

/// Whether the header Accept-Encoding names gzip and does not refuse it ("gzip;q=0").
bool AcceptsGzip(std::string_view accept_encoding);

/// Fast rather than small.
std::string Gzip(std::string_view text);

/// INVALID_ARGUMENT: not gzip, damaged, cut off, or with something after it. RESOURCE_EXHAUSTED: the text has
/// more than `max_size` bytes.
absl::StatusOr<std::string> Gunzip(std::string_view compressed, std::size_t max_size);

/// A text that is compressed as it comes: whoever has the outputs so far can read all inputs so far. Every
/// piece stands for itself, so nothing but a checksum is kept between two, however many streams there are.
/// Small pieces are not compressed: that costs more time than it saves.
class GzipStream {
 public:
  std::string Add(std::string_view piece);
  /// The end. Nothing is added after it.
  std::string Finish();

 private:
  std::string Prefix();

  bool begun_ = false;
  std::uint32_t checksum_ = 0;
  std::uint32_t size_ = 0;  // modulo 2^32, as the format has it
};

}  // namespace qalam::http
