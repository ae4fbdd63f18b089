#include "apiserver/api_server.h"

#include "api/codec.h"
#include "apiserver/access_reviews.h"
#include "apiserver/discovery.h"
#include "apiserver/endpoints.h"
#include "apiserver/failure.h"
#include "apiserver/health.h"
#include "apiserver/openapi.h"
#include "apiserver/responses.h"

namespace qalam::apiserver {
namespace {

/// An exchange that is recorded when it is answered, or when its stream begins.
class RecordedExchange final : public http::Exchange {
 public:
  RecordedExchange(std::shared_ptr<http::Exchange> to, RequestInfo info, Access& access,
                   const std::function<absl::Time()>& now)
      : to_(std::move(to)), info_(std::move(info)), access_(access), now_(now), begun_(now()) {}

  void SetUser(User user) { user_ = std::move(user); }
  const RequestInfo& info() const { return info_; }

  const http::Request& request() const override { return to_->request(); }
  void Respond(http::Response response) override {
    Record(response.status);
    if (request().query.Flag("pretty") &&
        response.headers.Find("Content-Type").value_or("").starts_with("application/json")) {
      response.body = api::IndentJson(response.body);
    }
    to_->Respond(std::move(response));
  }
  std::shared_ptr<http::ResponseStream> Begin(http::Response head) override {
    Record(head.status);
    return to_->Begin(std::move(head));
  }

 private:
  void Record(int code) {
    access_.Record(request(), info_, user_ ? &*user_ : nullptr, code, now_() - begun_);
  }

  const std::shared_ptr<http::Exchange> to_;
  const RequestInfo info_;
  Access& access_;
  const std::function<absl::Time()> now_;
  const absl::Time begun_;
  std::optional<User> user_;
};

}  // namespace

struct ApiServer::State {
  Dependencies dependencies;
  Endpoints endpoints;

  explicit State(Dependencies d)
      : dependencies(std::move(d)),
        endpoints(dependencies.store,
                  {dependencies.store, dependencies.algorithms, dependencies.early_stopping_algorithms},
                  dependencies.logs, dependencies.now) {}

  std::optional<http::Response> AnswerOther(const http::Request& request) const {
    if (auto response = AnswerHealth(request, dependencies.ready)) return response;
    if (auto response = AnswerDiscovery(request)) return response;
    return AnswerOpenApi(request);
  }
};

ApiServer::ApiServer(Dependencies dependencies) : state_(std::make_unique<State>(std::move(dependencies))) {}
ApiServer::~ApiServer() = default;

void ApiServer::Handle(std::shared_ptr<http::Exchange> to) {
  Access& access = state_->dependencies.access;
  const auto exchange = std::make_shared<RecordedExchange>(to, ReadRequestInfo(to->request()), access,
                                                           state_->dependencies.now);
  const http::Request& request = exchange->request();
  absl::StatusOr<User> user = access.Authenticate(request);
  if (!user.ok()) return exchange->Respond(ToResponse(user.status()));
  exchange->SetUser(*user);
  if (auto response = AnswerReview(request, *user, access)) return exchange->Respond(*std::move(response));
  const RequestInfo& info = exchange->info();
  if (const absl::Status allowed = access.Authorize(*user, info); !allowed.ok())
    return exchange->Respond(ToResponse(allowed));
  if (info.is_resource) {
    return state_->endpoints.Answer(info, exchange,
                                    [&](const RequestInfo& other) { return access.Authorize(*user, other); });
  }
  exchange->Respond(state_->AnswerOther(request).value_or(PageNotFound()));
}

}  // namespace qalam::apiserver
