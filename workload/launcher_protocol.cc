#include "workload/launcher_protocol.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace qalam::workload {
namespace {

constexpr size_t kMaxExitMessage = 2048;

class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(out) {}

  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void operator()(const T& value) { out_.append(reinterpret_cast<const char*>(&value), sizeof(value)); }
  void operator()(const std::string& text) {
    (*this)(static_cast<std::uint32_t>(text.size()));
    out_.append(text);
  }
  void operator()(const std::vector<std::string>& list) {
    (*this)(static_cast<std::uint32_t>(list.size()));
    for (const std::string& text : list) (*this)(text);
  }
  void operator()(const absl::Duration& duration) { (*this)(absl::ToInt64Milliseconds(duration)); }
  template <class T>
  void operator()(const std::optional<T>& value) {
    (*this)(value.has_value());
    (*this)(value.value_or(T()));
  }

 private:
  std::string& out_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view in) : in_(in) {}
  bool done() const { return ok_ && in_.empty(); }

  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void operator()(T& value) {
    if (in_.size() < sizeof(value)) {
      ok_ = false;
      return;
    }
    if constexpr (std::is_same_v<T, bool>) {
      value = in_.front() != 0;
    } else {
      std::memcpy(&value, in_.data(), sizeof(value));
    }
    in_.remove_prefix(sizeof(value));
  }
  void operator()(std::string& text) {
    std::uint32_t size = 0;
    (*this)(size);
    if (size > in_.size()) ok_ = false;
    if (!ok_) return;
    text.assign(in_.substr(0, size));
    in_.remove_prefix(size);
  }
  void operator()(std::vector<std::string>& list) {
    std::uint32_t size = 0;
    (*this)(size);
    for (; ok_ && size > 0; --size) (*this)(list.emplace_back());
  }
  void operator()(absl::Duration& duration) {
    std::int64_t milliseconds = 0;
    (*this)(milliseconds);
    duration = absl::Milliseconds(milliseconds);
  }
  template <class T>
  void operator()(std::optional<T>& value) {
    bool present = false;
    T content{};
    (*this)(present);
    (*this)(content);
    if (present) value = content;
  }

 private:
  std::string_view in_;
  bool ok_ = true;
};

// Both directions list the fields once.
template <class Coder, class M>
void Code(Coder& code, M& message) {
  code(message.type);
  code(message.id);
  if (message.type == MessageType::kStart) {
    auto& run = message.run;
    code(run.argv);
    code(run.environment);
    code(run.working_dir);
    code(run.output_file);
    code(run.limits.cpus);
    code(run.limits.memory_bytes);
    code(run.first_cpu);
    code(run.cgroup_root);
    code(run.grace);
    code(run.short_grace);
  } else if (message.type == MessageType::kExit) {
    auto& exit = message.exit;
    code(exit.kind);
    code(exit.code);
    code(exit.out_of_memory);
    code(exit.machine_out_of_memory);
    code(exit.message);
    code(exit.pid);
    code(exit.user_seconds);
    code(exit.system_seconds);
    code(exit.max_rss_bytes);
  }
}

}  // namespace

std::string EncodeMessage(const Message& message) {
  std::string frame(sizeof(std::uint32_t), '\0');
  Encoder encoder(frame);
  if (message.exit.message.size() > kMaxExitMessage) {
    Message shorter = message;
    shorter.exit.message.resize(kMaxExitMessage);
    Code(encoder, shorter);
  } else {
    Code(encoder, message);
  }
  const auto length = static_cast<std::uint32_t>(frame.size() - sizeof(std::uint32_t));
  std::memcpy(frame.data(), &length, sizeof(length));
  return frame;
}

std::optional<Message> DecodeMessage(std::string_view frame) {
  Message message;
  Decoder decoder(frame);
  Code(decoder, message);
  if (!decoder.done()) return std::nullopt;
  if (message.type < MessageType::kStart || message.type > MessageType::kExit) return std::nullopt;
  if (message.exit.kind > ContainerExit::Kind::kLost) return std::nullopt;
  return message;
}

std::optional<std::string_view> FrameBuffer::Next() {
  std::uint32_t length = 0;
  const std::string_view rest = std::string_view(bytes_).substr(begin_);
  if (rest.size() >= sizeof(length)) std::memcpy(&length, rest.data(), sizeof(length));
  if (rest.size() < sizeof(length) || rest.size() - sizeof(length) < length) {
    bytes_.erase(0, begin_);
    begin_ = 0;
    return std::nullopt;
  }
  begin_ += sizeof(length) + length;
  return rest.substr(sizeof(length), length);
}

}  // namespace qalam::workload
