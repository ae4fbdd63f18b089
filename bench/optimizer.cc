#include "bench/optimizer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "algorithms/registry.h"

namespace qalam::bench {
namespace {

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

absl::StatusOr<Optimizer> ParseOptimizer(std::string_view text) {
  Optimizer optimizer;
  optimizer.name = text;
  const size_t equals = text.find('='), open = text.find('(');
  if (equals < open) {
    optimizer.name = Trimmed(text.substr(0, equals));
    text = Trimmed(text.substr(equals + 1));
  }
  const size_t parenthesis = text.find('(');
  const std::string_view algorithm = Trimmed(text.substr(0, parenthesis));
  if (parenthesis != std::string_view::npos) {
    if (text.back() != ')') {
      return absl::InvalidArgumentError(fmt::format("\"{}\" should be like NAME(SETTING=VALUE,...)", text));
    }
    for (const std::string& setting :
         SplitList(text.substr(parenthesis + 1, text.size() - parenthesis - 2))) {
      const size_t split = setting.find('=');
      if (split == std::string::npos || split == 0) {
        return absl::InvalidArgumentError(
            fmt::format("\"{}\": the setting \"{}\" should be like SETTING=VALUE", text, setting));
      }
      optimizer.settings.push_back({std::string(Trimmed(std::string_view(setting).substr(0, split))),
                                    std::string(Trimmed(std::string_view(setting).substr(split + 1)))});
    }
  }
  const absl::StatusOr<const algorithms::AlgorithmInfo*> info = algorithms::FindAlgorithm(algorithm);
  if (!info.ok()) {
    return absl::InvalidArgumentError(fmt::format("unknown algorithm \"{}\"; there are {}", algorithm,
                                                  fmt::join(algorithms::AlgorithmNames(), ", ")));
  }
  optimizer.create =
      [info = *info](
          const algorithms::Problem& problem) -> absl::StatusOr<std::unique_ptr<algorithms::Algorithm>> {
    QALAM_RETURN_IF_ERROR(info->validate(problem));
    return info->create(problem);
  };
  return optimizer;
}

}  // namespace

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> parts;
  size_t begin = 0;
  int depth = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '(') ++depth;
    if (i < text.size() && text[i] == ')') --depth;
    if (i < text.size() && (text[i] != ',' || depth > 0)) continue;
    const std::string_view part = Trimmed(text.substr(begin, i - begin));
    if (!part.empty()) parts.emplace_back(part);
    begin = i + 1;
  }
  return parts;
}

absl::StatusOr<std::vector<Optimizer>> ParseOptimizers(std::string_view text) {
  std::vector<Optimizer> optimizers;
  for (const std::string& part : SplitList(text)) {
    QALAM_ASSIGN_OR_RETURN(Optimizer optimizer, ParseOptimizer(part));
    for (const Optimizer& other : optimizers) {
      if (other.name == optimizer.name) {
        return absl::InvalidArgumentError(fmt::format("\"{}\" is given twice", optimizer.name));
      }
    }
    optimizers.push_back(std::move(optimizer));
  }
  return optimizers;
}

}  // namespace qalam::bench
