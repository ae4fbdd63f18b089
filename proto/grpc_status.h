// Errors on their way to the wire.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace qalam {

/// The same code (absl's are gRPC's) and message. Messages above 2,000 bytes are cut at a character: they
/// travel as metadata, and more than 8 KiB of those make the call fail with another error.
grpc::Status ToGrpc(const absl::Status& status);

}  // namespace qalam
