// Messages between qalam, the launcher and its shims: a 4-byte length, then that many bytes, in host byte
// order (both ends are the same program). Internal to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "workload/container_runner.h"

namespace qalam::workload {

enum class MessageType : std::uint8_t { kStart = 1, kStop = 2, kShutdown = 3, kExit = 4 };

struct Message {
  MessageType type = MessageType::kShutdown;
  RunId id = 0;
  ContainerRun run;    // kStart
  ContainerExit exit;  // kExit; its message is cut so that any empty socket takes the frame at once
};

/// One frame, length included.
std::string EncodeMessage(const Message& message);

/// A frame without its length. Nothing when it is malformed.
std::optional<Message> DecodeMessage(std::string_view frame);

/// Cuts a byte stream into frames.
class FrameBuffer {
 public:
  void Append(std::string_view bytes) { bytes_.append(bytes); }
  /// The next whole frame, without its length; valid until the next call of any function.
  std::optional<std::string_view> Next();

 private:
  std::string bytes_;
  size_t begin_ = 0;
};

}  // namespace qalam::workload
