// Algorithm "enas".
#pragma once

#include <memory>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// A recurrent network draws architectures layer by layer and learns by REINFORCE which ones are good [1].
/// Trials train their own weights: what they share in [1] is up to their program.
///
/// Space:       Problem::architecture, up to 128 layers and 4,096 choices; the network's shape is in policy_network.h.
/// Proposals:   two texts, `architecture` (ArchitectureText) and `nn_config` (NetworkConfigText).
/// Trials:      known by their `architecture`. Succeeded and early stopped ones teach by their first objective, failed ones
///              as the worst that was seen (enas_training.h). No architecture that was tried, runs or is proposed already is
///              drawn while there are others to be found.
/// Settings:    Katib's (enas_settings.h), seed, random_state.
/// Cost:        some 50 ms per new trial of four layers with the default settings. A service that has just begun learns from
///              the whole history first: some seconds for 300 trials.
/// Determinism: the controller is a function of seed, settings and the finished trials; proposal i is drawn from it by the
///              seed and i.
///
/// [1] Pham, Guan, Zoph, Le, Dean, Efficient Neural Architecture Search via Parameter Sharing, ICML 2018.
/// Departs from [1] and from Katib in how the network is taught: there it draws new architectures for every step, which
/// have weights to be tried with; here only what trials have tried has a reward.
namespace enas {

absl::Status Validate(const Problem& problem);
absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem);

}  // namespace enas
}  // namespace qalam::algorithms
