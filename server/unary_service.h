// Puts handlers of calls behind a gRPC server, with what all calls have in common around them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "base/status.h"
#include "server/open_calls.h"
#include "server/unary_call.h"

namespace grpc {
class Service;
}

namespace qalam::server {

/// A call that has ended.
struct CallRecord {
  std::string_view method;
  int code = 0;  // of gRPC
  std::string message;
  absl::Duration duration;  // from the arrival of the request
  std::string request_id, traceparent;
  const CallFacts& facts;
};

/// What happens around every call.
struct CallHooks {
  OpenCalls& open;                   // counts calls until their answer has been sent
  size_t max_open_bytes = SIZE_MAX;  // of the requests of open calls; one more is RESOURCE_EXHAUSTED
  /// Whether the caller may call at all, by the value of the metadata "authorization", if any. Empty: everybody may.
  std::function<absl::Status(std::optional<std::string_view> authorization)> authorize;
  std::function<void(std::string_view method)> began;
  std::function<void(const CallRecord&)> ended;  // before the answer is sent
};

struct UnaryMethod {
  std::string name;  // "GetSuggestions"
  UnaryHandler answer;
};

/// Every answer carries `x-request-id` in its trailing metadata: the caller's (at most 128 visible characters), or a
/// new one; and the caller's `traceparent` (W3C Trace Context), if it has the form of one.
///
/// Handlers are called on gRPC's threads, of which there are few: they read a little and hand the work on. `hooks`
/// outlives the service, the service the server.
std::unique_ptr<grpc::Service> NewUnaryService(const std::string& name, std::vector<UnaryMethod> methods,
                                               const CallHooks& hooks);

}  // namespace qalam::server
