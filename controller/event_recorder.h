// Events: what happened to a resource, for people who ask why.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "api/core.h"
#include "api/resource_store.h"
#include "base/event_loop.h"

namespace qalam::controller {

/// Writes core/v1 Events beside the resources they are about. The same event on the same resource raises its count
/// instead of making another one. Events are written a tenth of a second's worth at a time, the last ones on
/// destruction. They are best effort: one that cannot be written is dropped.
///
/// Threads: the event loop's thread only.
class EventRecorder {
 public:
  EventRecorder(EventLoop& loop, api::ResourceStore& store) : loop_(loop), store_(store) {}
  ~EventRecorder();
  EventRecorder(const EventRecorder&) = delete;
  EventRecorder& operator=(const EventRecorder&) = delete;

  void Normal(const api::Resource& about, std::string_view component, std::string_view reason,
              std::string message);
  void Warning(const api::Resource& about, std::string_view component, std::string_view reason,
               std::string message);

 private:
  void Record(const api::Resource& about, std::string_view component, std::string_view type,
              std::string_view reason, std::string message);
  void Flush();

  EventLoop& loop_;
  api::ResourceStore& store_;
  std::map<api::ObjectKey, api::Event> waiting_;
  EventLoop::TimerId timer_{};  // while events wait
};

}  // namespace qalam::controller
