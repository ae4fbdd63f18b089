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

// Katib's wire has no namespaces, so a name may stand for several trials: then for none of ours.
std::string KeyOf(const api::ResourceStore& store, const std::string& trial_name) {
  const absl::StatusOr<api::ResourceList> namespaces = store.List(api::Kind::kNamespace, "");
  std::string key;
  for (const api::ResourcePtr& name_space :
       namespaces.ok() ? namespaces->items : std::vector<api::ResourcePtr>()) {
    const auto trial = store.Get(api::Kind::kTrial, {name_space->metadata.name, trial_name});
    if (!trial.ok()) continue;
    if (!key.empty()) return trial_name;
    key = (*trial)->metadata.uid;
  }
  return key.empty() ? trial_name : key;
}

}  // namespace

std::vector<UnaryMethod> ObservationMethods(db::ObservationLog& log, const api::ResourceStore& store,
                                            CallQueue& reports, WorkerPool& pool) {
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
  const auto get = [&log, &store, &pool](UnaryCall& call) {
    pool.Run(call, 0, [&log, &store](UnaryCall& running) {
      const auto abandoned = [&running] { return running.abandoned(); };
      const auto key_of = [&store](const std::string& trial_name) { return KeyOf(store, trial_name); };
      return db::GetObservationLog(log, running.request(), running.reply(), abandoned, running.facts().trial,
                                   key_of);
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
