#include "http/server.h"

#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "http/gzip.h"
#include "tests/http/client.h"

namespace qalam::http {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

std::unique_ptr<Server> Serve(Handler handler, ServerOptions options = {}) {
  options.address = "127.0.0.1:0";
  options.threads = 2;
  return Server::Start(std::move(options), std::move(handler)).value();
}

// Says what was asked.
void Echo(const std::shared_ptr<Exchange>& exchange) {
  const Request& request = exchange->request();
  exchange->Respond({.headers = {{"Content-Type", "text/plain"}},
                     .body = fmt::format("{} {} {}", request.method, request.path, request.body)});
}

TEST(HttpServer, AnswersOneRequestAfterTheOtherOnAConnection) {
  const auto server = Serve(Echo);
  Client client(server->address());
  for (int i = 0; i < 3; ++i) {
    const Answer answer = client.Get(fmt::format("/number/{}?q", i));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, fmt::format("GET /number/{} ", i));
    EXPECT_EQ(answer.headers.at("content-type"), "text/plain");
    EXPECT_THAT(answer.headers.at("date"), testing::MatchesRegex("[A-Z][a-z]+, [0-9]+ [A-Z].* GMT"));
    EXPECT_FALSE(answer.headers.contains("connection"));
  }
  const Answer last = client.Get("/last", "Connection: close\r\n");
  EXPECT_EQ(last.headers.at("connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(HttpServer, AnswersPipelinedRequestsInTheirOrder) {
  const auto server = Serve(Echo);
  Client client(server->address());
  std::string requests;
  for (int i = 0; i < 500; ++i) {
    requests += fmt::format("POST /{} HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", i);
  }
  client.Send(requests);
  for (int i = 0; i < 500; ++i) ASSERT_EQ(client.Read().body, fmt::format("POST /{} body", i));
}

TEST(HttpServer, HandsOutTheNextRequestWhenTheOneBeforeIsAnswered) {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::shared_ptr<Exchange>> waiting;
  std::size_t handed_out = 0;
  const auto server = Serve([&](std::shared_ptr<Exchange> exchange) {
    const std::lock_guard lock(mutex);
    waiting.push_back(std::move(exchange));
    ++handed_out;
    changed.notify_all();
  });
  Client client(server->address());
  client.Send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  for (std::size_t i = 1; i <= 2; ++i) {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, milliseconds(10'000), [&] { return handed_out == i; }));
    EXPECT_EQ(handed_out, i);
    const std::shared_ptr<Exchange> exchange = std::exchange(waiting, {}).front();
    lock.unlock();
    exchange->Respond({.body = exchange->request().path});  // from a thread that is not the server's
    exchange->Respond({.status = 500});                     // the first counts
    EXPECT_EQ(client.Read().body, fmt::format("/{}", i));
  }
}

TEST(HttpServer, TellsWhoAsks) {
  Peer peer;
  const auto server = Serve([&](const std::shared_ptr<Exchange>& exchange) {
    peer = exchange->request().peer;
    exchange->Respond({});
  });
  EXPECT_EQ(Client(server->address()).Get("/").status, 200);
  EXPECT_THAT(peer.address, testing::MatchesRegex("127\\.0\\.0\\.1:[0-9]+"));
  EXPECT_TRUE(peer.loopback);
  EXPECT_FALSE(peer.tls);
  EXPECT_EQ(peer.certificate_name, "");
}

TEST(HttpServer, TakesAndGivesLargeBodies) {
  const std::string large(5'000'000, 'x');
  const auto server = Serve(Echo);
  Client client(server->address());
  const std::string head =
      fmt::format("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", large.size());
  EXPECT_EQ(client.Ask(head + large).body, "POST / " + large);
  std::string chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < large.size(); at += 100'000)
    chunked += "186A0\r\n" + large.substr(at, 100'000) + "\r\n";
  EXPECT_EQ(client.Ask(chunked + "0\r\n\r\n").body, "POST / " + large);
}

TEST(HttpServer, CompressesLargeAnswersForWhoAccepts) {
  std::string text;
  while (text.size() < 200'000) text += fmt::format("number {}, ", text.size());
  const auto server = Serve([&](const std::shared_ptr<Exchange>& exchange) {
    exchange->Respond({.body = text.substr(0, std::stoul(exchange->request().path.substr(1)))});
  });
  Client client(server->address());
  const Answer compressed = client.Get("/200000", "Accept-Encoding: br, gzip\r\n");
  EXPECT_EQ(compressed.headers.at("content-encoding"), "gzip");
  EXPECT_EQ(compressed.headers.at("vary"), "Accept-Encoding");
  EXPECT_LT(compressed.body.size(), 100'000u);
  EXPECT_EQ(Gunzip(compressed.body, 1 << 20).value(), text.substr(0, 200'000));
  const Answer plain = client.Get("/200000");
  EXPECT_FALSE(plain.headers.contains("content-encoding"));
  EXPECT_EQ(plain.headers.at("vary"), "Accept-Encoding");
  EXPECT_EQ(plain.body, text.substr(0, 200'000));
  EXPECT_FALSE(client.Get("/1024", "Accept-Encoding: gzip\r\n").headers.contains("content-encoding"));
  EXPECT_EQ(Gunzip(client.Get("/1025", "Accept-Encoding: gzip\r\n").body, 2'000).value(),
            text.substr(0, 1'025));
}

TEST(HttpServer, SendsNoBodyWhereNoneBelongs) {
  const auto server = Serve([](const std::shared_ptr<Exchange>& exchange) {
    const int status = exchange->request().path == "/" ? 200 : std::stoi(exchange->request().path.substr(1));
    exchange->Respond({.status = status, .body = "twelve bytes"});
  });
  Client client(server->address());
  client.Send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.Read(/*head_only=*/true).headers.at("content-length"), "12");
  EXPECT_FALSE(client.Get("/204").headers.contains("content-length"));
  EXPECT_EQ(client.Get("/304").status, 304);
  EXPECT_EQ(client.Get("/422").body, "twelve bytes");
}

TEST(HttpServer, LeavesEveryMethodToTheHandler) {
  const auto server = Serve(Echo);
  Client client(server->address());
  for (const char* method : {"OPTIONS", "PATCH", "DELETE", "PUT", "BREW"}) {
    EXPECT_EQ(client.Ask(fmt::format("{} /a HTTP/1.1\r\nHost: h\r\n\r\n", method)).body,
              fmt::format("{} /a ", method));
  }
}

TEST(HttpServer, SpeaksHttp10) {
  const auto server = Serve(Echo);
  Client client(server->address());
  const Answer kept = client.Ask("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(kept.body, "GET /a ");
  EXPECT_EQ(kept.headers.at("connection"), "keep-alive");
  EXPECT_EQ(client.Ask("GET /b HTTP/1.0\r\n\r\n").headers.at("connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(HttpServer, AsksForTheBodyOfWhoWaitsForContinue) {
  const auto server = Serve(Echo);
  Client client(server->address());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.Read().status, 100);
  EXPECT_EQ(client.Ask("hello").body, "POST / hello");
  const Answer refused =
      client.Ask("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 100000000\r\n\r\n");
  EXPECT_EQ(refused.status, 413);
}

TEST(HttpServer, AnswersAClientThatSaysNothingMore) {
  const auto server = Serve(Echo);
  Client client(server->address());
  client.Send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  client.SendEnd();
  EXPECT_EQ(client.Read().body, "GET /a ");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(HttpServer, Answers500ForAHandlerThatDoesNot) {
  const auto server = Serve([](const std::shared_ptr<Exchange>& exchange) {
    if (exchange->request().path == "/throw") throw std::runtime_error("secret");
    if (exchange->request().path == "/number") throw 7;
  });
  Client client(server->address());
  for (const char* path : {"/throw", "/number", "/drop"}) {
    const Answer answer = client.Get(path);
    EXPECT_EQ(answer.status, 500);
    EXPECT_THAT(answer.body, testing::Not(HasSubstr("secret")));
  }
}

TEST(HttpServer, LetsNoHeaderBeginAnother) {
  const auto server = Serve([](const std::shared_ptr<Exchange>& exchange) {
    exchange->Respond(
        {.headers = {{"Warning", "a\r\nEvil: b\nc"}, {"content-length", "7"}, {"Date", "x"}}, .body = "ok"});
  });
  const Answer answer = Client(server->address()).Get("/");
  EXPECT_EQ(answer.headers.at("warning"), "a  Evil: b c");
  EXPECT_FALSE(answer.headers.contains("evil"));
  EXPECT_EQ(answer.headers.at("content-length"), "2");
  EXPECT_EQ(answer.body, "ok");
}

TEST(HttpServer, ServesManyClientsAtOnce) {
  const auto server = Serve(Echo);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Client client(server->address());
      for (int i = 0; i < 200; ++i) {
        const std::string path = fmt::format("/{}/{}", t, i);
        ASSERT_EQ(client.Get(path).body, fmt::format("GET {} ", path));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(HttpServerStart, SaysWhatIsWrongWithTheAddress) {
  for (const char* address :
       {"", "8080", ":8080", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:http", "::1:80", "[::1]"}) {
    const auto server = Server::Start({.address = address, .threads = 1}, Echo);
    EXPECT_EQ(server.status().code(), absl::StatusCode::kInvalidArgument) << address;
    EXPECT_THAT(std::string(MessageOf(server.status())), HasSubstr("HOST:PORT"));
  }
  const auto first = Serve(Echo);
  const auto second = Server::Start({.address = first->address(), .threads = 1}, Echo);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(MessageOf(second.status())), HasSubstr(first->address()));
}

}  // namespace
}  // namespace qalam::http
