#include "cli/parameter_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "base/number_text.h"

namespace qalam::cli {
namespace {

using api::Distribution;
using api::ParameterType;

constexpr std::string_view kPrefixes =
    "log, normal, lognormal, uniform, int, double, float, discrete and categorical";

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> items;
  for (size_t begin = 0;;) {
    const size_t comma = text.find(',', begin);
    items.emplace_back(Trim(text.substr(begin, comma == std::string_view::npos ? comma : comma - begin)));
    if (comma == std::string_view::npos) return items;
    begin = comma + 1;
  }
}

bool IsName(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (name.empty() || !is_letter(name.front())) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; });
}

std::optional<double> FiniteNumber(std::string_view text) {
  const std::optional<double> value = ParseDouble(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

struct Prefixes {
  ParameterType type = ParameterType::kUnknown;
  Distribution distribution = Distribution::kUnset;
};

template <class... Args>
absl::Status Invalid(fmt::format_string<Args...> format, Args&&... args) {
  return absl::InvalidArgumentError(fmt::format(format, std::forward<Args>(args)...));
}

// Strips the prefixes it knows from `text`; whatever else has a colon belongs to the values.
absl::StatusOr<Prefixes> TakePrefixes(std::string_view& text) {
  Prefixes prefixes;
  while (true) {
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos) return prefixes;
    const std::string_view word = Trim(text.substr(0, colon));
    ParameterType type = ParameterType::kUnknown;
    Distribution distribution = Distribution::kUnset;
    if (word == "log" || word == "loguniform")
      distribution = Distribution::kLogUniform;
    else if (word == "normal")
      distribution = Distribution::kNormal;
    else if (word == "lognormal")
      distribution = Distribution::kLogNormal;
    else if (word == "uniform")
      distribution = Distribution::kUniform;
    else if (word == "int")
      type = ParameterType::kInt;
    else if (word == "double" || word == "float")
      type = ParameterType::kDouble;
    else if (word == "discrete")
      type = ParameterType::kDiscrete;
    else if (word == "categorical")
      type = ParameterType::kCategorical;
    else
      return prefixes;

    if (type != ParameterType::kUnknown) {
      if (prefixes.type != ParameterType::kUnknown) return Invalid("two types are given; keep one of them");
      prefixes.type = type;
    } else {
      if (prefixes.distribution != Distribution::kUnset)
        return Invalid("two distributions are given; keep one of them");
      prefixes.distribution = distribution;
    }
    text.remove_prefix(colon + 1);
    if (type == ParameterType::kCategorical) return prefixes;
  }
}

absl::Status ReadList(std::string_view text, const Prefixes& prefixes, api::ParameterSpec& parameter) {
  if (prefixes.distribution != Distribution::kUnset) {
    return Invalid("a list has no distribution; write a range a..b, or leave the prefix out");
  }
  if (prefixes.type == ParameterType::kInt || prefixes.type == ParameterType::kDouble) {
    return Invalid("int and double need a range a..b; for a list of numbers write discrete:{}", text);
  }
  parameter.type =
      prefixes.type == ParameterType::kDiscrete ? ParameterType::kDiscrete : ParameterType::kCategorical;
  parameter.feasible_space.list = SplitList(text);
  std::vector<std::string> sorted = parameter.feasible_space.list;
  for (const std::string& item : sorted) {
    if (item.empty()) return Invalid("the list \"{}\" has an empty entry; remove the extra comma", text);
    if (parameter.type == ParameterType::kDiscrete && !FiniteNumber(item)) {
      return Invalid("discrete values must be numbers, got \"{}\"; leave discrete: out for words", item);
    }
  }
  std::sort(sorted.begin(), sorted.end());
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end()) {
    return Invalid("the list has \"{}\" twice; every choice must differ", *twice);
  }
  return absl::OkStatus();
}

absl::Status ReadRange(std::string_view text, const Prefixes& prefixes, api::ParameterSpec& parameter) {
  const size_t dots = text.find("..");
  std::string_view rest = text.substr(dots + 2);
  std::optional<std::string_view> step;
  if (const size_t slash = rest.find('/'); slash != std::string_view::npos) {
    step = Trim(rest.substr(slash + 1));
    rest = rest.substr(0, slash);
  }
  const std::string_view min_text = Trim(text.substr(0, dots)), max_text = Trim(rest);
  const std::optional<double> min = FiniteNumber(min_text), max = FiniteNumber(max_text);
  for (const auto& [value, shown] : {std::pair{min, min_text}, std::pair{max, max_text}}) {
    if (value) continue;
    if (shown.find(':') != std::string_view::npos) {
      return Invalid("unknown prefix in \"{}\"; the prefixes are {}", shown, kPrefixes);
    }
    return Invalid("\"{}\" is no number; write a range such as 1e-5..1e-1", shown);
  }
  const bool integers = ParseInt(min_text) && ParseInt(max_text);
  const bool integer_step = !step || ParseInt(*step);
  parameter.type = prefixes.type != ParameterType::kUnknown ? prefixes.type
                   : integers && integer_step               ? ParameterType::kInt
                                                            : ParameterType::kDouble;
  if (parameter.type == ParameterType::kInt && !integers) {
    return Invalid("an int needs integers at both ends, got \"{}..{}\"", min_text, max_text);
  }
  if (*min > *max)
    return Invalid("the lower end {} is above the upper end {}; swap them", min_text, max_text);
  const bool logarithmic =
      prefixes.distribution == Distribution::kLogUniform || prefixes.distribution == Distribution::kLogNormal;
  if (logarithmic && *min <= 0) return Invalid("a log scale needs a lower end above 0, got {}", min_text);
  if (step) {
    const std::optional<double> size = FiniteNumber(*step);
    if (!size || *size <= 0) return Invalid("the step must be a number above 0, got \"{}\"", *step);
    if (parameter.type == ParameterType::kInt && !integer_step) {
      return Invalid("the step of an int must be an integer, got \"{}\"", *step);
    }
    parameter.feasible_space.step = *step;
  }
  parameter.feasible_space.min = min_text;
  parameter.feasible_space.max = max_text;
  parameter.feasible_space.distribution = prefixes.distribution;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<api::ParameterSpec> ParseParameter(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) return Invalid("must be NAME=VALUES, for example lr=log:1e-5..1e-1");
  api::ParameterSpec parameter;
  parameter.name = Trim(text.substr(0, equals));
  if (!IsName(parameter.name)) {
    return Invalid(
        "the name \"{}\" must begin with a letter or '_' and go on with letters, digits, '_', '-' or '.'",
        parameter.name);
  }
  std::string_view values = text.substr(equals + 1);
  QALAM_ASSIGN_OR_RETURN(const Prefixes prefixes, TakePrefixes(values));
  if (Trim(values).empty())
    return Invalid("\"{}\" has no values; write a range a..b or a list a,b,c", parameter.name);

  const bool is_list = prefixes.type == ParameterType::kCategorical ||
                       prefixes.type == ParameterType::kDiscrete ||
                       values.find(',') != std::string_view::npos;
  if (is_list) {
    QALAM_RETURN_IF_ERROR(ReadList(values, prefixes, parameter));
  } else if (values.find("..") != std::string_view::npos) {
    QALAM_RETURN_IF_ERROR(ReadRange(values, prefixes, parameter));
  } else {
    return Invalid(
        "\"{}\" is neither a range a..b nor a list a,b,c; a fixed value belongs in the command itself",
        values);
  }
  return parameter;
}

}  // namespace qalam::cli
