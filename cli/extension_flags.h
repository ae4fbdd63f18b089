// Flags that stand for extensions (base/extensions.h), which an Experiment holds as annotations.
#pragma once

#include <string>
#include <vector>

#include "api/experiment.h"

namespace qalam::cli {

/// The points in a text of qalam.dev/enqueue, each as it stands there.
std::vector<std::string> EnqueuedPoints(std::string_view text);

/// --try POINT, repeated: added to the points enqueued. --warm-start NAME, repeated: added to the earlier experiments. Both
/// are annotations afterwards, with what the experiment had as a setting. What is there already is not added again; what
/// they say is checked where the algorithm's settings are.
void AddExtensions(const std::vector<std::string>& tries, const std::vector<std::string>& warm_start,
                   api::Experiment& experiment);

/// The extensions of `wanted` take the place of those of `existing`, but points enqueued and earlier experiments are added to
/// what is there: points are known by their place. Whether anything has changed.
bool MergeExtensions(const api::ObjectMeta& wanted, api::Experiment& existing);

}  // namespace qalam::cli
