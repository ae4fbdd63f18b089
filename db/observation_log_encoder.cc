#include "db/observation_log_encoder.h"

#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace qalam::db {
namespace {

using google::protobuf::io::CodedOutputStream;

constexpr size_t kChunkBytes = 128 << 10;

// Of fields of type text or message; all numbers here are below 16.
constexpr char Tag(int number) { return static_cast<char>(number << 3 | 2); }

size_t FieldSize(size_t size) {
  return 1 + CodedOutputStream::VarintSize32(static_cast<std::uint32_t>(size)) + size;
}
// An empty text is left out.
size_t TextSize(std::string_view text) { return text.empty() ? 0 : FieldSize(text.size()); }

void AppendHead(std::string& out, int number, size_t size) {
  std::uint8_t head[6] = {static_cast<std::uint8_t>(Tag(number))};
  const std::uint8_t* end =
      CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(size), head + 1);
  out.append(reinterpret_cast<const char*>(head), static_cast<size_t>(end - head));
}

void AppendText(std::string& out, int number, std::string_view text) {
  if (text.empty()) return;
  AppendHead(out, number, text.size());
  out += text;
}

grpc::Slice SliceOf(std::string text) {
  auto* owned = new std::string(std::move(text));
  return {owned->data(), owned->size(), [](void* string) { delete static_cast<std::string*>(string); },
          owned};
}

}  // namespace

void ObservationLogEncoder::Add(const LogEntry& entry) {
  const size_t metric = TextSize(entry.metric) + TextSize(entry.value);
  const size_t size = TextSize(entry.time_stamp) + FieldSize(metric);
  const size_t whole = FieldSize(size);
  if (!chunk_.empty() && chunk_.size() + whole > kChunkBytes) CloseChunk();
  if (chunk_.empty()) chunk_.reserve(std::max(kChunkBytes, whole));
  AppendHead(chunk_, 1, size);
  AppendText(chunk_, 1, entry.time_stamp);
  AppendHead(chunk_, 2, metric);
  AppendText(chunk_, 1, entry.metric);
  AppendText(chunk_, 2, entry.value);
  bytes_ += whole;
}

void ObservationLogEncoder::CloseChunk() {
  chunks_.push_back(SliceOf(std::move(chunk_)));
  chunk_.clear();
}

grpc::ByteBuffer ObservationLogEncoder::Finish() {
  if (!chunk_.empty()) {
    chunk_.shrink_to_fit();
    CloseChunk();
  }
  std::string head;
  AppendHead(head, 1, bytes_);
  chunks_.insert(chunks_.begin(), SliceOf(std::move(head)));
  return {chunks_.data(), chunks_.size()};
}

}  // namespace qalam::db
