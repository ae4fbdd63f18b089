#include "base/number_text.h"

#include <charconv>
#include <cmath>

namespace qalam {
namespace {

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\f\v";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// std::from_chars knows no plus sign.
std::string_view TrimWithPlus(std::string_view text) {
  text = Trim(text);
  if (text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+') text.remove_prefix(1);
  return text;
}

template <class T>
std::optional<T> ParseWhole(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

}  // namespace

std::string NumberText(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  if (value == 0) return "0";
  const double magnitude = std::fabs(value);
  const auto format =
      magnitude >= 1e-7 && magnitude < 1e16 ? std::chars_format::fixed : std::chars_format::scientific;
  char buffer[64];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value, format);
  return std::string(buffer, end);
}

std::optional<double> ParseDouble(std::string_view text) { return ParseWhole<double>(TrimWithPlus(text)); }

std::optional<long long> ParseInt(std::string_view text) { return ParseWhole<long long>(TrimWithPlus(text)); }

}  // namespace qalam
