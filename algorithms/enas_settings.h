// What a user can set of ENAS.
#pragma once

#include <optional>

#include "algorithms/settings.h"

namespace qalam::algorithms {

/// Names, defaults and ranges are Katib's (there: controller_hidden_size, ...). What is optional may be None,
/// which leaves it out.
struct EnasSettings {
  int hidden_size = 64;                     // units of the LSTM; 1 to 512
  std::optional<double> temperature = 5;    // divides logits; > 0
  std::optional<double> tanh_const = 2.25;  // bound of logits; > 0
  std::optional<double> entropy_weight =
      1e-5;                                 // reward of entropy, in standard deviations of the objective; > 0
  double baseline_decay = 0.999;            // of the moving baseline, per trial; (0, 1]
  double learning_rate = 5e-5;              // (0, 1]
  double skip_target = 0.4;                 // wanted share of skip connections; (0, 1]
  std::optional<double> skip_weight = 0.8;  // penalty of another share; > 0
  int train_steps = 50;                     // for each trial of the first ones, later fewer; 1 to 10,000
};

/// INVALID_ARGUMENT for the first setting that is unknown, of the wrong type or out of range, in the user's order.
/// `seed` and `random_state` are left to SeedFrom. controller_log_every_steps is checked and has no effect.
absl::StatusOr<EnasSettings> ReadEnasSettings(const Settings& settings);

}  // namespace qalam::algorithms
