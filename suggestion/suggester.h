// The Suggestion service without its transport: wire messages in, wire messages out.
#pragma once

#include <google/protobuf/io/zero_copy_stream.h>

#include <functional>
#include <memory>

#include "base/status.h"
#include "proto/api.pb.h"
#include "suggestion/request_head.h"

namespace qalam::suggestion {

namespace wire = ::api::v1::beta1;

/// Opens the bytes of a serialised request for reading, from their beginning each time.
using OpenBytes = std::function<std::unique_ptr<google::protobuf::io::ZeroCopyInputStream>()>;

/// Answers exactly current_request_number points; none for a number <= 0. `stop_requested` (may be empty) is
/// polled during long computations. A pure function of the request. Threads: any.
/// From bytes, the trials are decoded only if the algorithm uses them.
///
/// INVALID_ARGUMENT: bytes that are no request; unknown algorithm name; parameters or settings with which
///                   nothing can be suggested; more than a million values asked at once.
/// OUT_OF_RANGE:     "SpaceExhausted: ...", "EndRuleMet: ...".
/// CANCELLED:        stop_requested returned true.
absl::StatusOr<wire::GetSuggestionsReply> GetSuggestions(const wire::GetSuggestionsRequest& request,
                                                         const std::function<bool()>& stop_requested = {});

absl::StatusOr<wire::GetSuggestionsReply> GetSuggestions(const OpenBytes& request,
                                                         const std::function<bool()>& stop_requested = {});

/// Likewise, with the head of the request read already.
absl::StatusOr<wire::GetSuggestionsReply> GetSuggestions(const RequestHead& head, const OpenBytes& request,
                                                         const std::function<bool()>& stop_requested = {});

/// INVALID_ARGUMENT with the texts that clients know, see the registry's validators.
absl::Status ValidateAlgorithmSettings(const wire::Experiment& experiment);

}  // namespace qalam::suggestion
