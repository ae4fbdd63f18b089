// The services over gRPC: an in-process channel by default, an address where one is configured.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/event_loop.h"
#include "controller/clients.h"

namespace grpc {
class Channel;
}

namespace qalam::controller {

std::shared_ptr<grpc::Channel> ChannelTo(
    const std::string& address);  // cleartext, "host:port" or "unix:path"

struct GrpcServiceOptions {
  std::shared_ptr<grpc::Channel> default_channel;           // serves everything that is not configured below
  std::map<std::string, std::string> suggestion_addresses;  // algorithm name -> host:port
  std::map<std::string, std::string> early_stopping_addresses;  // algorithm name -> host:port
  std::string observations_address;  // of DBManager, as the services at early_stopping_addresses reach it
  absl::Duration call_timeout = absl::Seconds(60);
};

/// Replies come on `loop`. Destroying the directory cancels the calls under way and waits for them; their handlers do
/// not run any more.
std::unique_ptr<ServiceDirectory> NewGrpcServiceDirectory(EventLoop& loop, GrpcServiceOptions options);

}  // namespace qalam::controller
