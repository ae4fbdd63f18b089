// Programs that container images bring and this machine may not have.
#pragma once

#include <string>

#include "base/status.h"

namespace qalam::workload {

/// Writes them into `directory`, which is made when missing; what it holds under their names is replaced. It belongs at the end of PATH, so that
/// what the machine has comes first:
///
///   python     python3, under the name that scripts of Kubeflow's SDKs call
///   torchrun   starts --nproc_per_node copies (or $PET_NPROC_PER_NODE; 1) of a Python script or module (-m) on this machine, with RANK,
///              LOCAL_RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT as torch.distributed wants them; ends them all when one fails, and
///              fails with its exit code. It needs no torch.
///
/// UNAVAILABLE, with the path and the reason.
absl::Status WriteFallbackPrograms(const std::string& directory);

}  // namespace qalam::workload
