// The methods of api.v1.beta1.Suggestion on worker threads.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "server/unary_service.h"
#include "server/worker_pool.h"

namespace qalam::server {

/// What the suggestion room answers, here, where there are many callers: calls of one experiment are computed one
/// after another, those of others beside them; what may compute for long runs in `heavy`, all else in `light`, so
/// that no light call waits for a heavy one.
///
/// An experiment is told apart by its name, parameters, objective and algorithm; others of its name that agree in all
/// that are only serialised with it.
///
/// Where `checkpoints` is not empty, it is the directory of the folders of checkpoint_folders.h, which are made before an answer
/// of the algorithm pbt goes out.
///
/// `algorithms` restricts which there are; empty: all. The pools outlive the methods.
std::vector<UnaryMethod> SuggestionMethods(WorkerPool& light, WorkerPool& heavy,
                                           std::set<std::string> algorithms, std::string checkpoints);

}  // namespace qalam::server
