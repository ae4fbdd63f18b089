#include "db/report_request.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/common.h>
#include <google/protobuf/wire_format_lite.h>

#include <limits>

namespace qalam::db {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// Of field `number`, a text or a message.
constexpr std::uint32_t Tag(int number) {
  return static_cast<std::uint32_t>(number) << 3 | WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
}

bool ReadBytes(CodedInputStream& in, std::string_view& bytes) {
  std::uint32_t length;
  if (!in.ReadVarint32(&length) || length > std::numeric_limits<int>::max()) return false;
  const void* data = nullptr;
  int available = 0;
  in.GetDirectBufferPointerInline(&data, &available);
  bytes = {static_cast<const char*>(data), length};
  return length <= static_cast<std::uint32_t>(available) && in.Skip(static_cast<int>(length));
}

bool ReadText(CodedInputStream& in, std::string_view& text) {
  return ReadBytes(in, text) &&
         google::protobuf::internal::IsStructurallyValidUTF8(text.data(), static_cast<int>(text.size()));
}

// Calls `field(in, tag)` for each field of a message.
template <class Field>
bool ReadMessage(std::string_view bytes, Field field) {
  CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()), static_cast<int>(bytes.size()));
  while (const std::uint32_t tag = in.ReadTag()) {
    if (!field(in, tag)) return false;
  }
  return in.ConsumedEntireMessage();
}

template <class Field>
bool ReadMessage(CodedInputStream& in, Field field) {
  std::string_view bytes;
  return ReadBytes(in, bytes) && ReadMessage(bytes, field);
}

bool ReadEntry(CodedInputStream& outer, LogEntryView& entry, bool& has_metric) {
  return ReadMessage(outer, [&](CodedInputStream& in, std::uint32_t tag) {
    if (tag == Tag(1)) return ReadText(in, entry.time_stamp);
    if (tag != Tag(2)) return WireFormatLite::SkipField(&in, tag);
    has_metric = true;
    return ReadMessage(in, [&](CodedInputStream& metric, std::uint32_t part) {
      if (part == Tag(1)) return ReadText(metric, entry.metric);
      if (part == Tag(2)) return ReadText(metric, entry.value);
      return WireFormatLite::SkipField(&metric, part);
    });
  });
}

}  // namespace

absl::StatusOr<ReportRequest> ReadReportRequest(std::string_view bytes) {
  ReportRequest request;
  absl::Status fault;
  const auto log_field = [&](CodedInputStream& in, std::uint32_t tag) {
    if (tag != Tag(1)) return WireFormatLite::SkipField(&in, tag);
    LogEntryView entry;
    bool has_metric = false;
    if (!ReadEntry(in, entry, has_metric)) return false;
    if (!has_metric && !entry.time_stamp.empty() && fault.ok()) {
      fault = absl::InvalidArgumentError(
          fmt::format("observation_log.metric_logs[{}].metric: required", request.entries.size()));
    }
    request.entries.push_back(entry);
    return true;
  };
  const bool read = bytes.size() <= std::numeric_limits<int>::max() &&
                    ReadMessage(bytes, [&](CodedInputStream& in, std::uint32_t tag) {
                      if (tag == Tag(1)) return ReadText(in, request.trial_name);
                      if (tag == Tag(2)) return ReadMessage(in, log_field);
                      return WireFormatLite::SkipField(&in, tag);
                    });
  if (!read) return absl::InvalidArgumentError("the bytes are no ReportObservationLogRequest");
  QALAM_RETURN_IF_ERROR(fault);
  return request;
}

}  // namespace qalam::db
