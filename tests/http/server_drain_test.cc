#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <thread>

#include "http/server.h"
#include "tests/http/client.h"

namespace qalam::http {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong(10'000);

// The test answers what it likes, when it likes.
class HttpDrain : public testing::Test {
 protected:
  HttpDrain() {
    server_ =
        Server::Start({.address = "127.0.0.1:0", .threads = 2}, [this](std::shared_ptr<Exchange> exchange) {
          asked_.set_value(std::move(exchange));
        }).value();
  }

  std::shared_ptr<Exchange> Ask(Client& client) {
    asked_ = {};
    client.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    return asked_.get_future().get();
  }

  std::promise<std::shared_ptr<Exchange>> asked_;
  std::unique_ptr<Server> server_;
};

TEST_F(HttpDrain, ClosesIdleConnectionsAtOnce) {
  Client fresh(server_->address());
  Client used(server_->address());
  Ask(used)->Respond({});
  EXPECT_EQ(used.Read().status, 200);
  server_->Drain(kLong);
  EXPECT_EQ(fresh.ReadToEnd(), "");
  EXPECT_EQ(used.ReadToEnd(), "");
}

TEST_F(HttpDrain, WaitsForWhatIsUnderWay) {
  Client client(server_->address());
  const auto exchange = Ask(client);
  std::thread drain([&] { server_->Drain(kLong); });
  exchange->Respond({.body = "done"});
  const Answer answer = client.Read();
  EXPECT_EQ(answer.body, "done");
  EXPECT_EQ(client.ReadToEnd(), "");
  client.Reset();  // or the server would give it time to close
  drain.join();
}

TEST_F(HttpDrain, AsksStreamsToEndAndSendsTheirLastWords) {
  Client client(server_->address());
  const auto stream = Ask(client)->Begin({});
  stream->OnClosed([stream] {
    EXPECT_TRUE(stream->Write(std::string("good bye")));
    stream->End();
  });
  std::thread drain([&] { server_->Drain(kLong); });
  const Answer answer = client.Read();
  EXPECT_EQ(answer.body, "good bye");
  EXPECT_TRUE(answer.complete);
  client.Reset();
  drain.join();
}

TEST_F(HttpDrain, AsksAlsoStreamsThatAreWrittenWithoutPause) {
  Client client(server_->address());
  const auto stream = Ask(client)->Begin({});
  std::atomic<bool> asked = false;
  stream->OnClosed([&] { asked = true; });
  std::thread writer([&] {
    const auto text = std::make_shared<const std::string>(64 << 10, 'x');
    while (!asked && stream->Write(text)) {
      while (stream->Backlog() > 1 << 20) std::this_thread::yield();
    }
    stream->End();
  });
  std::thread reader([&] {
    EXPECT_EQ(client.ReadHead().status, 200);
    while (!client.ReadChunk().empty()) {
    }
    client.Reset();
  });
  server_->Drain(kLong);
  EXPECT_TRUE(asked);
  writer.join();
  reader.join();
}

TEST_F(HttpDrain, EndsWhatTakesLongerThanItsGrace) {
  Client client(server_->address());
  const auto exchange = Ask(client);
  server_->Drain(milliseconds(20));
  EXPECT_EQ(client.Read().status, 0);
  exchange->Respond({});  // too late, and no harm
}

TEST_F(HttpDrain, TakesNoNewClients) {
  Client client(server_->address());
  const auto exchange = Ask(client);
  const std::string address = server_->address();
  std::thread drain([&] { server_->Drain(kLong); });
  while (Client::Connects(address)) std::this_thread::yield();
  exchange->Respond({});
  EXPECT_EQ(client.Read().headers["connection"], "close");
  client.Reset();
  drain.join();
  server_->Drain(kLong);  // a second time is none
  server_.reset();
  EXPECT_FALSE(Client::Connects(address));
}

TEST_F(HttpDrain, LeavesExchangesThatOutliveTheServerAlone) {
  Client client(server_->address());
  auto exchange = Ask(client);
  server_.reset();
  const auto stream = exchange->Begin({});
  EXPECT_FALSE(stream->Write(std::string("late")));
  bool told = false;
  stream->OnClosed([&] { told = true; });
  EXPECT_TRUE(told);
  EXPECT_EQ(exchange->request().path, "/");
}

}  // namespace
}  // namespace qalam::http
