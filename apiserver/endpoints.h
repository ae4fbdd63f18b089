// What is answered below /api/v1 and /apis/GROUP/VERSION: verbs to functions.
#pragma once

#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "api/resource_store.h"
#include "apiserver/admission.h"
#include "apiserver/object_reader.h"
#include "apiserver/object_writer.h"
#include "apiserver/pod_logs.h"
#include "apiserver/request_info.h"
#include "apiserver/watch_service.h"
#include "http/exchange.h"

namespace qalam::apiserver {

/// Threads: Answer may be called concurrently.
class Endpoints {
 public:
  Endpoints(api::ResourceStore& store, AdmissionRules rules, PodLogs& logs, std::function<absl::Time()> now);

  /// Answers a request of whom it is known that he may make it. `info.is_resource` holds. `may`: what else he
  /// may; not called later.
  void Answer(const RequestInfo& info, std::shared_ptr<http::Exchange> exchange, const May& may);

 private:
  absl::StatusOr<http::Response> Object(const ResourceType& type, const RequestInfo& info,
                                        const http::Request& request, const May& may);
  absl::Status Watch(const ResourceType& type, const RequestInfo& info,
                     const std::shared_ptr<http::Exchange>& exchange);
  absl::Status Log(const ResourceType& type, const RequestInfo& info,
                   const std::shared_ptr<http::Exchange>& exchange);

  api::ResourceStore& store_;
  const std::function<absl::Time()> now_;
  PodLogs& logs_;
  ObjectLists lists_;
  ObjectWriter writer_;
  WatchService watches_;
};

}  // namespace qalam::apiserver
