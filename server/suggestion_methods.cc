#include "server/suggestion_methods.h"

#include <fmt/format.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <functional>
#include <memory>

#include "algorithms/registry.h"
#include "proto/grpc_status.h"
#include "server/checkpoint_folders.h"
#include "suggestion/suggester.h"

namespace qalam::server {
namespace {

namespace wire = ::api::v1::beta1;

// A reader wants its buffer not const; copying it shares the bytes.
struct SharedBytes {
  grpc::ByteBuffer bytes;
};
struct Reader final : private SharedBytes, public grpc::ProtoBufferReader {
  explicit Reader(const grpc::ByteBuffer& shared) : SharedBytes{shared}, grpc::ProtoBufferReader(&bytes) {}
};

suggestion::OpenBytes BytesOf(const UnaryCall& call) {
  return [&call] { return std::make_unique<Reader>(call.request()); };
}

grpc::Status Write(const google::protobuf::MessageLite& message, grpc::ByteBuffer& bytes) {
  bool own_buffer;
  return grpc::SerializationTraits<google::protobuf::MessageLite>::Serialize(message, &bytes, &own_buffer);
}

// Settings are left out: some algorithms grow them from call to call.
std::uint64_t KeyOf(const wire::Experiment& experiment) {
  const wire::ExperimentSpec& spec = experiment.spec();
  const std::string identity = fmt::format(
      "{}\n{}\n{}\n{}", experiment.name(), spec.algorithm().algorithm_name(),
      spec.parameter_specs().SerializePartialAsString(), spec.objective().SerializePartialAsString());
  return std::max<std::uint64_t>(1, std::hash<std::string>()(identity));
}

class Methods {
 public:
  Methods(WorkerPool& light, WorkerPool& heavy, std::set<std::string> algorithms, std::string checkpoints)
      : light_(light),
        heavy_(heavy),
        algorithms_(std::move(algorithms)),
        checkpoints_(std::move(checkpoints)) {}

  void GetSuggestions(UnaryCall& call) const {
    auto head = suggestion::ReadHead(*BytesOf(call)());
    if (!head.ok()) return call.Finish(ToGrpc(head.status()));
    const wire::Experiment& experiment = head->request.experiment();
    Describe(experiment, call.facts());
    call.facts().trials = head->trials;
    const auto info = Find(experiment);
    if (!info.ok()) return call.Finish(ToGrpc(info.status()));
    const std::uint64_t key = KeyOf(experiment);
    const auto shared = std::make_shared<suggestion::RequestHead>(*std::move(head));
    const bool copies = (*info)->name == "pbt" && !checkpoints_.empty();  // which takes a disk's time
    const std::string checkpoints = copies ? checkpoints_ : std::string();
    ((*info)->fits_model || copies ? heavy_ : light_)
        .Run(call, key, [shared, checkpoints](UnaryCall& current) {
          const auto abandoned = [&current] { return current.abandoned(); };
          const auto reply = suggestion::GetSuggestions(*shared, BytesOf(current), abandoned);
          if (!reply.ok()) return ToGrpc(reply.status());
          if (!checkpoints.empty()) {
            const absl::Status made =
                MakeCheckpointFolders(checkpoints, shared->request.experiment(), *reply, abandoned);
            if (!made.ok()) return ToGrpc(made);
          }
          return Write(*reply, current.reply());
        });
  }

  void ValidateAlgorithmSettings(UnaryCall& call) const {
    auto request = std::make_shared<wire::ValidateAlgorithmSettingsRequest>();
    if (!request->ParseFromZeroCopyStream(BytesOf(call)().get())) {
      return call.Finish(
          {grpc::StatusCode::INVALID_ARGUMENT, "the bytes are no ValidateAlgorithmSettingsRequest"});
    }
    Describe(request->experiment(), call.facts());
    const auto info = Find(request->experiment());
    if (!info.ok()) return call.Finish(ToGrpc(info.status()));
    light_.Run(call, /*key=*/0, [request](UnaryCall& current) {
      const absl::Status verdict = suggestion::ValidateAlgorithmSettings(request->experiment());
      return verdict.ok() ? Write(wire::ValidateAlgorithmSettingsReply(), current.reply()) : ToGrpc(verdict);
    });
  }

 private:
  static void Describe(const wire::Experiment& experiment, CallFacts& facts) {
    facts.experiment = experiment.name();
    facts.algorithm = experiment.spec().algorithm().algorithm_name();
  }

  absl::StatusOr<const algorithms::AlgorithmInfo*> Find(const wire::Experiment& experiment) const {
    const std::string& name = experiment.spec().algorithm().algorithm_name();
    if (algorithms_.empty() || algorithms_.count(name) > 0) return algorithms::FindAlgorithm(name);
    return absl::InvalidArgumentError(fmt::format("unknown algorithm name {}", name));
  }

  WorkerPool& light_;
  WorkerPool& heavy_;
  const std::set<std::string> algorithms_;
  const std::string checkpoints_;
};

}  // namespace

std::vector<UnaryMethod> SuggestionMethods(WorkerPool& light, WorkerPool& heavy,
                                           std::set<std::string> algorithms, std::string checkpoints) {
  const auto methods = std::make_shared<Methods>(light, heavy, std::move(algorithms), std::move(checkpoints));
  return {{"GetSuggestions", [methods](UnaryCall& call) { methods->GetSuggestions(call); }},
          {"ValidateAlgorithmSettings",
           [methods](UnaryCall& call) { methods->ValidateAlgorithmSettings(call); }}};
}

}  // namespace qalam::server
