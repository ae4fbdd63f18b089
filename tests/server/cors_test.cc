#include "server/cors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace qalam::server {
namespace {

class FakeExchange final : public http::Exchange {
 public:
  FakeExchange(std::string method, http::Headers headers) {
    request_.method = std::move(method);
    request_.headers = std::move(headers);
  }
  const http::Request& request() const override { return request_; }
  void Respond(http::Response response) override { response_ = std::move(response); }
  std::shared_ptr<http::ResponseStream> Begin(http::Response head) override {
    response_ = std::move(head);
    return nullptr;
  }

  std::optional<http::Response> response_;

 private:
  http::Request request_;
};

http::Response Answer(const std::vector<std::string>& origins, std::string method, http::Headers headers,
                      bool streams = false) {
  const http::Handler handler = WithCors(origins, [streams](std::shared_ptr<http::Exchange> exchange) {
    http::Response response{.status = 200, .headers = {{"Warning", "299"}}, .body = "next"};
    if (streams) {
      exchange->Begin(std::move(response));
    } else {
      exchange->Respond(std::move(response));
    }
  });
  const auto exchange = std::make_shared<FakeExchange>(std::move(method), std::move(headers));
  handler(exchange);
  EXPECT_TRUE(exchange->response_.has_value());
  return *exchange->response_;
}

const std::vector<std::string> kOrigins = {"https://Lab.example"};

TEST(WithCors, AddsNothingForOthers) {
  for (const http::Response& answer :
       {Answer({}, "GET", {{"Origin", "https://lab.example"}}), Answer(kOrigins, "GET", {}),
        Answer(kOrigins, "GET", {{"Origin", "https://evil.example"}}),
        Answer(kOrigins, "OPTIONS",
               {{"Origin", "https://evil.example"}, {"Access-Control-Request-Method", "GET"}})}) {
    EXPECT_EQ(answer.body, "next");
    EXPECT_EQ(answer.headers.fields().size(), 1u);
  }
}

TEST(WithCors, LetsAllowedPagesRead) {
  for (const bool streams : {false, true}) {
    const http::Response answer = Answer(kOrigins, "GET", {{"Origin", "https://lab.example"}}, streams);
    EXPECT_EQ(answer.body, "next");
    EXPECT_EQ(answer.headers.Find("Access-Control-Allow-Origin"), "https://lab.example");
    EXPECT_EQ(answer.headers.Find("Vary"), "Origin");
    EXPECT_EQ(answer.headers.Find("Access-Control-Allow-Credentials"), std::nullopt);
  }
}

TEST(WithCors, AnswersPreflights) {
  const http::Response answer = Answer(
      kOrigins, "OPTIONS", {{"Origin", "https://lab.example"}, {"Access-Control-Request-Method", "PATCH"}});
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.body, "");
  EXPECT_THAT(std::string(*answer.headers.Find("Access-Control-Allow-Methods")), testing::HasSubstr("PATCH"));
  EXPECT_EQ(Answer(kOrigins, "OPTIONS", {{"Origin", "https://lab.example"}}).body, "next");
}

}  // namespace
}  // namespace qalam::server
