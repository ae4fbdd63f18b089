// Reads a serialised GetSuggestionsRequest without its trials, which are nearly all of it.
#pragma once

#include <google/protobuf/io/zero_copy_stream.h>

#include "base/status.h"
#include "proto/api.pb.h"

namespace qalam::suggestion {

namespace wire = ::api::v1::beta1;

struct RequestHead {
  wire::GetSuggestionsRequest request;  // all fields but the trials
  int trials = 0;                       // how many there are
};

/// Skips over the trials: some 10 us for 1,000 trials of 10 parameters, where parsing them takes
/// milliseconds. What is inside a trial is not looked at.
/// INVALID_ARGUMENT when the bytes are no such message.
absl::StatusOr<RequestHead> ReadHead(google::protobuf::io::ZeroCopyInputStream& bytes);

}  // namespace qalam::suggestion
