#include "server/cors.h"

#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"

namespace qalam::server {
namespace {

std::string Lower(std::string_view text) { return absl::AsciiStrToLower({text.data(), text.size()}); }

void AddOrigin(const std::string& origin, http::Headers& headers) {
  headers.Add("Access-Control-Allow-Origin", origin);
  headers.Add("Access-Control-Expose-Headers", "Warning");
  headers.Add("Vary", "Origin");  // a cache must not give the answer to another page
}

class CorsExchange final : public http::Exchange {
 public:
  CorsExchange(std::shared_ptr<http::Exchange> inner, std::string origin)
      : inner_(std::move(inner)), origin_(std::move(origin)) {}

  const http::Request& request() const override { return inner_->request(); }
  void Respond(http::Response response) override {
    AddOrigin(origin_, response.headers);
    inner_->Respond(std::move(response));
  }
  std::shared_ptr<http::ResponseStream> Begin(http::Response head) override {
    AddOrigin(origin_, head.headers);
    return inner_->Begin(std::move(head));
  }

 private:
  const std::shared_ptr<http::Exchange> inner_;
  const std::string origin_;
};

http::Response PreflightAnswer(const std::string& origin) {
  http::Response answer{.status = 204, .headers = {}, .body = {}};
  AddOrigin(origin, answer.headers);
  answer.headers.Add("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE");
  answer.headers.Add("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type");
  answer.headers.Add("Access-Control-Max-Age", "600");
  return answer;
}

}  // namespace

http::Handler WithCors(const std::vector<std::string>& origins, http::Handler next) {
  if (origins.empty()) return next;
  std::set<std::string> allowed;
  for (const std::string& origin : origins) allowed.insert(Lower(origin));
  return [allowed = std::move(allowed), next = std::move(next)](std::shared_ptr<http::Exchange> exchange) {
    const http::Request& request = exchange->request();
    const std::string origin(request.headers.Find("Origin").value_or(""));
    if (allowed.count(Lower(origin)) == 0) return next(std::move(exchange));
    // A preflight carries no token: it is the browser that asks, not the page.
    if (request.method == "OPTIONS" && request.headers.Find("Access-Control-Request-Method")) {
      return exchange->Respond(PreflightAnswer(origin));
    }
    next(std::make_shared<CorsExchange>(std::move(exchange), origin));
  };
}

}  // namespace qalam::server
