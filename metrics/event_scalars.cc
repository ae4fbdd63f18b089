#include "metrics/event_scalars.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "base/number_text.h"
#include "metrics/collector.h"
#include "metrics/tensorboard_event.pb.h"
#include "metrics/utf8.h"

namespace qalam::metrics {
namespace {

// TensorFlow's DataType.
enum Type {
  kFloat = 1,
  kDouble = 2,
  kInt32 = 3,
  kUint8 = 4,
  kInt16 = 5,
  kInt8 = 6,
  kInt64 = 9,
  kBfloat16 = 14,
  kUint16 = 17,
  kHalf = 19,
  kUint32 = 22,
  kUint64 = 23,
};

std::string Text(double value) { return NumberText(value); }

// The digits that tell this float from its neighbours: 0.1f is "0.1", not "0.10000000149011612".
std::string Text(float value) {
  if (!std::isfinite(value)) return NumberText(static_cast<double>(value));
  return NumberText(*ParseDouble(fmt::format("{}", value)));
}

template <class Integer>
requires std::is_integral_v<Integer> std::string Text(Integer value) { return fmt::format("{}", value); }

float FromBfloat16(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

float FromHalf(std::uint16_t bits) {
  const int exponent = bits >> 10 & 0x1F, fraction = bits & 0x3FF;
  float value = std::ldexp(static_cast<float>(fraction), -24);
  if (exponent == 0x1F) {
    value = fraction == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  } else if (exponent > 0) {
    value = std::ldexp(static_cast<float>(fraction + 0x400), exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -value : value;
}

// The only element, from the bytes or else from the list of its type, where TensorFlow leaves zeros out.
template <class Element>
std::optional<Element> Only(const tensorboard::Tensor& tensor, const auto& list) {
  const std::string& bytes = tensor.tensor_content();
  Element element{};
  if (!bytes.empty()) {
    if (bytes.size() != sizeof element) return std::nullopt;
    std::memcpy(&element, bytes.data(), sizeof element);
    return element;
  }
  if (list.size() > 1) return std::nullopt;
  return list.empty() ? element : static_cast<Element>(list.Get(0));
}

template <class Element>
std::optional<std::string> OnlyText(const tensorboard::Tensor& tensor, const auto& list) {
  const std::optional<Element> element = Only<Element>(tensor, list);
  if (!element) return std::nullopt;
  return Text(*element);
}

std::optional<std::string> TensorText(const tensorboard::Tensor& tensor) {
  for (const auto& dim : tensor.tensor_shape().dim()) {
    if (dim.size() != 1) return std::nullopt;
  }
  switch (tensor.dtype()) {
    case kFloat:
      return OnlyText<float>(tensor, tensor.float_val());
    case kDouble:
      return OnlyText<double>(tensor, tensor.double_val());
    case kInt8:
      return OnlyText<std::int8_t>(tensor, tensor.int_val());
    case kInt16:
      return OnlyText<std::int16_t>(tensor, tensor.int_val());
    case kInt32:
      return OnlyText<std::int32_t>(tensor, tensor.int_val());
    case kInt64:
      return OnlyText<std::int64_t>(tensor, tensor.int64_val());
    case kUint8:
      return OnlyText<std::uint8_t>(tensor, tensor.int_val());
    case kUint16:
      return OnlyText<std::uint16_t>(tensor, tensor.int_val());
    case kUint32:
      return OnlyText<std::uint32_t>(tensor, tensor.uint32_val());
    case kUint64:
      return OnlyText<std::uint64_t>(tensor, tensor.uint64_val());
    case kHalf:
    case kBfloat16: {
      const auto bits = Only<std::uint16_t>(tensor, tensor.half_val());
      if (!bits) return std::nullopt;
      return Text(tensor.dtype() == kHalf ? FromHalf(*bits) : FromBfloat16(*bits));
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<EventScalars> ReadEvent(std::string_view record) {
  tensorboard::Event event;
  if (!event.ParseFromArray(record.data(), static_cast<int>(record.size()))) return std::nullopt;
  EventScalars result{.wall_time = event.wall_time()};
  for (const tensorboard::Summary::Value& value : event.summary().value()) {
    std::optional<std::string> text;
    if (value.has_simple_value()) text = Text(value.simple_value());
    if (value.has_tensor()) text = TensorText(value.tensor());
    if (!text) continue;
    const std::string tag = ReplaceInvalidUtf8(value.tag());
    result.scalars.push_back({std::string(CutUtf8(tag, kMaxTextBytes)), *std::move(text)});
  }
  return result;
}

}  // namespace qalam::metrics
