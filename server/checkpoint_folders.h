// The folders in which trials of population-based training find their checkpoints, for controllers that mount a volume.
#pragma once

#include <functional>
#include <string>

#include "base/status.h"

namespace api::v1::beta1 {
class Experiment;
class GetSuggestionsReply;
}  // namespace api::v1::beta1

namespace qalam::server {

/// Makes `<root>/<experiment>/<trial>` for every named trial of `reply`, as Katib's service does before it hands them out: a
/// full copy of the parent's folder where a label names one (algorithms/trial_labels.h), else empty. What is there already
/// is left as it is, so a call may be repeated.
///
/// Blocks as long as copying takes. NOT_FOUND: a parent has no folder. INVALID_ARGUMENT: a name that cannot be a folder's,
/// or something that cannot be copied. RESOURCE_EXHAUSTED, UNAVAILABLE: the disk. CANCELLED: as `stop_requested` says.
absl::Status MakeCheckpointFolders(const std::string& root, const ::api::v1::beta1::Experiment& experiment,
                                   const ::api::v1::beta1::GetSuggestionsReply& reply,
                                   const std::function<bool()>& stop_requested);

}  // namespace qalam::server
