#include "workload/quantity.h"

#include <cmath>

#include "base/number_text.h"

namespace qalam::workload {
namespace {

std::optional<double> SuffixFactor(std::string_view suffix) {
  struct Entry {
    std::string_view suffix;
    double factor;
  };
  static constexpr Entry kTable[] = {
      {"", 1},        {"n", 1e-9},    {"u", 1e-6},    {"m", 1e-3},    {"k", 1e3},     {"M", 1e6},
      {"G", 1e9},     {"T", 1e12},    {"P", 1e15},    {"E", 1e18},    {"Ki", 0x1p10}, {"Mi", 0x1p20},
      {"Gi", 0x1p30}, {"Ti", 0x1p40}, {"Pi", 0x1p50}, {"Ei", 0x1p60},
  };
  for (const Entry& entry : kTable) {
    if (entry.suffix == suffix) return entry.factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> ParseQuantity(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() &&
         std::string_view("0123456789.+-").find(text[digits]) != std::string_view::npos) {
    ++digits;
  }
  std::optional<double> number;
  if (const std::optional<double> factor = SuffixFactor(text.substr(digits))) {
    number = ParseDouble(text.substr(0, digits));
    if (number) *number *= *factor;
  } else if (digits > 0 && (text[digits] == 'e' || text[digits] == 'E')) {
    number = ParseDouble(text);
  }
  if (!number || !std::isfinite(*number) || *number < 0) return std::nullopt;
  return number;
}

}  // namespace qalam::workload
