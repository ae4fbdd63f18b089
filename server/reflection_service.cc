#include "server/reflection_service.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>

#include <mutex>
#include <set>
#include <unordered_set>
#include <utility>

#include "proto/reflection.grpc.pb.h"

namespace qalam::server {
namespace {

namespace reflection = ::grpc::reflection::v1alpha;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using Request = reflection::ServerReflectionRequest;
using Response = reflection::ServerReflectionResponse;

void AddWithImports(const FileDescriptor& file, std::set<const FileDescriptor*>& added,
                    reflection::FileDescriptorResponse& response) {
  if (!added.insert(&file).second) return;
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  response.add_file_descriptor_proto(proto.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) AddWithImports(*file.dependency(i), added, response);
}

void AnswerFile(const FileDescriptor* file, const std::string& wanted, Response& response) {
  if (file == nullptr) {
    reflection::ErrorResponse& error = *response.mutable_error_response();
    error.set_error_code(grpc::StatusCode::NOT_FOUND);
    error.set_error_message(fmt::format("nothing is known of \"{}\"", wanted.substr(0, 200)));
    return;
  }
  std::set<const FileDescriptor*> added;
  AddWithImports(*file, added, *response.mutable_file_descriptor_response());
}

void Answer(const Request& request, const std::vector<std::string>& services, Response& response) {
  const DescriptorPool& pool = *DescriptorPool::generated_pool();
  response.Clear();
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case Request::kListServices:
      for (const std::string& name : services) {
        response.mutable_list_services_response()->add_service()->set_name(name);
      }
      break;
    case Request::kFileByFilename:
      AnswerFile(pool.FindFileByName(request.file_by_filename()), request.file_by_filename(), response);
      break;
    case Request::kFileContainingSymbol:
      AnswerFile(pool.FindFileContainingSymbol(request.file_containing_symbol()),
                 request.file_containing_symbol(), response);
      break;
    case Request::kFileContainingExtension:  // the contracts have none
      AnswerFile(nullptr, request.file_containing_extension().containing_type(), response);
      break;
    case Request::kAllExtensionNumbersOfType: {
      const std::string& type = request.all_extension_numbers_of_type();
      if (pool.FindMessageTypeByName(type) == nullptr) {
        AnswerFile(nullptr, type, response);
      } else {
        response.mutable_all_extension_numbers_response()->set_base_type_name(type);
      }
      break;
    }
    case Request::MESSAGE_REQUEST_NOT_SET:
      response.mutable_error_response()->set_error_code(grpc::StatusCode::INVALID_ARGUMENT);
      response.mutable_error_response()->set_error_message("the request asks for nothing");
      break;
  }
}

class Stream final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  Stream(const std::vector<std::string>& services, std::function<void(Stream*)> gone)
      : services_(services), gone_(std::move(gone)) {
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    if (!ok) return End(grpc::Status::OK);
    Answer(request_, services_, response_);
    if (!ended_) StartWrite(&response_);
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    if (!ok) return End({grpc::StatusCode::CANCELLED, "the client is gone"});
    if (!ended_) StartRead(&request_);
  }

  void OnCancel() override { Close({grpc::StatusCode::CANCELLED, "cancelled"}); }

  void Close(const grpc::Status& status) {
    const std::lock_guard lock(mutex_);
    End(status);
  }

  void OnDone() override {
    gone_(this);
    delete this;
  }

 private:
  void End(const grpc::Status& status) {
    if (!std::exchange(ended_, true)) Finish(status);
  }

  const std::vector<std::string>& services_;
  const std::function<void(Stream*)> gone_;
  std::mutex mutex_;
  bool ended_ = false;
  Request request_;
  Response response_;
};

const grpc::Status kShuttingDown(grpc::StatusCode::UNAVAILABLE, "shutting down");

}  // namespace

class ReflectionService::Impl final : public grpc::Service {
 public:
  Impl(std::vector<std::string> services, OpenCalls& open) : services_(std::move(services)), open_(open) {
    int index = 0;
    for (const char* path : {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                             "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"}) {
      AddMethod(
          new grpc::internal::RpcServiceMethod(path, grpc::internal::RpcMethod::BIDI_STREAMING, nullptr));
      MarkMethodCallback(index++, new grpc::internal::CallbackBidiHandler<Request, Response>(
                                      [this](grpc::CallbackServerContext*) { return Open(); }));
    }
  }

  void Drain() {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    for (Stream* stream : streams_) stream->Close(kShuttingDown);
  }

 private:
  grpc::ServerBidiReactor<Request, Response>* Open() {
    const std::lock_guard lock(mutex_);
    auto* const stream = new Stream(services_, [this](Stream* gone) {
      const std::lock_guard relock(mutex_);
      streams_.erase(gone);
      open_.Remove();
    });
    streams_.insert(stream);
    open_.Add();
    if (draining_) stream->Close(kShuttingDown);
    return stream;
  }

  const std::vector<std::string> services_;
  OpenCalls& open_;
  std::mutex mutex_;
  bool draining_ = false;
  std::unordered_set<Stream*> streams_;
};

ReflectionService::ReflectionService(std::vector<std::string> services, OpenCalls& open)
    : impl_(std::make_unique<Impl>(std::move(services), open)) {}
ReflectionService::~ReflectionService() = default;

grpc::Service& ReflectionService::service() { return *impl_; }
void ReflectionService::Drain() { impl_->Drain(); }

}  // namespace qalam::server
