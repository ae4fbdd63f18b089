#include "controller/event_recorder.h"

#include <fmt/format.h>

#include <functional>

#include "api/core.h"

namespace qalam::controller {

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
  const absl::Time now = absl::FromUnixSeconds(absl::ToUnixSeconds(loop_.Now()));
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
  if (!absl::IsAlreadyExists(store_.Create(event).status())) return;

  const auto earlier = api::Get<api::Event>(store_, event.key());
  if (!earlier.ok()) return;
  api::Event again = **earlier;
  ++again.spec.count;
  again.spec.last_timestamp = now;
  store_.Update(again).IgnoreError();
}

}  // namespace qalam::controller
