// An API server over a real store, asked without a network.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "api/plain.h"
#include "apiserver/api_server.h"
#include "apiserver/failure.h"
#include "db/database.h"
#include "db/embedded_resource_store.h"
#include "tests/apiserver/fake_exchange.h"
#include "tests/db/temp_dir.h"

namespace qalam::apiserver {

class FakeAccess final : public Access {
 public:
  struct Recorded {
    RequestInfo info;
    std::string user;
    int code;
  };

  absl::StatusOr<User> Authenticate(const http::Request& request) override {
    if (request.headers.Find("Authorization") == "Bearer wrong")
      return Failure(401, "Unauthorized", "Unauthorized");
    return User{"jane", {"system:authenticated"}};
  }
  absl::Status Authorize(const User&, const RequestInfo& info) override {
    return info.namespace_name == "secret" ? Failure(403, "Forbidden", "not yours") : absl::OkStatus();
  }
  void Record(const http::Request&, const RequestInfo& info, const User* user, int code,
              absl::Duration) override {
    recorded.push_back({info, user == nullptr ? "" : user->name, code});
  }

  std::vector<Recorded> recorded;
};

class FakeLogs final : public PodLogs {
 public:
  void Send(const api::Trial& trial, const LogOptions& options,
            std::shared_ptr<http::Exchange> exchange) override {
    exchange->Respond({.body = "log of " + trial.metadata.name + (options.follow ? " as it comes" : "")});
  }
};

struct Reply {
  int code = 0;
  http::Response response;
  nlohmann::json body;  // null for text

  std::string Warnings() const { return response.headers.Joined("Warning"); }
  std::string reason() const { return body.value("reason", "none"); }
  std::string message() const { return body.value("message", ""); }
  std::string version() const { return body["metadata"]["resourceVersion"]; }
  /// "metadata.name FieldValueRequired" for each cause.
  std::vector<std::string> Causes() const {
    std::vector<std::string> causes;
    for (const auto& cause : body["details"].value("causes", nlohmann::json::array()))
      causes.push_back(cause.value("field", "") + " " + cause.value("reason", ""));
    return causes;
  }
};

class ApiWorld : public testing::Test {
 protected:
  ApiWorld() {
    CreateNamespace("default");
    CreateNamespace("team");
  }

  void CreateNamespace(const std::string& name) {
    api::Namespace object;
    object.metadata.name = name;
    ASSERT_TRUE(store_->Create(object).ok());
  }

  Reply Call(const std::string& method, const std::string& target, const std::string& body = {},
             http::Headers headers = {}) {
    const std::size_t mark = target.find('?');
    http::Request request{.method = method,
                          .target = target,
                          .path = target.substr(0, mark),
                          .query = http::Query(mark == std::string::npos ? "" : target.substr(mark + 1)),
                          .headers = std::move(headers),
                          .body = body};
    const auto exchange = std::make_shared<FakeExchange>(std::move(request));
    server_.Handle(exchange);
    Reply reply;
    if (!exchange->response().has_value()) {
      ADD_FAILURE() << method << " " << target << " was not answered";
      return reply;
    }
    reply.response = *exchange->response();
    reply.code = reply.response.status;
    reply.body = nlohmann::json::parse(reply.response.body, nullptr, /*allow_exceptions=*/false);
    if (reply.body.is_discarded()) reply.body = nullptr;
    return reply;
  }

  Reply Patch(const std::string& target, const std::string& type, const std::string& body) {
    return Call("PATCH", target, body, {{"Content-Type", type}, {"User-Agent", "tester/1.0"}});
  }
  Reply Merge(const std::string& target, const std::string& body) {
    return Patch(target, "application/merge-patch+json", body);
  }

  /// An Experiment that may be created as it is.
  static nlohmann::json Experiment(const std::string& name) {
    return nlohmann::json::parse(R"({
      "apiVersion": "kubeflow.org/v1beta1", "kind": "Experiment", "metadata": {"name": ")" +
                                 name + R"("},
      "spec": {
        "objective": {"type": "minimize", "objectiveMetricName": "loss"},
        "algorithm": {"algorithmName": "random"},
        "parallelTrialCount": 2, "maxTrialCount": 10, "maxFailedTrialCount": 3,
        "parameters": [{"name": "lr", "parameterType": "double", "feasibleSpace": {"min": "0.01", "max": "0.1"}}],
        "trialTemplate": {
          "primaryContainerName": "main",
          "trialParameters": [{"name": "lr", "reference": "lr"}],
          "trialSpec": {"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"spec": {
            "restartPolicy": "Never",
            "containers": [{"name": "main", "image": "none", "command": ["train", "--lr=${trialParameters.lr}"]}]}}}}
        }
      }})");
  }
  static nlohmann::json ConfigMap(const std::string& name, nlohmann::json data = {{"a", "1"}}) {
    return {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", name}}}, {"data", data}};
  }

  Reply Create(const std::string& name) { return Call("POST", kExperiments, Experiment(name).dump()); }

  static constexpr const char* kExperiments = "/apis/kubeflow.org/v1beta1/namespaces/default/experiments";
  static constexpr const char* kConfigMaps = "/api/v1/namespaces/default/configmaps";
  static std::string Path(const std::string& name) { return std::string(kExperiments) + "/" + name; }
  static std::string MapPath(const std::string& name) { return std::string(kConfigMaps) + "/" + name; }

  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  db::TempDir dir_;
  std::unique_ptr<db::Database> database_ = *db::Database::Open(dir_.File("q.db"));
  std::unique_ptr<db::EmbeddedResourceStore> store_ = *db::EmbeddedResourceStore::Open(
      *database_,
      {[this] { return now_; }, [engine = std::make_shared<std::mt19937_64>(1)] { return (*engine)(); }});
  FakeAccess access_;
  FakeLogs logs_;
  bool ready_ = true;
  ApiServer server_{{.store = *store_,
                     .access = access_,
                     .logs = logs_,
                     .now = [this] { return now_; },
                     .ready = [this] { return ready_; },
                     .algorithms = {"random", "tpe"},
                     .early_stopping_algorithms = {"medianstop"}}};
};

}  // namespace qalam::apiserver
