#include "controller/event_recorder.h"

#include <fmt/format.h>

#include <functional>
#include <utility>
#include <vector>

#include "api/times.h"

namespace qalam::controller {
namespace {

constexpr absl::Duration kInterval = absl::Milliseconds(100);

}  // namespace

void EventRecorder::Normal(const api::Resource& about, std::string_view component, std::string_view reason,
                           std::string message) {
  Record(about, component, "Normal", reason, std::move(message));
}

void EventRecorder::Warning(const api::Resource& about, std::string_view component, std::string_view reason,
                            std::string message) {
  Record(about, component, "Warning", reason, std::move(message));
}

void EventRecorder::Record(const api::Resource& about, std::string_view component, std::string_view type,
                           std::string_view reason, std::string message) {
  const absl::Time now = api::WholeSeconds(loop_.Now());
  api::Event event;
  event.metadata.namespace_name = about.metadata.namespace_name;
  // One name per distinct event, so that a repetition finds its predecessor.
  const size_t identity = std::hash<std::string>{}(fmt::format(
      "{}/{}/{}/{}/{}", api::KindName(about.kind()), about.metadata.uid, component, reason, message));
  event.metadata.name = fmt::format("{}.{:016x}", about.metadata.name, identity);
  event.metadata.owner_references.push_back({.api_version = std::string(api::ApiVersion(about.kind())),
                                             .kind = std::string(api::KindName(about.kind())),
                                             .name = about.metadata.name,
                                             .uid = about.metadata.uid});
  event.spec = {.involved_object = {std::string(api::ApiVersion(about.kind())),
                                    std::string(api::KindName(about.kind())), about.metadata.namespace_name,
                                    about.metadata.name, about.metadata.uid},
                .type = std::string(type),
                .reason = std::string(reason),
                .message = std::move(message),
                .source_component = std::string(component),
                .first_timestamp = now,
                .last_timestamp = now};
  if (waiting_.empty()) timer_ = loop_.PostAfter(kInterval, [this] { Flush(); });
  const auto [entry, is_new] = waiting_.emplace(event.key(), event);
  if (is_new) return;
  ++entry->second.spec.count;
  entry->second.spec.last_timestamp = now;
}

EventRecorder::~EventRecorder() {
  if (waiting_.empty()) return;
  loop_.Cancel(timer_);
  Flush();
}

void EventRecorder::Flush() {
  std::vector<api::ResourcePtr> events;
  for (auto& [key, event] : std::exchange(waiting_, {})) events.push_back(event.Clone());
  const auto results = store_.CreateAll(events);
  for (size_t i = 0; i < events.size(); ++i) {
    if (!absl::IsAlreadyExists(results[i].status())) continue;
    const auto earlier = api::Get<api::Event>(store_, events[i]->key());
    if (!earlier.ok()) continue;
    const auto& event = static_cast<const api::Event&>(*events[i]);
    api::Event again = **earlier;
    again.spec.count += event.spec.count;
    again.spec.last_timestamp = event.spec.last_timestamp;
    store_.Update(again).IgnoreError();
  }
}

}  // namespace qalam::controller
