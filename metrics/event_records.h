// The records of a growing TensorFlow event file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace qalam::metrics {

/// Longer ones are passed over: images and graphs, and no scalars.
inline constexpr std::uint64_t kMaxRecordBytes = std::uint64_t{16} << 20;

/// TFRecord framing: length (64 bits), checksum of the length, data, checksum of the data; little-endian, masked
/// CRC-32C. A record that is not whole yet waits for its rest. One whose data do not fit their checksum is passed
/// over. Where the length does not fit its checksum nobody knows where the next record begins: the rest of the
/// file is passed over.
///
/// Memory: the unfinished record, kMaxRecordBytes at most, and what is fed.
class EventRecords {
 public:
  void Feed(std::string_view bytes);

  /// The data of the next whole record, valid until the next call of any function here; nothing when more bytes are
  /// needed. To be called until then after each Feed.
  std::optional<std::string_view> Next();

  /// The file starts over.
  void Reset() { *this = EventRecords(); }

  std::int64_t corrupt() const { return corrupt_; }    // checksums that did not fit
  std::int64_t too_long() const { return too_long_; }  // records that were passed over for their length
  bool unreadable() const { return unreadable_; }      // the rest of the file is passed over

  /// Bytes of a record that is not whole are waiting.
  bool unfinished() const { return !bytes_.empty() || skip_ > 0; }

 private:
  std::string bytes_;
  size_t at_ = 0;           // what lies before was returned
  std::uint64_t skip_ = 0;  // bytes still to be passed over
  std::int64_t corrupt_ = 0, too_long_ = 0;
  bool unreadable_ = false;
};

}  // namespace qalam::metrics
