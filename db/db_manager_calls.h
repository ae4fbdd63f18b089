// The methods of api.v1.beta1.DBManager on bytes, for servers that have threads of their own.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "db/observation_log.h"

namespace grpc {
class ByteBuffer;
class Status;
}  // namespace grpc

namespace qalam::db {

/// Every rule is the log's; beyond it: a missing observation_log or an empty one is OK; an entry without `metric` is
/// INVALID_ARGUMENT and nothing of the request is stored. `idempotency_key`, the metadata entry of that name, is the
/// report's id. Returns at once, and calls `done` on any thread, or within the call. The name of the trial is in
/// `trial_name` when it returns.
void ReportObservationLog(ObservationLog& log, const grpc::ByteBuffer& request,
                          std::string_view idempotency_key, std::string& trial_name,
                          std::function<void(const grpc::Status&)> done);

/// observation_log is always present in the reply. RESOURCE_EXHAUSTED: a reply of more than 256 MiB. CANCELLED once
/// `abandoned` is true, which is asked now and then. Memory: that of the reply. `key_of`, unless empty, says under which key the
/// entries of a trial are that callers know by this name.
grpc::Status GetObservationLog(ObservationLog& log, const grpc::ByteBuffer& request, grpc::ByteBuffer& reply,
                               const std::function<bool()>& abandoned, std::string& trial_name,
                               const std::function<std::string(const std::string& name)>& key_of = {});

grpc::Status DeleteObservationLog(ObservationLog& log, const grpc::ByteBuffer& request,
                                  std::string& trial_name);

/// The reply of the methods that answer nothing.
grpc::ByteBuffer EmptyReply();

}  // namespace qalam::db
