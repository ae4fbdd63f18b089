#include "server/trial_reports.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>

#include "absl/time/clock.h"
#include "proto/grpc_status.h"
#include "server/bearer_tokens.h"
#include "server/grpc_listener.h"
#include "server/service_host_options.h"
#include "server/trial_access.h"
#include "server/unary_service.h"

namespace qalam::server {
namespace {

namespace wire = ::api::v1::beta1;

constexpr char kAddress[] = "127.0.0.1:0";
constexpr size_t kMaxRequest = 64 << 20;
constexpr size_t kMaxOpenBytes = 4 * kMaxRequest;
constexpr size_t kRememberedKeys = 100;

template <class Message>
absl::StatusOr<Message> Parse(const grpc::ByteBuffer& bytes) {
  Message message;
  grpc::ByteBuffer shared = bytes;
  grpc::ProtoBufferReader reader(&shared);
  if (reader.status().ok() && message.ParseFromZeroCopyStream(&reader)) return message;
  return absl::InvalidArgumentError(fmt::format("the bytes are no {}", Message::descriptor()->name()));
}

std::vector<metrics::MetricPoint> PointsOf(const wire::ObservationLog& log) {
  std::vector<metrics::MetricPoint> points;
  for (const wire::MetricLog& row : log.metric_logs()) {
    if (row.time_stamp().empty()) continue;  // nor does the log keep it
    points.push_back({row.time_stamp(), row.metric().name(), row.metric().value()});
  }
  return points;
}

// What a call says of itself besides its request.
struct Caller {
  std::optional<std::string> authorization;
  std::string report_id;
};

Caller CallerOf(const UnaryCall& call) {
  Caller caller;
  if (const auto text = call.metadata("authorization")) caller.authorization = *text;
  caller.report_id = call.metadata("idempotency-key").value_or("");
  return caller;
}

}  // namespace

// Tasks and replies hold it weakly: none runs after the end.
struct TrialReports::State : std::enable_shared_from_this<TrialReports::State> {
  using CallId = std::uint64_t;

  struct Held {
    CallId call;
    std::string report_id;
    wire::ReportObservationLogRequest request;
  };

  // A trial from its Grant on, until it is closed and idle.
  struct Launch {
    bool open = false, closed = false;
    std::vector<Held> held;
    int under_way = 0;
    std::deque<std::string> stored_ids;  // of reports; the oldest first
    std::vector<std::function<void()>> on_idle;
  };

  explicit State(Dependencies dependencies) : to(std::move(dependencies)), access(to.new_token) {}

  absl::Status Listen() {
    if (listener != nullptr) return absl::OkStatus();
    hooks.max_open_bytes = kMaxOpenBytes;
    const auto method = [this](const char* name, auto handle) {
      return UnaryMethod{name, [this, handle](UnaryCall& call) { Arrived(call, handle); }};
    };
    std::vector<UnaryMethod> methods = {
        method("ReportObservationLog", &State::Report),
        method("GetObservationLog", &State::Get),
        {"DeleteObservationLog", [](UnaryCall& call) {
           call.Finish({grpc::StatusCode::PERMISSION_DENIED,
                        "what trials have reported is deleted with the trial: qalam rm"});
         }}};
    service = NewUnaryService(FullNameOf(ServiceKind::kDb), std::move(methods), hooks);
    grpc::Service* const services[] = {service.get()};
    QALAM_ASSIGN_OR_RETURN(listener,
                           GrpcListener::Start({.address = kAddress, .max_message = kMaxRequest},
                                               grpc::InsecureServerCredentials(), services, open_calls));
    return absl::OkStatus();
  }

