// What the server does about clients that send too much, too slowly, or nothing at all.
#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <mutex>

#include "http/server.h"
#include "tests/http/client.h"

namespace qalam::http {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

std::unique_ptr<Server> Serve(ServerOptions options) {
  options.address = "127.0.0.1:0";
  options.threads = 2;
  return Server::Start(std::move(options),
                       [](const std::shared_ptr<Exchange>& exchange) {
                         exchange->Respond(
                             {.body = std::string(exchange->request().path == "/large" ? 15 << 20 : 2, 'x')});
                       })
      .value();
}

// Refusals are short, plain, and the connection's end.
void ExpectRefused(Client& client, int status, const std::string& why) {
  const Answer answer = client.Read();
  EXPECT_EQ(answer.status, status);
  EXPECT_THAT(answer.body, HasSubstr(why));
  EXPECT_LT(answer.body.size(), 200u);
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(HttpLimits, RefusesALargeBody) {
  const auto server = Serve({.max_body = 1'000});
  {
    Client client(server->address());
    client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n");
    ExpectRefused(client, 413, "1000 bytes");
  }
  {
    // It gets the answer although it goes on to send.
    Client client(server->address());
    client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\n");
    client.Send(std::string(10'000'000, 'x'));
    ExpectRefused(client, 413, "1000 bytes");
  }
  Client client(server->address());
  EXPECT_EQ(client.Ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + std::string(1'000, 'x'))
                .status,
            200);
}

TEST(HttpLimits, RefusesALongHeader) {
  const auto server = Serve({.max_header = 2'000});
  {
    Client client(server->address());
    client.Send("GET /" + std::string(3'000, 'a'));
    ExpectRefused(client, 431, "2000 bytes");
  }
  Client client(server->address());
  EXPECT_EQ(client.Get("/", "X: " + std::string(1'800, 'a') + "\r\n").status, 200);
  client.Send("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(2'000, 'a') + "\r\n\r\n");
  ExpectRefused(client, 431, "2000 bytes");
}

TEST(HttpLimits, RefusesWhatIsNotHttp) {
  const auto server = Serve({});
  Client client(server->address());
  client.Send(
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
      "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
  ExpectRefused(client, 400, "Transfer-Encoding");
}

TEST(HttpLimits, ClosesAConnectionThatSaysNothing) {
  const auto server = Serve({.header_time = milliseconds(50)});
  Client client(server->address());
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(HttpLimits, RefusesAHeaderThatDoesNotEnd) {
  const auto server = Serve({.header_time = milliseconds(50)});
  Client client(server->address());
  client.Send("GET / HTTP/1.1\r\nHost: h\r\n");
  ExpectRefused(client, 408, "in time");
}

TEST(HttpLimits, RefusesABodyThatDoesNotEnd) {
  const auto server = Serve({.body_time = milliseconds(50)});
  Client client(server->address());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhello");
  ExpectRefused(client, 408, "in time");
}

TEST(HttpLimits, ClosesAConnectionThatIsIdle) {
  const auto server = Serve({.idle_time = milliseconds(50)});
  Client client(server->address());
  EXPECT_EQ(client.Get("/").status, 200);
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(HttpLimits, ClosesAConnectionThatTakesNoAnswer) {
  const auto server = Serve({.max_connections = 1, .body_time = milliseconds(50)});
  Client greedy(server->address(), std::nullopt, /*receive_buffer=*/4'096);
  greedy.Send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(Client(server->address()).Get("/").status, 200);  // there is room again
  EXPECT_FALSE(greedy.Read().complete);
}

TEST(HttpLimits, LetsClientsWaitUntilThereIsRoom) {
  std::mutex mutex;
  std::vector<std::shared_ptr<Exchange>> held;
  std::atomic<int> seen = 0;
  std::promise<void> both;
  const auto server = Server::Start({.address = "127.0.0.1:0", .threads = 2, .max_connections = 2},
                                    [&](std::shared_ptr<Exchange> exchange) {
                                      const bool hold = exchange->request().path == "/hold";
                                      if (!hold) return exchange->Respond({});
                                      const std::lock_guard lock(mutex);
                                      held.push_back(std::move(exchange));
                                      if (++seen == 2) both.set_value();
                                    })
                          .value();
  Client first(server->address());
  Client second(server->address());
  first.Send("GET /hold HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  second.Send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
  both.get_future().wait();
  Client third(server->address());
  auto answer = std::async(std::launch::async, [&] { return third.Get("/").status; });
  EXPECT_EQ(answer.wait_for(milliseconds(100)), std::future_status::timeout);
  {
    const std::lock_guard lock(mutex);
    for (const auto& exchange : std::exchange(held, {})) exchange->Respond({});
  }
  EXPECT_EQ(first.Read().status, 200);
  EXPECT_EQ(first.ReadToEnd(), "");
  first.Reset();
  EXPECT_EQ(answer.get(), 200);
}

}  // namespace
}  // namespace qalam::http
