// gRPC server reflection: what tools like grpcurl need to call services whose proto file they do not have.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/open_calls.h"

namespace grpc {
class Service;
}

namespace qalam::server {

/// Answers v1alpha and v1 of the protocol, which differ in name only, from the descriptors that are compiled in.
/// Streams need no thread of their own and answer everybody: all of it is public.
///
/// Threads: any. Outlives the server that it is registered with.
class ReflectionService {
 public:
  /// `services`: what is listed, by full name.
  /// `open` counts the streams, and outlives the service.
  ReflectionService(std::vector<std::string> services, OpenCalls& open);
  ~ReflectionService();

  grpc::Service& service();

  /// Ends the streams there are and will be, which clients otherwise may keep open for ever.
  void Drain();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qalam::server
