#include "suggestion/request_head.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

namespace qalam::suggestion {
namespace {

using google::protobuf::internal::WireFormatLite;
using Request = wire::GetSuggestionsRequest;

constexpr std::uint32_t Tag(int field, WireFormatLite::WireType type) {
  return static_cast<std::uint32_t>(field) << 3 | type;
}
constexpr std::uint32_t kExperiment =
    Tag(Request::kExperimentFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
constexpr std::uint32_t kTrials = Tag(Request::kTrialsFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
constexpr std::uint32_t kCurrent =
    Tag(Request::kCurrentRequestNumberFieldNumber, WireFormatLite::WIRETYPE_VARINT);
constexpr std::uint32_t kTotal =
    Tag(Request::kTotalRequestNumberFieldNumber, WireFormatLite::WIRETYPE_VARINT);

bool ReadField(std::uint32_t tag, google::protobuf::io::CodedInputStream& in, RequestHead& head) {
  std::uint32_t length;
  std::uint64_t number;
  switch (tag) {
    case kExperiment: {
      if (!in.ReadVarint32(&length)) return false;
      const auto limit = in.PushLimit(static_cast<int>(length));
      // Merges, as parsing the whole message would, should the field come twice.
      const bool read =
          head.request.mutable_experiment()->MergePartialFromCodedStream(&in) && in.BytesUntilLimit() == 0;
      in.PopLimit(limit);
      return read;
    }
    case kTrials:
      ++head.trials;
      return in.ReadVarint32(&length) && in.Skip(static_cast<int>(length));
    case kCurrent:
      if (!in.ReadVarint64(&number)) return false;
      head.request.set_current_request_number(static_cast<std::int32_t>(number));
      return true;
    case kTotal:
      if (!in.ReadVarint64(&number)) return false;
      head.request.set_total_request_number(static_cast<std::int32_t>(number));
      return true;
    default:
      return WireFormatLite::SkipField(&in, tag);
  }
}

}  // namespace

absl::StatusOr<RequestHead> ReadHead(google::protobuf::io::ZeroCopyInputStream& bytes) {
  google::protobuf::io::CodedInputStream in(&bytes);
  RequestHead head;
  while (const std::uint32_t tag = in.ReadTag()) {
    if (!ReadField(tag, in, head))
      return absl::InvalidArgumentError("the bytes are no GetSuggestionsRequest");
  }
  // Tag 0 is the end of the bytes, or a byte that begins no field.
  if (!in.ConsumedEntireMessage())
    return absl::InvalidArgumentError("the bytes are no GetSuggestionsRequest");
  return head;
}

}  // namespace qalam::suggestion