  // On a thread of gRPC's.
  template <class Request>
  void Arrived(UnaryCall& call, void (State::*handle)(CallId, const Caller&, Request)) {
    auto request = Parse<Request>(call.request());
    if (!request.ok()) return call.Finish(ToGrpc(request.status()));
    CallId id = 0;
    {
      const std::lock_guard lock(mutex);
      if (!closing) calls[id = ++last_call] = &call;
    }
    if (id == 0) return call.Finish({grpc::StatusCode::UNAVAILABLE, "qalam ends"});
    to.loop.Post([weak = weak_from_this(), handle, id, caller = CallerOf(call),
                  request = *std::move(request)]() mutable {
      if (const auto self = weak.lock()) ((*self).*handle)(id, caller, std::move(request));
    });
  }

  void Finish(CallId id, const absl::Status& status, const google::protobuf::MessageLite* reply = nullptr) {
    UnaryCall* call = nullptr;
    {
      const std::lock_guard lock(mutex);
      const auto node = calls.extract(id);
      if (node.empty()) return;
      call = node.mapped();
    }
    if (!status.ok()) return call->Finish(ToGrpc(status));
    bool own_buffer;
    call->Finish(grpc::SerializationTraits<google::protobuf::MessageLite>::Serialize(*reply, &call->reply(),
                                                                                     &own_buffer));
  }

  // The trial that a caller speaks for.
  absl::StatusOr<TrialIdentity> Identify(const Caller& caller, const std::string& trial_name) const {
    if (!caller.authorization) return access.ByName(trial_name);
    QALAM_ASSIGN_OR_RETURN(const std::string_view token, BearerToken(*caller.authorization));
    return access.ByToken(token);
  }

  void Report(CallId id, const Caller& caller, wire::ReportObservationLogRequest request) {
    const auto trial = Identify(caller, request.trial_name());
    if (!trial.ok()) return Finish(id, trial.status());
    request.set_trial_name(trial->uid);
    Launch& launch = launches[trial->uid];
    if (launch.open) return Store(id, caller.report_id, request);
    launch.held.push_back({id, caller.report_id, std::move(request)});
  }

  void Store(CallId id, const std::string& report_id, const wire::ReportObservationLogRequest& request) {
    const std::string& uid = request.trial_name();
    ++launches[uid].under_way;
    to.services.Observations()->Report(
        request, report_id,
        [weak = weak_from_this(), id, report_id, uid, points = PointsOf(request.observation_log())](
            absl::StatusOr<wire::ReportObservationLogReply> reply) {
          const auto self = weak.lock();
          if (self == nullptr) return;
          if (reply.ok() && self->IsNew(uid, report_id)) self->to.collection.Add(uid, points);
          self->Finish(id, reply.status(), reply.ok() ? &*reply : nullptr);
          self->Done(uid);
        });
  }

  bool IsNew(const std::string& uid, const std::string& report_id) {
    if (report_id.empty()) return true;
    std::deque<std::string>& known = launches[uid].stored_ids;
    if (std::find(known.begin(), known.end(), report_id) != known.end()) return false;
    known.push_back(report_id);
    if (known.size() > kRememberedKeys) known.pop_front();
    return true;
  }

  void Done(const std::string& uid) {
    Launch& launch = launches[uid];
    if (--launch.under_way > 0) return;
    const auto on_idle = std::exchange(launch.on_idle, {});
    if (launch.closed) launches.erase(uid);
    for (const auto& done : on_idle) done();
  }

  void Await(const std::string& uid, std::function<void()> done) {
    const auto found = launches.find(uid);
    if (found != launches.end() && found->second.under_way > 0) {
      found->second.on_idle.push_back(std::move(done));
      return;
    }
    if (found != launches.end() && found->second.closed) launches.erase(found);
    done();
  }

