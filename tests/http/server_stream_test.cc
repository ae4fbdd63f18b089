#include <gmock/gmock.h>

#include <future>
#include <mutex>
#include <thread>

#include "http/gzip.h"
#include "http/server.h"
#include "tests/http/client.h"

namespace qalam::http {
namespace {

using std::chrono::milliseconds;

constexpr auto kSoon = std::chrono::seconds(10);

// A server whose every answer is a stream that the test writes.
class HttpStream : public testing::Test {
 protected:
  void Start(ServerOptions options = {}) {
    options.address = "127.0.0.1:0";
    options.threads = 2;
    server_ = Server::Start(std::move(options), [this](const std::shared_ptr<Exchange>& exchange) {
                began_.set_value(exchange->Begin({.headers = {{"Content-Type", "application/json"}}}));
              }).value();
  }

  std::shared_ptr<ResponseStream> Begin(Client& client, const std::string& headers = "") {
    began_ = {};
    client.Send(fmt::format("GET / HTTP/1.1\r\nHost: h\r\n{}\r\n", headers));
    auto stream = began_.get_future();
    EXPECT_EQ(stream.wait_for(kSoon), std::future_status::ready);
    return stream.get();
  }

  static std::shared_ptr<std::promise<void>> Watch(ResponseStream& stream) {
    auto closed = std::make_shared<std::promise<void>>();
    stream.OnClosed([closed] { closed->set_value(); });  // a second call would throw
    return closed;
  }

  static bool Happens(const std::shared_ptr<std::promise<void>>& what) {
    return what->get_future().wait_for(kSoon) == std::future_status::ready;
  }

