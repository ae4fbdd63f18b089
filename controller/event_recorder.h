// Events: what happened to a resource, for people who ask why.
#pragma once

#include <string>
#include <string_view>

#include "api/resource_store.h"
#include "base/event_loop.h"

namespace qalam::controller {

/// Writes core/v1 Events beside the resources they are about. The same event on the same resource raises its count
/// instead of making another one. Events are best effort: one that cannot be written is dropped.
class EventRecorder {
 public:
  EventRecorder(EventLoop& loop, api::ResourceStore& store) : loop_(loop), store_(store) {}

  void Normal(const api::Resource& about, std::string_view component, std::string_view reason,
              std::string message);
  void Warning(const api::Resource& about, std::string_view component, std::string_view reason,
               std::string message);

 private:
  void Record(const api::Resource& about, std::string_view component, std::string_view type,
              std::string_view reason, std::string message);

  EventLoop& loop_;
  api::ResourceStore& store_;
};

}  // namespace qalam::controller