  void Get(CallId id, const Caller& caller, wire::GetObservationLogRequest request) {
    if (!caller.authorization) {
      return Finish(id, absl::PermissionDeniedError(
                            "reading needs the token of a trial: send QALAM_TOKEN as the metadata "
                            "\"authorization: Bearer TOKEN\""));
    }
    const auto trial = Identify(caller, request.trial_name());
    if (!trial.ok()) return Finish(id, trial.status());
    if (!request.trial_name().empty() && request.trial_name() != trial->name) {
      return Finish(id, absl::PermissionDeniedError(fmt::format(
                            "the token is of trial {}, which may read what it reported itself, but "
                            "not the log of \"{}\"",
                            trial->name, request.trial_name().substr(0, 64))));
    }
    request.set_trial_name(trial->uid);
    to.services.Observations()->Get(
        request, [weak = weak_from_this(), id](absl::StatusOr<wire::GetObservationLogReply> reply) {
          if (const auto self = weak.lock()) {
            self->Finish(id, reply.status(), reply.ok() ? &*reply : nullptr);
          }
        });
  }

  std::string Grant(const TrialIdentity& trial) {
    Launch& launch = launches[trial.uid];
    Refuse(launch);
    launch.open = launch.closed = false;
    launch.stored_ids.clear();
    return access.Grant(trial);
  }

  void Refuse(Launch& launch) {
    for (const Held& held : std::exchange(launch.held, {})) {
      Finish(held.call, absl::PermissionDeniedError("the trial was ended before this report was taken"));
    }
  }

  void Open(const std::string& uid) {
    const auto found = launches.find(uid);
    if (found == launches.end() || found->second.closed) return;
    found->second.open = true;
    for (const Held& held : std::exchange(found->second.held, {})) {
      Store(held.call, held.report_id, held.request);
    }
  }

  void Hold(const std::string& uid, std::function<void()> done) {
    if (const auto found = launches.find(uid); found != launches.end()) found->second.open = false;
    Await(uid, std::move(done));
  }

  void Close(const std::string& uid, std::function<void()> done) {
    access.Revoke(uid);
    if (const auto found = launches.find(uid); found != launches.end()) {
      found->second.closed = true;
      Refuse(found->second);
    }
    Await(uid, std::move(done));
  }

  // Nothing may be answered after this.
  void End() {
    std::map<CallId, UnaryCall*> open;
    {
      const std::lock_guard lock(mutex);
      closing = true;
      open.swap(calls);
    }
    for (const auto& [id, call] : open) call->Finish({grpc::StatusCode::UNAVAILABLE, "qalam ends"});
    listener = nullptr;
  }

  const Dependencies to;
  TrialAccess access;
  std::map<std::string, Launch> launches;  // by uid, from Grant until closed and idle
  std::mutex mutex;                        // of the next three
  std::map<CallId, UnaryCall*> calls;      // under way
  CallId last_call = 0;
  bool closing = false;
  OpenCalls open_calls;
  CallHooks hooks{.open = open_calls};
  std::unique_ptr<grpc::Service> service;
  std::unique_ptr<GrpcListener> listener;
};

TrialReports::TrialReports(Dependencies dependencies)
    : state_(std::make_shared<State>(std::move(dependencies))) {}

TrialReports::~TrialReports() { state_->End(); }

absl::StatusOr<controller::TrialReporting::Variables> TrialReports::Grant(const api::Trial& trial) {
  QALAM_RETURN_IF_ERROR(state_->Listen());
  const api::ObjectMeta& meta = trial.metadata;
  return Variables{{"QALAM_ADDR", address()},
                   {"QALAM_TOKEN", state_->Grant({meta.uid, meta.namespace_name, meta.name})},
                   {"QALAM_TLS_CA", ""}};
}

void TrialReports::Open(const std::string& trial_uid) { state_->Open(trial_uid); }
void TrialReports::Hold(const std::string& trial_uid, std::function<void()> done) {
  state_->Hold(trial_uid, std::move(done));
}
void TrialReports::Close(const std::string& trial_uid, std::function<void()> done) {
  state_->Close(trial_uid, std::move(done));
}
std::string TrialReports::address() const {
  return state_->listener == nullptr ? "" : state_->listener->address();
}

}  // namespace qalam::server