  std::promise<std::shared_ptr<ResponseStream>> began_;
  std::unique_ptr<Server> server_;
};

TEST_F(HttpStream, SendsItsHeadAtOnceAndPiecesAsTheyCome) {
  Start();
  Client client(server_->address());
  const auto stream = Begin(client);
  const Answer head = client.ReadHead();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("transfer-encoding"), "chunked");
  for (const char* text : {"one\n", "two\n", "three\n"}) {
    EXPECT_TRUE(stream->Write(std::string(text)));
    EXPECT_EQ(client.ReadChunk(), text);
  }
  stream->End();
  EXPECT_EQ(client.ReadChunk(), "");
  EXPECT_FALSE(stream->Write(std::string("late")));
  const auto next = Begin(client);  // the connection goes on
  next->Write(std::string("again"));
  next->End();
  EXPECT_EQ(client.Read().body, "again");
}

TEST_F(HttpStream, KeepsTheOrderOfManyWritesFromAnotherThread) {
  Start();
  Client client(server_->address());
  const auto stream = Begin(client);
  std::string expected;
  for (int i = 0; i < 20'000; ++i) expected += fmt::format("event {}\n", i);
  std::thread writer([&] {
    for (int i = 0; i < 20'000; ++i) ASSERT_TRUE(stream->Write(fmt::format("event {}\n", i)));
    stream->End();
  });
  const Answer answer = client.Read();
  writer.join();
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body, expected);
  EXPECT_LT(answer.chunks, 20'000u);  // what waits goes out together
}

TEST_F(HttpStream, SharesOneTextAmongManyClients) {
  Start();
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<std::shared_ptr<ResponseStream>> streams;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<Client>(server_->address()));
    streams.push_back(Begin(*clients.back()));
  }
  const auto text = std::make_shared<const std::string>(200'000, 'x');
  for (const auto& stream : streams) {
    EXPECT_TRUE(stream->Write(text));
    stream->End();
  }
  for (const auto& client : clients) EXPECT_EQ(client->Read().body, *text);
}

TEST_F(HttpStream, CompressesSoThatEachPieceCanBeReadWhenItComes) {
  Start();
  Client client(server_->address());
  const auto stream = Begin(client, "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(client.ReadHead().headers.at("content-encoding"), "gzip");
  const std::string large(50'000, 'l');
  stream->Write(std::string("small"));
  std::string sent = client.ReadChunk();
  stream->Write(large);
  sent += client.ReadChunk();
  EXPECT_LT(sent.size(), 1'000u);
  stream->End();
  for (std::string chunk; !(chunk = client.ReadChunk()).empty();) sent += chunk;
  EXPECT_EQ(Gunzip(sent, 1 << 20).value(), "small" + large);
}

TEST_F(HttpStream, GoesToHttp10ByClosingTheConnection) {
  Start();
  Client client(server_->address());
  client.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const auto stream = began_.get_future().get();
  stream->Write(std::string("body"));
  stream->End();
  const Answer answer = client.Read();
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_FALSE(answer.headers.contains("transfer-encoding"));
  EXPECT_EQ(answer.body, "body");
}

TEST_F(HttpStream, EndsForHttp10AlsoWhenNothingIsLeftToSend) {
  Start();
  Client client(server_->address());
  client.Send("GET / HTTP/1.0\r\n\r\n");
  const auto stream = began_.get_future().get();
  EXPECT_EQ(client.ReadHead().status, 200);
  stream->Write(std::string("body"));
  while (stream->Backlog() > 0) std::this_thread::yield();
  stream->End();
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(client.ReadToEnd(), "body");
  EXPECT_LT(std::chrono::steady_clock::now() - before, kSoon);  // the client has not given up
}

TEST_F(HttpStream, IsClosedAtOnceForHead) {
  Start();
  Client client(server_->address());
  client.Send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto stream = began_.get_future().get();
  EXPECT_TRUE(Happens(Watch(*stream)));
  EXPECT_EQ(client.Read(/*head_only=*/true).status, 200);
  EXPECT_FALSE(stream->Write(std::string("body")));
}

TEST_F(HttpStream, TellsThatTheClientHasGone) {
  Start();
  for (const bool by_reset : {false, true}) {
    auto client = std::make_unique<Client>(server_->address());
    const auto stream = Begin(*client);
    const auto closed = Watch(*stream);
    EXPECT_EQ(client->ReadHead().status, 200);
    if (by_reset) client->Reset();
    client.reset();
    EXPECT_TRUE(Happens(closed));
    EXPECT_FALSE(stream->Write(std::string("late")));
    EXPECT_TRUE(Happens(Watch(*stream)));  // who asks later is told at once
  }
}

TEST_F(HttpStream, TellsNobodyAfterItsEnd) {
  Start();
  auto client = std::make_unique<Client>(server_->address());
  const auto stream = Begin(*client);
  auto held = std::make_shared<int>(0);
  const std::weak_ptr<int> seen = held;
  stream->OnClosed([held = std::move(held)] { ADD_FAILURE(); });
  stream->End();
  EXPECT_TRUE(seen.expired());  // or two that hold each other would never go
  client.reset();
  stream->OnClosed([] { ADD_FAILURE(); });
  server_.reset();
}

TEST_F(HttpStream, EndsWhenNobodyHoldsIt) {
  Start();
  Client client(server_->address());
  auto stream = Begin(client);
  stream->Write(std::string("all there is"));
  stream.reset();
  const Answer answer = client.Read();
  EXPECT_EQ(answer.body, "all there is");
  EXPECT_TRUE(answer.complete);
}

TEST_F(HttpStream, ClosesTheConnectionOfAClientThatLagsBehind) {
  Start({.max_stream_backlog = 1 << 20});
  Client client(server_->address(), std::nullopt, /*receive_buffer=*/4'096);
  const auto stream = Begin(client);
  const auto closed = Watch(*stream);
  const auto text = std::make_shared<const std::string>(64 << 10, 'x');
  int written = 0;
  std::size_t most = 0;
  while (stream->Write(text)) {
    ASSERT_LT(++written, 1'000);  // the kernel takes some megabytes, too
    most = std::max(most, stream->Backlog());
  }
  EXPECT_GT(most, (1 << 20) - 2 * text->size());
  EXPECT_EQ(stream->Backlog(), 0u);
  EXPECT_TRUE(Happens(closed));
  EXPECT_FALSE(client.Read().complete);
}

TEST_F(HttpStream, SendsATextThatIsLongerThanAClientMayLagBehind) {
  Start({.max_stream_backlog = 1 << 10});
  Client client(server_->address());
  const auto stream = Begin(client);
  EXPECT_TRUE(stream->Write(std::string(8 << 20, 'x')));
  EXPECT_TRUE(stream->Write(std::string("and on")));
  stream->End();
  EXPECT_EQ(client.Read().body.size(), (8u << 20) + 6);
}

TEST_F(HttpStream, ClosesTheConnectionOfAClientThatTakesNothing) {
  Start({.body_time = milliseconds(100)});
  Client client(server_->address(), std::nullopt, /*receive_buffer=*/4'096);
  const auto stream = Begin(client);
  const auto closed = Watch(*stream);
  EXPECT_TRUE(stream->Write(std::string(15 << 20, 'x')));
  EXPECT_TRUE(Happens(closed));
}

TEST_F(HttpStream, LivesLongerThanOtherAnswersMayTake) {
  Start({.header_time = milliseconds(20), .body_time = milliseconds(20), .idle_time = milliseconds(20)});
  Client client(server_->address());
  const auto stream = Begin(client);
  const auto closed = Watch(*stream)->get_future();
  EXPECT_EQ(closed.wait_for(milliseconds(200)), std::future_status::timeout);
  stream->Write(std::string("still here"));
  stream->End();
  EXPECT_EQ(client.Read().body, "still here");
}

TEST_F(HttpStream, AnswersWhatWasAskedMeanwhile) {
  Start();
  Client client(server_->address());
  const auto first = Begin(client);
  EXPECT_EQ(client.ReadHead().status, 200);
  began_ = {};
  client.Send("GET /second HTTP/1.1\r\nHost: h\r\n\r\n");
  first->Write(std::string("1"));
  EXPECT_EQ(client.ReadChunk(), "1");
  first->End();
  EXPECT_EQ(client.ReadChunk(), "");
  const auto second = began_.get_future().get();
  second->End();
}

TEST_F(HttpStream, OutlivesTheServer) {
  Start();
  Client client(server_->address());
  const auto stream = Begin(client);
  const auto closed = Watch(*stream);
  server_.reset();
  EXPECT_TRUE(Happens(closed));
  EXPECT_FALSE(stream->Write(std::string("late")));
  stream->End();
}

}  // namespace
}  // namespace qalam::http
