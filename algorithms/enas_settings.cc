#include "algorithms/enas_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace qalam::algorithms {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct WholeSetting {
  std::string_view name;
  int most;
  int EnasSettings::*field;
};

struct RealSetting {
  std::string_view name;
  double most;
  double EnasSettings::*field = nullptr;  // or, if it may be None:
  std::optional<double> EnasSettings::*optional = nullptr;
};

// Above these sizes a call would take minutes.
constexpr int kMaxHiddenSize = 512, kMaxTrainSteps = 10'000;

constexpr WholeSetting kWhole[] = {
    {"controller_hidden_size", kMaxHiddenSize, &EnasSettings::hidden_size},
    {"controller_train_steps", kMaxTrainSteps, &EnasSettings::train_steps},
    {"controller_log_every_steps", std::numeric_limits<int>::max(), nullptr},
};

constexpr RealSetting kReal[] = {
    {"controller_temperature", kInfinity, nullptr, &EnasSettings::temperature},
    {"controller_tanh_const", kInfinity, nullptr, &EnasSettings::tanh_const},
    {"controller_entropy_weight", kInfinity, nullptr, &EnasSettings::entropy_weight},
    {"controller_baseline_decay", 1, &EnasSettings::baseline_decay},
    {"controller_learning_rate", 1, &EnasSettings::learning_rate},
    {"controller_skip_target", 1, &EnasSettings::skip_target},
    {"controller_skip_weight", kInfinity, nullptr, &EnasSettings::skip_weight},
};

absl::Status OutOfRange(const Setting& setting, std::string_view type, std::string_view range) {
  return absl::InvalidArgumentError(fmt::format("Algorithm Setting {}: {} with {} type must be in range {}",
                                                setting.name, setting.value, type, range));
}

absl::Status Read(const Setting& setting, const WholeSetting& known, EnasSettings& settings) {
  QALAM_ASSIGN_OR_RETURN(const std::optional<std::int64_t> value, IntSetting({setting}, setting.name));
  if (*value < 1 || *value > known.most) {
    return OutOfRange(setting, "int", known.field ? fmt::format("[1, {}]", known.most) : "[1, inf)");
  }
  if (known.field) settings.*known.field = static_cast<int>(*value);
  return absl::OkStatus();
}

absl::Status Read(const Setting& setting, const RealSetting& known, EnasSettings& settings) {
  if (known.optional && setting.value == "None") {
    settings.*known.optional = std::nullopt;
    return absl::OkStatus();
  }
  QALAM_ASSIGN_OR_RETURN(const std::optional<double> value, DoubleSetting({setting}, setting.name));
  if (!(*value > 0 && *value <= known.most)) {
    return OutOfRange(setting, "float", known.most == 1 ? "(0, 1]" : "(0, inf)");
  }
  if (known.optional) {
    settings.*known.optional = *value;
  } else {
    settings.*known.field = *value;
  }
  return absl::OkStatus();
}

absl::Status Read(const Setting& setting, EnasSettings& settings) {
  for (const WholeSetting& known : kWhole) {
    if (known.name == setting.name) return Read(setting, known, settings);
  }
  for (const RealSetting& known : kReal) {
    if (known.name == setting.name) return Read(setting, known, settings);
  }
  if (setting.name == "seed" || setting.name == "random_state") return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("unknown setting {} for algorithm enas", setting.name));
}

}  // namespace

absl::StatusOr<EnasSettings> ReadEnasSettings(const Settings& settings) {
  EnasSettings read;
  for (const Setting& setting : settings) QALAM_RETURN_IF_ERROR(Read(setting, read));
  return read;
}

}  // namespace qalam::algorithms
