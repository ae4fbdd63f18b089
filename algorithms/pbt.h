// Algorithm "pbt".
#pragma once

#include <memory>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// Population-based training [1] in the form of Katib's service: trials come in generations, and a trial of a later one
/// goes on from the checkpoint of one of the generation before (label kPbtParentLabel), with parameters that were changed
/// a little. The controller copies the checkpoint; the parameters are a schedule by the time training ends.
///
/// Generations. Generation 0 is drawn from the declared distributions. As soon as a generation has n_population results,
/// the next one is made from all of its results that are known, best first:
///   explore  the best n - floor(n * truncation_threshold) go on from their own checkpoints, with each parameter
///            perturbed: numbers times 0.8 or 1.2, within their bounds and on their grid, at least one step of it; list
///            entries one place left or right, around the ends. With a resample_probability each parameter is drawn anew
///            with that probability instead, else kept;
///   exploit  the places of the others go to random ones of the best max(1, floor(results * truncation_threshold)),
///            with their checkpoints and their parameters as they are.
/// Asked for more than n_population before the results are there, it adds to the generation: drawn points, or later
/// explorations of the best; so parallel trials never wait, and what is added competes for the next generation.
///
/// Space:       every type, distribution and step.
/// Trials:      a trial is known by its name, <experiment>-g<generation>-n<number>[-p<number of the parent>], of at most
///              63 characters, or by its labels where the caller has named it otherwise; others are ignored. Failed,
///              killed and unmeasured members are tried again, twice at most, with the same parameters and parent;
///              infeasible ones never. Early-stopped trials count with their last value.
/// Settings:    suggestion_trial_dir (the caller's), n_population >= 5 and truncation_threshold in [0, 1] are required,
///              resample_probability in [0, 1]; seed, random_state. Others are ignored, as by Katib's service.
/// Cost:        O(trials log trials) per call and O(trials of a generation) per point.
/// Determinism: point i is a function of (space, settings, history, seed, i).
///
/// [1] Jaderberg et al., Population Based Training of Neural Networks, arXiv:1711.09846, 2017.
namespace pbt {

absl::Status Validate(const Problem& problem);

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem);

}  // namespace pbt
}  // namespace qalam::algorithms
