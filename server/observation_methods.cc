#include "server/observation_methods.h"

#include <grpcpp/grpcpp.h>

#include "db/db_manager_calls.h"
#include "proto/grpc_status.h"

namespace qalam::server {
namespace {

void Report(db::ObservationLog& log, UnaryCall& call, const CallQueue::Done& done) {
  db::ReportObservationLog(log, call.request(), call.metadata("idempotency-key").value_or(""),
                           call.facts().trial, [&call, done](const grpc::Status& status) {
                             if (status.ok()) call.reply() = db::EmptyReply();
                             done();  // first: when no call is left, the queue may go
                             call.Finish(status);
                           });
}

}  // namespace

std::vector<UnaryMethod> ObservationMethods(db::ObservationLog& log, CallQueue& reports, WorkerPool& pool) {
  const auto report = [&log, &reports](UnaryCall& call) {
    const absl::Status queued =
        reports.Submit({.abandoned = [&call] { return call.abandoned(); },
                        .start = [&log, &call](const CallQueue::Done& done) { Report(log, call, done); },
                        .drop =
                            [&call] {
                              call.Finish({grpc::StatusCode::CANCELLED, "nobody waits for the answer"});
                            }});
    if (!queued.ok()) call.Finish(ToGrpc(queued));
  };
  const auto get = [&log, &pool](UnaryCall& call) {
    pool.Run(call, 0, [&log](UnaryCall& running) {
      const auto abandoned = [&running] { return running.abandoned(); };
      return db::GetObservationLog(log, running.request(), running.reply(), abandoned, running.facts().trial);
    });
  };
  const auto remove = [&log, &pool](UnaryCall& call) {
    pool.Run(call, 0, [&log](UnaryCall& running) {
      running.reply() = db::EmptyReply();
      return db::DeleteObservationLog(log, running.request(), running.facts().trial);
    });
  };
  return {{"ReportObservationLog", report}, {"GetObservationLog", get}, {"DeleteObservationLog", remove}};
}

}  // namespace qalam::server
