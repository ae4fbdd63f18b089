#include "bench/optimizer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "algorithms/registry.h"
#include "base/trimmed.h"
#include "bench/space_parts.h"

namespace qalam::bench {
namespace {

absl::StatusOr<Optimizer> ParseOptimizer(std::string_view text) {
  QALAM_ASSIGN_OR_RETURN(OptimizerText parts, ParseOptimizerText(text));
  const absl::StatusOr<const algorithms::AlgorithmInfo*> info = algorithms::FindAlgorithm(parts.algorithm);
  if (!info.ok()) {
    return absl::InvalidArgumentError(fmt::format("unknown algorithm \"{}\"; there are all, {}",
                                                  parts.algorithm,
                                                  fmt::join(algorithms::AlgorithmNames(), ", ")));
  }
  const auto create =
      [info = *info](
          const algorithms::Problem& problem) -> absl::StatusOr<std::unique_ptr<algorithms::Algorithm>> {
    QALAM_RETURN_IF_ERROR(algorithms::ValidateProblem(*info, problem));
    return algorithms::CreateAlgorithm(*info, problem);
  };
  return Optimizer{.name = std::move(parts.label),
                   .settings = std::move(parts.settings),
                   .create = create,
                   .takes_resource = TakesResource(parts.algorithm)};
}

}  // namespace

bool TakesResource(std::string_view algorithm) {
  const auto info = algorithms::FindAlgorithm(algorithm);
  if (!info.ok()) return false;
  algorithms::Problem problem;
  problem.experiment_name = "probe";
  problem.space = Must(algorithms::SearchSpace::Make({Real("x", 0, 1), Whole("epochs", 1, 9)}));
  problem.objectives = {{"loss", algorithms::Direction::kMinimize}};
  problem.settings = {{"resource_name", "epochs"}, {"r_l", "9"}};
  problem.parallel_trial_count = 9;
  return algorithms::ValidateProblem(**info, problem).ok();
}

absl::StatusOr<OptimizerText> ParseOptimizerText(std::string_view text) {
  OptimizerText parts;
  parts.label = text;
  const size_t equals = text.find('=');
  if (equals < text.find('(')) {
    parts.label = Trimmed(text.substr(0, equals));
    text = Trimmed(text.substr(equals + 1));
  }
  const size_t open = text.find('(');
  parts.algorithm = Trimmed(text.substr(0, open));
  if (open != std::string_view::npos) {
    if (text.back() != ')')
      return absl::InvalidArgumentError(fmt::format("\"{}\" should be like NAME(SETTING=VALUE,...)", text));
    for (const std::string& setting : SplitList(text.substr(open + 1, text.size() - open - 2))) {
      const size_t split = setting.find('=');
      if (split == std::string::npos || split == 0) {
        return absl::InvalidArgumentError(
            fmt::format("\"{}\": the setting \"{}\" should be like SETTING=VALUE", text, setting));
      }
      parts.settings.push_back({std::string(Trimmed(std::string_view(setting).substr(0, split))),
                                std::string(Trimmed(std::string_view(setting).substr(split + 1)))});
    }
  }
  if (parts.label.empty() || parts.algorithm.empty())
    return absl::InvalidArgumentError(
        fmt::format("\"{}\" should be like NAME or LABEL=NAME(SETTING=VALUE,...)", text));
  return parts;
}

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
  std::vector<std::string> parts;
  for (std::string& part : SplitList(text)) {
    if (part != "all") {
      parts.push_back(std::move(part));
      continue;
    }
    for (const algorithms::AlgorithmInfo& info : algorithms::Algorithms()) {
      if (info.name != "grid" && !info.can.architectures) parts.emplace_back(info.name);
    }
  }
  for (const std::string& part : parts) {
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
