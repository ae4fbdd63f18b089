#include "suggestion/end_when_extension.h"

#include <fmt/format.h>

#include "algorithms/end_rule_text.h"
#include "base/extensions.h"

namespace qalam::suggestion {

absl::Status ReadEndWhen(std::string_view text, algorithms::Problem& problem) {
  const auto rule = algorithms::ParseEndRule(text);
  if (!rule.ok())
    return absl::InvalidArgumentError(fmt::format("{}: {}", kEndWhenExtension, MessageOf(rule.status())));
  problem.end_rule = *rule;
  return absl::OkStatus();
}

}  // namespace qalam::suggestion
