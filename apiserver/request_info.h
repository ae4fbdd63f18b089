// What a request asks for, as authorisation, audit and routing see it.
#pragma once

#include <string>

#include "base/status.h"
#include "http/message.h"

namespace qalam::apiserver {

struct RequestInfo {
  bool is_resource = false;  // below /api/v1 or /apis/GROUP/VERSION and naming a resource
  /// get, list, watch, create, update, patch, delete, deletecollection; for other paths the method in lower
  /// case.
  std::string verb;
  std::string group, version;
  std::string namespace_name;  // empty: all, or none
  std::string resource;        // plural
  std::string name;            // empty: the collection
  std::string subresource;     // "status", "log"
  std::string path;

  bool operator==(const RequestInfo&) const = default;
};

/// By method, path and the query parameters watch and fieldSelector alone; whether there is such a resource
/// is not looked at. A watch or list with fieldSelector=metadata.name=NAME has that name, so that who may
/// read one object may wait for it.
RequestInfo ReadRequestInfo(const http::Request& request);

}  // namespace qalam::apiserver
