#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include <future>

#include "http/server.h"
#include "tests/http/certificates.h"
#include "tests/http/client.h"

namespace qalam::http {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class HttpTls : public testing::Test {
 protected:
  TlsOptions Options(const std::string& name) const {
    const Authority::Issued issued = authority_.Issue(name);
    return {.certificate = issued.certificate, .key = issued.key, .client_ca = clients_.certificate()};
  }

  std::unique_ptr<Server> Serve(ServerOptions options) {
    options.address = "127.0.0.1:0";
    options.threads = 2;
    if (!options.tls) options.tls = Options("server");
    return Server::Start(std::move(options),
                         [this](const std::shared_ptr<Exchange>& exchange) {
                           peer_ = exchange->request().peer;
                           exchange->Respond({.body = exchange->request().body});
                         })
        .value();
  }

  Authority authority_{"authority"};
  Authority clients_{"authority of clients"};
  Peer peer_;  // of the last request
};

TEST_F(HttpTls, CarriesRequests) {
  const auto server = Serve({});
  Client client(server->address(), ClientTls{.protocols = {"h2", "http/1.1"}});
  ASSERT_TRUE(client.secure());
  EXPECT_EQ(client.protocol(), "http/1.1");
  const std::string large(1'000'000, 'x');
  for (int i = 0; i < 2; ++i) {
    const Answer answer = client.Ask(
        fmt::format("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{}", large.size(), large));
    EXPECT_EQ(answer.body, large);
  }
  EXPECT_TRUE(peer_.tls);
  EXPECT_EQ(peer_.certificate_name, "");
}

TEST_F(HttpTls, AnswersPlainClientsOfThisMachineOnTheSamePort) {
  const auto server = Serve({});
  Client client(server->address());
  EXPECT_EQ(client.Get("/").status, 200);
  EXPECT_FALSE(peer_.tls);
}

TEST_F(HttpTls, TellsPlainClientsToUseTlsWhereTheyMust) {
  const auto server = Serve({.plain = false});
  Client client(server->address());
  const Answer answer = client.Get("/");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("https"));
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpTls, KnowsClientsByTheirCertificates) {
  const auto server = Serve({});
  const Authority::Issued issued = clients_.Issue("ann", {"team-a", "team-b"});
  Client client(server->address(), ClientTls{.certificate = issued.certificate, .key = issued.key});
  EXPECT_EQ(client.Get("/").status, 200);
  EXPECT_EQ(peer_.certificate_name, "ann");
  EXPECT_THAT(peer_.certificate_groups, ElementsAre("team-a", "team-b"));
}

TEST_F(HttpTls, BelievesNoCertificateOfOthers) {
  const auto server = Serve({});
  const Authority stranger("authority of clients");  // of the same name
  for (const Authority::Issued& issued :
       {stranger.Issue("ann", {"team-a"}), authority_.Issue("ann", {"team-a"})}) {
    Client client(server->address(), ClientTls{.certificate = issued.certificate, .key = issued.key});
    EXPECT_EQ(client.Get("/").status, 200);
    EXPECT_EQ(peer_.certificate_name, "");
    EXPECT_THAT(peer_.certificate_groups, IsEmpty());
  }
}

TEST_F(HttpTls, AsksNobodyForACertificateWithoutAnAuthority) {
  TlsOptions options = Options("server");
  options.client_ca.clear();
  const auto server = Serve({.tls = options});
  const Authority::Issued issued = clients_.Issue("ann");
  Client client(server->address(), ClientTls{.certificate = issued.certificate, .key = issued.key});
  EXPECT_EQ(client.Get("/").status, 200);
  EXPECT_EQ(peer_.certificate_name, "");
}

TEST_F(HttpTls, RefusesOldVersions) {
  const auto server = Serve({});
  EXPECT_FALSE(Client(server->address(), ClientTls{.max_version = TLS1_1_VERSION}).secure());
  EXPECT_TRUE(Client(server->address(), ClientTls{.max_version = TLS1_2_VERSION}).secure());
  EXPECT_TRUE(Client(server->address(), ClientTls{.max_version = TLS1_3_VERSION}).secure());
}

TEST_F(HttpTls, ChangesCertificatesUnderOpenConnections) {
  const auto server = Serve({.tls = Options("first")});
  Client old(server->address(), ClientTls{});
  EXPECT_EQ(old.server_name(), "first");
  ASSERT_TRUE(server->SetTls(Options("second")).ok());
  EXPECT_EQ(Client(server->address(), ClientTls{}).server_name(), "second");
  EXPECT_EQ(old.Get("/").status, 200);
  TlsOptions bad = Options("third");
  bad.key = "no key";
  EXPECT_EQ(server->SetTls(bad).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Client(server->address(), ClientTls{}).server_name(), "second");
}

TEST_F(HttpTls, SaysWhatIsWrongWithItsTexts) {
  const auto error = [&](const std::function<void(TlsOptions&)>& spoil) {
    TlsOptions options = Options("server");
    spoil(options);
    const auto server = Server::Start({.address = "127.0.0.1:0", .tls = options}, [](const auto&) {});
    EXPECT_EQ(server.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(MessageOf(server.status()));
  };
  EXPECT_THAT(error([](TlsOptions& tls) { tls.certificate = "x"; }),
              HasSubstr("the certificate should be a PEM text"));
  EXPECT_THAT(error([](TlsOptions& tls) { tls.key = ""; }), HasSubstr("the key should be a PEM text"));
  EXPECT_THAT(error([&](TlsOptions& tls) { tls.key = Options("other").key; }),
              HasSubstr("not the certificate's"));
  EXPECT_THAT(error([](TlsOptions& tls) { tls.client_ca = "x"; }),
              HasSubstr("authorities should be PEM texts"));
}

TEST_F(HttpTls, EndsAHandshakeThatTakesTooLong) {
  const auto server = Serve({.header_time = milliseconds(50)});
  Client client(server->address());
  client.Send(std::string("\x16\x03\x01", 3));  // TLS begins, and nothing follows
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpTls, EndsAHandshakeThatIsNone) {
  const auto server = Serve({});
  Client client(server->address());
  client.Send(std::string("\x16 this is no TLS at all, however long it goes on"));
  client.ReadToEnd();  // an alert, perhaps; what matters is that it ends
  EXPECT_EQ(Client(server->address(), ClientTls{}).Get("/").status, 200);
}

TEST_F(HttpTls, StreamsAndDrains) {
  std::promise<std::shared_ptr<ResponseStream>> began;
  const auto server =
      Server::Start({.address = "127.0.0.1:0", .tls = Options("server"), .threads = 2},
                    [&](const std::shared_ptr<Exchange>& exchange) { began.set_value(exchange->Begin({})); })
          .value();
  Client client(server->address(), ClientTls{});
  client.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto stream = began.get_future().get();
  stream->OnClosed([stream] { stream->End(); });
  EXPECT_EQ(client.ReadHead().status, 200);
  const std::string large(300'000, 'x');
  stream->Write(large);
  std::string read;
  while (read.size() < large.size()) read += client.ReadChunk();
  EXPECT_EQ(read, large);
  server->Drain(milliseconds(10'000));
  EXPECT_EQ(client.ReadChunk(), "");
  EXPECT_EQ(client.ReadToEnd(), "");
}

}  // namespace
}  // namespace qalam::http
