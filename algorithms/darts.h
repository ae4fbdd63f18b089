// Algorithm "darts".
#pragma once

#include <memory>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// Differentiable architecture search [1] happens within one training program, which learns the operations' weights and
/// its own by gradients. What is left to suggest is its configuration, the same one for every trial.
///
/// Space:       Problem::architecture. Operations with their first parameter's values are the primitives:
///              `separable_convolution` with 3 and 5 gives separable_convolution_3x3 and _5x5; `skip_connection` stays as
///              it is.
/// Proposals:   three texts, all as JSON in single quotes (quoted_json.h): `algorithm-settings`, an object of numbers
///              where a default holds and of strings where the user says something; `search-space`, a list of the
///              primitives; `num-layers`.
/// Trials:      not used.
/// Settings:    num_epochs, w_lr, w_lr_min, w_momentum, w_weight_decay, w_grad_clip, alpha_lr, alpha_weight_decay,
///              batch_size, num_workers, init_channels, print_step, num_nodes, stem_multiplier. Others pass to the program
///              as they are. The value None becomes null.
///
/// [1] Liu, Simonyan, Yang, DARTS: Differentiable Architecture Search, ICLR 2019.
namespace darts {

absl::Status Validate(const Problem& problem);
absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem);

}  // namespace darts
}  // namespace qalam::algorithms
