#include "algorithms/darts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "algorithms/architecture.h"
#include "algorithms/quoted_json.h"
#include "base/number_text.h"

namespace qalam::algorithms::darts {
namespace {

constexpr std::string_view kSkipConnection = "skip_connection";
constexpr std::string_view kNone = "None";
constexpr std::uint64_t kMaxPrimitives = 10'000;

enum class Rule { kPositive, kAtLeastZero, kAtLeastOne, kAtLeastOneOrNone, kRealAtLeastZero };

struct KnownSetting {
  std::string_view name, value;  // its default, as JSON
  Rule rule;
};

// In the order in which the program gets them.
constexpr KnownSetting kKnown[] = {
    {"num_epochs", "50", Rule::kPositive},
    {"w_lr", "0.025", Rule::kRealAtLeastZero},
    {"w_lr_min", "0.001", Rule::kRealAtLeastZero},
    {"w_momentum", "0.9", Rule::kRealAtLeastZero},
    {"w_weight_decay", "0.0003", Rule::kRealAtLeastZero},
    {"w_grad_clip", "5.0", Rule::kRealAtLeastZero},
    {"alpha_lr", "0.0003", Rule::kRealAtLeastZero},
    {"alpha_weight_decay", "0.001", Rule::kRealAtLeastZero},
    {"batch_size", "128", Rule::kAtLeastOneOrNone},
    {"num_workers", "4", Rule::kAtLeastZero},
    {"init_channels", "16", Rule::kAtLeastOne},
    {"print_step", "50", Rule::kAtLeastOne},
    {"num_nodes", "4", Rule::kAtLeastOne},
    {"stem_multiplier", "3", Rule::kAtLeastOne},
};

absl::Status Below(std::string_view name, std::string_view rule) {
  return absl::InvalidArgumentError(fmt::format("{} should be {}", name, rule));
}

absl::Status Check(const Setting& setting, Rule rule) {
  const Settings alone = {setting};
  if (rule == Rule::kRealAtLeastZero) {
    QALAM_ASSIGN_OR_RETURN(const std::optional<double> value, DoubleSetting(alone, setting.name));
    return *value >= 0 ? absl::OkStatus() : Below(setting.name, "greater than or equal to zero");
  }
  if (rule == Rule::kAtLeastOneOrNone && setting.value == kNone) return absl::OkStatus();
  QALAM_ASSIGN_OR_RETURN(const std::optional<std::int64_t> value, IntSetting(alone, setting.name));
  switch (rule) {
    case Rule::kPositive:
      return *value > 0 ? absl::OkStatus() : Below(setting.name, "greater than zero");
    case Rule::kAtLeastZero:
      return *value >= 0 ? absl::OkStatus() : Below(setting.name, "greater than or equal to zero");
    default:
      return *value >= 1 ? absl::OkStatus() : Below(setting.name, "greater than or equal to one");
  }
}

std::string ValueJson(std::string_view text) { return text == kNone ? "null" : QuotedJson(text); }

std::string SettingsText(const Settings& settings) {
  std::vector<std::pair<std::string, std::string>> values;
  for (const KnownSetting& known : kKnown) values.emplace_back(known.name, known.value);
  for (const Setting& setting : settings) {
    const auto same = std::find_if(values.begin(), values.end(),
                                   [&](const auto& value) { return value.first == setting.name; });
    auto& value = same == values.end() ? values.emplace_back(setting.name, "") : *same;
    value.second = ValueJson(setting.value);
  }
  std::vector<std::string> texts;
  texts.reserve(values.size());
  for (const auto& [name, value] : values) texts.push_back(fmt::format("{}: {}", QuotedJson(name), value));
  return fmt::format("{{{}}}", fmt::join(texts, ", "));
}

std::string Text(const OperationValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&value)) return NumberText(*real);
  return std::get<std::string>(value);
}

std::string PrimitivesText(const ArchitectureSpace& space) {
  std::vector<std::string> primitives;
  for (const Operation& operation : space.operations) {
    if (operation.type == kSkipConnection) {
      primitives.push_back(QuotedJson(operation.type));
      continue;
    }
    if (operation.parameters.empty()) continue;
    for (const OperationValue& value : operation.parameters.front().values) {
      primitives.push_back(QuotedJson(fmt::format("{}_{}x{}", operation.type, Text(value), Text(value))));
    }
  }
  return fmt::format("[{}]", fmt::join(primitives, ", "));
}

class Darts final : public Algorithm {
 public:
  explicit Darts(const Problem& problem)
      : texts_({{"algorithm-settings", SettingsText(problem.settings)},
                {"search-space", PrimitivesText(*problem.architecture)},
                {"num-layers", std::to_string(problem.architecture->layers)}}) {}

  bool uses_history() const override { return false; }

  absl::StatusOr<Suggestions> Suggest(const History&, const Ask& ask) const override {
    QALAM_RETURN_IF_ERROR(CheckAsk(ask));
    QALAM_RETURN_IF_ERROR(CheckStop(ask));
    size_t bytes = 0;
    for (const auto& [name, value] : texts_) bytes += name.size() + value.size();
    QALAM_RETURN_IF_ERROR(CheckTextSize(bytes * static_cast<size_t>(ask.count)));
    Suggestions suggestions;
    suggestions.proposals.assign(ask.count, Proposal{.texts = texts_});
    return suggestions;
  }

 private:
  const std::vector<std::pair<std::string, std::string>> texts_;
};

}  // namespace

absl::Status Validate(const Problem& problem) {
  for (const Setting& setting : problem.settings) {
    const auto* known = std::find_if(std::begin(kKnown), std::end(kKnown),
                                     [&](const KnownSetting& k) { return k.name == setting.name; });
    if (known != std::end(kKnown)) QALAM_RETURN_IF_ERROR(Check(setting, known->rule));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem) {
  if (!problem.architecture) {
    return absl::InvalidArgumentError("algorithm darts needs a nasConfig with graphConfig and operations");
  }
  std::uint64_t primitives = 0;
  for (const Operation& operation : problem.architecture->operations) {
    if (!operation.parameters.empty()) primitives += operation.parameters.front().values.size();
  }
  if (primitives > kMaxPrimitives) {
    return absl::InvalidArgumentError(fmt::format(
        "operations: algorithm darts takes at most {} primitives, got {}", kMaxPrimitives, primitives));
  }
  return std::make_unique<Darts>(problem);
}

}  // namespace qalam::algorithms::darts
