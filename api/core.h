// The two core/v1 kinds Qalam keeps beside its own: Event and ConfigMap.
#pragma once

#include <string>

#include "api/resource.h"

namespace qalam::api {

struct ObjectReference {
  std::string api_version, kind, namespace_name, name, uid;
  bool operator==(const ObjectReference&) const = default;
};

struct EventData {
  ObjectReference involved_object;
  std::string type;  // "Normal" or "Warning"
  std::string reason, message, source_component;
  absl::Time first_timestamp = absl::InfinitePast(), last_timestamp = absl::InfinitePast();
  std::int32_t count = 1;
  bool operator==(const EventData&) const = default;
};

struct NoStatus {
  bool operator==(const NoStatus&) const = default;
};

class Event final : public ResourceWithStatus<Event, Kind::kEvent> {
 public:
  EventData spec;  // on the wire these fields stand at the top level
  NoStatus status;
};

struct ConfigMapData {
  StringMap data;
  bool operator==(const ConfigMapData&) const = default;
};

class ConfigMap final : public ResourceWithStatus<ConfigMap, Kind::kConfigMap> {
 public:
  ConfigMapData spec;  // on the wire `data` stands at the top level
  NoStatus status;
};

}  // namespace qalam::api
