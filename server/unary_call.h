// One call of a unary method, as bytes, from its arrival to its answer.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace grpc {
class ByteBuffer;
class Status;
}  // namespace grpc

namespace qalam::server {

/// What is said of a call in logs; whoever reads the request fills it in before the call is finished.
struct CallFacts {
  std::string experiment, algorithm, trial;
  int trials = -1;  // in the request; < 0: it carries none
};

/// Whoever is handed a call finishes it, once, on any thread. Threads: const functions may be called from any
/// at any time until then; the others by whoever works on the call.
class UnaryCall {
 public:
  virtual ~UnaryCall() = default;

  virtual const std::string& method() const = 0;  // "/api.v1.beta1.DBManager/GetObservationLog"
  virtual const grpc::ByteBuffer& request() const = 0;
  virtual grpc::ByteBuffer& reply() = 0;

  /// A metadata entry of the caller's; the text stays until the call is finished.
  virtual std::optional<std::string_view> metadata(const char* key) const = 0;

  /// InfiniteFuture when the caller set none.
  virtual absl::Time deadline() const = 0;

  /// True once nobody waits for the answer: the caller has cancelled or is gone, or the deadline has passed.
  virtual bool abandoned() const = 0;

  /// `hook` is called, on any thread, when the call is abandoned before it is finished; at once when it is already.
  /// It must not finish the call itself.
  virtual void OnAbandoned(std::function<void()> hook) = 0;

  CallFacts& facts() { return facts_; }

  /// Sends the status, and the reply if it is OK. The call is gone afterwards.
  virtual void Finish(const grpc::Status& status) = 0;

 protected:
  CallFacts facts_;
};

/// Answers a call, in its own time.
using UnaryHandler = std::function<void(UnaryCall&)>;

}  // namespace qalam::server
