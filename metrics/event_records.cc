#include "metrics/event_records.h"

#include <algorithm>
#include <boost/crc.hpp>

namespace qalam::metrics {
namespace {

constexpr size_t kLengthBytes = 8, kChecksumBytes = 4, kHeaderBytes = kLengthBytes + kChecksumBytes;

std::uint64_t LittleEndian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// The mask keeps the checksum of data that hold checksums themselves from being trivial.
std::uint32_t MaskedCrc32c(std::string_view data) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(data.data(), data.size());
  const auto sum = static_cast<std::uint32_t>(crc.checksum());
  return (sum >> 15 | sum << 17) + 0xA282EAD8;
}

bool Fits(std::string_view data, std::string_view checksum) {
  return MaskedCrc32c(data) == LittleEndian(checksum);
}

}  // namespace

void EventRecords::Feed(std::string_view bytes) {
  const size_t skipped = static_cast<size_t>(std::min<std::uint64_t>(skip_, bytes.size()));
  skip_ -= skipped;
  if (!unreadable_) bytes_.append(bytes.substr(skipped));
}

std::optional<std::string_view> EventRecords::Next() {
  while (!unreadable_) {
    const std::string_view rest = std::string_view(bytes_).substr(at_);
    if (rest.size() < kHeaderBytes) break;
    if (!Fits(rest.substr(0, kLengthBytes), rest.substr(kLengthBytes, kChecksumBytes))) {
      ++corrupt_;
      unreadable_ = true;
      break;
    }
    const std::uint64_t length = LittleEndian(rest.substr(0, kLengthBytes));
    if (length > kMaxRecordBytes) {
      ++too_long_;
      const std::uint64_t body = rest.size() - kHeaderBytes;
      const std::uint64_t whole = length > UINT64_MAX - kChecksumBytes ? length : length + kChecksumBytes;
      const std::uint64_t here = std::min(whole, body);
      at_ += kHeaderBytes + static_cast<size_t>(here);
      skip_ = whole - here;
      continue;
    }
    const size_t size = static_cast<size_t>(length);
    if (rest.size() < kHeaderBytes + size + kChecksumBytes) break;
    at_ += kHeaderBytes + size + kChecksumBytes;
    const std::string_view data = rest.substr(kHeaderBytes, size);
    if (Fits(data, rest.substr(kHeaderBytes + size, kChecksumBytes))) return data;
    ++corrupt_;
  }
  if (unreadable_) at_ = bytes_.size();
  bytes_.erase(0, at_);
  at_ = 0;
  return std::nullopt;
}

}  // namespace qalam::metrics
