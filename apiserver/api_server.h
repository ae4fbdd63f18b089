// The Kubernetes-style API over a resource store.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/resource_store.h"
#include "apiserver/access.h"
#include "apiserver/pod_logs.h"
#include "http/exchange.h"

namespace qalam::apiserver {

/// Answers /api, /apis, /version, /openapi, /healthz, /livez, /readyz and every resource type of
/// resource_type.h as kube-apiserver does, from `store`.
///
/// Threads: Handle may be called concurrently.
class ApiServer {
 public:
  struct Dependencies {
    api::ResourceStore& store;
    Access& access;
    PodLogs& logs;
    std::function<absl::Time()> now;
    std::function<bool()> ready;                                     // GET /readyz
    std::vector<std::string> algorithms, early_stopping_algorithms;  // that an Experiment may name
  };

  explicit ApiServer(Dependencies dependencies);
  ~ApiServer();  // ends its watches

  void Handle(std::shared_ptr<http::Exchange> exchange);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qalam::apiserver
