// Bytes of TensorFlow event files, made by hand.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace qalam::metrics::event_bytes {

inline std::string Fixed(std::uint64_t value, int bytes) {
  std::string result;
  for (int i = 0; i < bytes; ++i) result += static_cast<char>(value >> (8 * i));
  return result;
}

inline std::string Varint(std::uint64_t value) {
  std::string result;
  for (; value >= 0x80; value >>= 7) result += static_cast<char>(value | 0x80);
  return result + static_cast<char>(value);
}

inline std::string Bytes(int field, std::string_view bytes) {
  return Varint(static_cast<std::uint64_t>(field) << 3 | 2) + Varint(bytes.size()) + std::string(bytes);
}
inline std::string Int(int field, std::uint64_t value) {
  return Varint(static_cast<std::uint64_t>(field) << 3) + Varint(value);
}
inline std::string Double(int field, double value) {
  return Varint(static_cast<std::uint64_t>(field) << 3 | 1) + Fixed(std::bit_cast<std::uint64_t>(value), 8);
}
inline std::string Float(int field, float value) {
  return Varint(static_cast<std::uint64_t>(field) << 3 | 5) + Fixed(std::bit_cast<std::uint32_t>(value), 4);
}

/// Of the polynomial 0x1EDC6F41, bit by bit.
inline std::uint32_t Crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82F63B78 : 0);
  }
  return ~crc;
}
inline std::string Checksum(std::string_view bytes) {
  const std::uint32_t crc = Crc32c(bytes);
  return Fixed((crc >> 15 | crc << 17) + 0xA282EAD8, 4);
}

inline std::string Record(std::string_view data) {
  const std::string length = Fixed(data.size(), 8);
  return length + Checksum(length) + std::string(data) + Checksum(data);
}

inline std::string Event(double wall_time, std::string_view values) {
  return Double(1, wall_time) + Int(2, 7) + Bytes(5, values);
}
/// A value of TensorFlow 1.
inline std::string Simple(std::string_view tag, float value) {
  return Bytes(1, Bytes(1, tag) + Float(2, value));
}
/// A value of TensorFlow 2; `tensor` without its shape, which is that of a scalar.
inline std::string Tensor(std::string_view tag, std::string_view tensor) {
  const std::string plugin = Bytes(1, Bytes(1, "scalars"));
  return Bytes(1, Bytes(1, tag) + Bytes(8, std::string(tensor) + Bytes(2, "")) + Bytes(9, plugin));
}
/// The record of an event with one value of TensorFlow 1.
inline std::string Scalar(double wall_time, std::string_view tag, float value) {
  return Record(Event(wall_time, Simple(tag, value)));
}

}  // namespace qalam::metrics::event_bytes
