// The gRPC services of this room, ready to be registered with a server.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/status.h"
#include "suggestion/curve_source.h"

namespace grpc {
class Service;
}

namespace qalam::suggestion {

/// api.v1.beta1.Suggestion: every algorithm of the registry, any number of experiments at once, no state:
/// copies of it answer alike, and a restart changes nothing. See suggester.h for what is answered and which
/// codes mean what.
///
/// Threads: calls run concurrently on the server's threads. The service must outlive the server.
/// Callers include <grpcpp/impl/codegen/service_type.h> (or grpcpp.h) to destroy it.
std::unique_ptr<grpc::Service> NewSuggestionService();

/// Marks a running trial as early stopped. NOT_FOUND for a name that is not known. Called on the server's
/// threads.
using StopTrial = std::function<absl::Status(const std::string& trial_name)>;

/// api.v1.beta1.EarlyStopping: validates the settings of registered rules (INVALID_ARGUMENT "unknown
/// algorithm name X" for others), derives rules from the curves that `read_curves` finds (see
/// stopping_rules.h), within the caller's deadline or a minute, and hands the trials that a collector has stopped to
/// `stop_trial`, whose error is the reply.
///
/// Threads and life: as above. No state either; calls block while DBManager is asked.
std::unique_ptr<grpc::Service> NewEarlyStoppingService(StopTrial stop_trial, ReadCurves read_curves);

}  // namespace qalam::suggestion
