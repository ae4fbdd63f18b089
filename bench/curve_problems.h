// Learning curves whose truth is known: power laws, in three degrees of difficulty for those who stop early.
#pragma once

#include <vector>

#include "bench/problem.h"

namespace qalam::bench {

/// Five mixed parameters of a training program and 27 epochs; the loss comes down from its start to `final` as a power of
/// the epoch, t^-r. The best loss, 0.05, is that of the optimum after the last epoch.
///
///   curve-parallel  every configuration has the same start and the same r: what is better at the end is so all along
///   curve-crossing  r grows with the learning rate and shrinks with the width: many of the good ones begin slowly, and curves cross
///   curve-noisy     the same with noise on the way, |Z| times 0.1, that fades towards the last epoch; Z is a standard normal number of the
///                   configuration and the epoch, so that a configuration always reports the same
std::vector<Problem> CurveProblems();

}  // namespace qalam::bench
