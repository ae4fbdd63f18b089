#include "http/request_parser.h"

#include <gmock/gmock.h>

#include "http/gzip.h"

namespace qalam::http {
namespace {

using Stage = RequestParser::Stage;

constexpr RequestParser::Limits kLimits{.header = 1'000, .body = 10'000};

// Feeds the bytes in pieces of that size, and returns what is left.
std::string Feed(RequestParser& parser, const std::string& bytes, std::size_t piece) {
  std::string waiting;
  std::size_t at = 0;
  while (at < bytes.size() && (parser.stage() == Stage::kHead || parser.stage() == Stage::kBody)) {
    waiting += bytes.substr(at, piece);
    at = std::min(at + piece, bytes.size());
    waiting.erase(0, parser.Feed(waiting));
  }
  return waiting + bytes.substr(at);
}

Request Parse(const std::string& bytes) {
  RequestParser parser(kLimits);
  EXPECT_EQ(Feed(parser, bytes, bytes.size()), "") << bytes;
  EXPECT_EQ(parser.stage(), Stage::kDone) << bytes << parser.Refusal().body;
  return parser.stage() == Stage::kDone ? parser.Take() : Request();
}

// The status of the refusal; 0: it was not refused. It does not matter how the bytes come.
int Refused(const std::string& bytes) {
  int status = -1;
  for (const std::size_t piece : {bytes.size(), std::size_t{1}, std::size_t{7}}) {
    RequestParser parser(kLimits);
    Feed(parser, bytes, piece);
    const int now = parser.stage() == Stage::kRefused ? parser.Refusal().status : 0;
    if (status >= 0) {
      EXPECT_EQ(now, status) << bytes << " by " << piece;
    }
    status = now;
  }
  return status;
}

const std::string kStart = "POST /a HTTP/1.1\r\nHost: h\r\n";

TEST(RequestParser, ReadsARequest) {
  const Request request = Parse(
      "GET /api/v1/pods/a%20b?limit=5&x=%41 HTTP/1.1\r\nHost: here\r\nAccept:  a \r\naccept: "
      "b\r\nX-Empty:\r\n\r\n");
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/api/v1/pods/a%20b?limit=5&x=%41");
  EXPECT_EQ(request.path, "/api/v1/pods/a b");
  EXPECT_EQ(request.query.Find("x"), "A");
  EXPECT_EQ(request.headers.Joined("ACCEPT"), "a, b");
  EXPECT_EQ(request.headers.Find("x-empty"), "");
  EXPECT_EQ(request.body, "");
}

TEST(RequestParser, ReadsBodiesHoweverTheyCome) {
  const std::string by_length = kStart + "Content-Length: 11\r\n\r\nhello world";
  const std::string chunked =
      kStart +
      "Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n006;name=\"v\"\r\n world\r\n0\r\n"
      "Trailer: of-no-interest\r\n\r\n";
  for (const std::string& bytes : {by_length, chunked}) {
    for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
      RequestParser parser(kLimits);
      EXPECT_EQ(Feed(parser, bytes + "GET", piece), "GET") << piece;
      ASSERT_EQ(parser.stage(), Stage::kDone) << bytes << " by " << piece;
      const Request request = parser.Take();
      EXPECT_EQ(request.body, "hello world");
      EXPECT_EQ(request.headers.Find("Trailer"), std::nullopt);
    }
  }
}

TEST(RequestParser, ReadsEmptyBodiesHoweverTheyCome) {
  const std::string bytes = kStart + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    RequestParser parser(kLimits);
    EXPECT_EQ(Feed(parser, bytes, piece), "") << piece;
    EXPECT_EQ(parser.stage(), Stage::kDone) << piece;
  }
}

TEST(RequestParser, TellsWhetherTheConnectionGoesOn) {
  const auto keeps = [](const std::string& bytes) {
    RequestParser parser(kLimits);
    Feed(parser, bytes, bytes.size());
    return parser.keep_alive();
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestParser, ReadsEveryFormOfATarget) {
  EXPECT_EQ(Parse("GET http://h:80/p?q=1 HTTP/1.1\r\nHost: h\r\n\r\n").path, "/p");
  EXPECT_EQ(Parse("GET http://h:80/p?q=1 HTTP/1.1\r\nHost: h\r\n\r\n").query.Find("q"), "1");
  EXPECT_EQ(Parse("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n").path, "/");
  EXPECT_EQ(Parse("GET http://h?q HTTP/1.1\r\nHost: h\r\n\r\n").path, "/");
  EXPECT_EQ(Parse("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").path, "/");
  EXPECT_EQ(Parse("GET /a//b/../c HTTP/1.1\r\nHost: h\r\n\r\n").path, "/a//b/../c");
  for (const char* target : {"p", "h:443", "?q", "/%", "/%zz", "/%00", "/a%0", "%2Fa"}) {
    EXPECT_EQ(Refused(fmt::format("GET {} HTTP/1.1\r\nHost: h\r\n\r\n", target)), 400) << target;
  }
}

TEST(RequestParser, RefusesWhatCouldBeReadInTwoWays) {
  for (const char* headers : {
           "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
           "Content-Length: 5\r\nContent-Length: 6\r\n",
           "Content-Length: 5\r\nContent-Length: 5\r\n",
           "Content-Length: 5, 6\r\n",
           "Content-Length: +5\r\n",
           "Content-Length: -1\r\n",
           "Content-Length: 0x5\r\n",
           "Content-Length: 5 5\r\n",
           "Content-Length:\r\n",
           "Content-Length: 99999999999999999999\r\n",
           "Content-Length : 5\r\n",
           "Content-Length\r\n",
           " Content-Length: 5\r\n",
           "Content-Length: 5\n",
           "X: a\rContent-Length: 5\r\n",
           "X: a\nContent-Length: 5\r\n",
           "X\t: a\r\n",
           "X(: a\r\n",
           ": a\r\n",
           "X: a\001b\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
           "Host: other\r\n",
           "Host: h\r\n",
       }) {
    EXPECT_EQ(Refused(kStart + headers + "\r\n5\r\nhello\r\n0\r\n\r\n"), 400) << headers;
  }
  for (const char* coding :
       {"gzip, chunked", "chunked, gzip", "identity", "xchunked", "chunked, chunked", "chunked;a"}) {
    const std::string bytes = kStart + "Transfer-Encoding: " + coding + "\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    EXPECT_EQ(Refused(bytes), 501) << coding;
  }
  EXPECT_EQ(Refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(Refused("GET / HTTP/1.1\r\n\r\n"), 400);  // no Host
  EXPECT_EQ(Refused("GET / HTTP/1.0\r\n\r\n"), 0);
}

TEST(RequestParser, RefusesBadChunks) {
  for (const char* chunks :
       {"g\r\nhello\r\n0\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n", "5 5\r\nhello\r\n0\r\n\r\n", "\r\nhello\r\n0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n", "5\r\nhelloXX0\r\n\r\n", "5\r\nhello0\r\n\r\n", "4\r\nhello\r\n0\r\n\r\n",
        "10000000000000005\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n",
        "5\r\nhello\r\n0\r\nbad trailer\r\n\r\n"}) {
    EXPECT_EQ(Refused(kStart + "Transfer-Encoding: chunked\r\n\r\n" + chunks), 400) << chunks;
  }
  EXPECT_EQ(Refused(kStart + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffff0\r\n"), 413);
}

TEST(RequestParser, RefusesOtherLanguages) {
  for (const char* bytes : {"hello\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
                            "\r\n\r\n\r\n\r\n", "{\"a\": 1}\r\n\r\n", "G\"T / HTTP/1.1\r\n\r\n"}) {
    EXPECT_THAT(Refused(bytes), testing::AnyOf(400, 505)) << bytes;
  }
  EXPECT_EQ(Refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
  EXPECT_EQ(Refused("GET / HTTP/1.2\r\nHost: h\r\n\r\n"), 505);
}

TEST(RequestParser, HoldsTheLimitOfTheHeader) {
  const auto with_line = [](std::size_t size) {
    return fmt::format("GET /{} HTTP/1.1\r\nHost: h\r\n\r\n", std::string(size, 'a'));
  };
  const auto with_headers = [](std::size_t count) {
    std::string headers;
    for (std::size_t i = 0; i < count; ++i) headers += "X: 0123456789\r\n";
    return "GET / HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n";
  };
  EXPECT_EQ(Refused(with_line(900)), 0);
  EXPECT_EQ(Refused(with_line(1'000)), 431);
  EXPECT_EQ(Refused(with_line(100'000)), 431);
  EXPECT_EQ(Refused(with_headers(60)), 0);
  EXPECT_EQ(Refused(with_headers(70)), 431);
  EXPECT_EQ(Refused("GET / HTTP/1.1\r\nX: " + std::string(2'000, 'a')), 431);  // it never ends
  EXPECT_EQ(Refused(std::string(2'000, 'A')), 431);
  EXPECT_EQ(Refused(kStart + "Transfer-Encoding: chunked\r\n\r\n5;" + std::string(2'000, 'a')), 431);
  EXPECT_EQ(Refused(kStart + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + std::string(2'000, 'a')), 431);
}

TEST(RequestParser, HoldsTheLimitOfTheBody) {
  const std::string most(10'000, 'b');
  const std::string more(10'001, 'b');
  EXPECT_EQ(Parse(kStart + "Content-Length: 10000\r\n\r\n" + most).body.size(), 10'000u);
  EXPECT_EQ(Refused(kStart + "Content-Length: 10001\r\n\r\n"), 413);
  EXPECT_EQ(Refused(kStart + "Transfer-Encoding: chunked\r\n\r\n2710\r\n" + most + "\r\n0\r\n\r\n"), 0);
  EXPECT_EQ(Refused(kStart + "Transfer-Encoding: chunked\r\n\r\n2710\r\n" + most + "\r\n1\r\nb\r\n0\r\n\r\n"),
            413);
  const auto zipped = [](const std::string& text) {
    const std::string bytes = Gzip(text);
    return kStart + fmt::format("Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", bytes.size()) + bytes;
  };
  EXPECT_EQ(Parse(zipped(most)).body, most);
  EXPECT_EQ(Refused(zipped(more)), 413);
}

TEST(RequestParser, RefusesBodiesItCannotRead) {
  EXPECT_EQ(Refused(kStart + "Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx"), 415);
  EXPECT_EQ(
      Refused(kStart + "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"),
      415);
  EXPECT_EQ(Refused(kStart + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"), 400);
  EXPECT_EQ(Parse(kStart + "Content-Encoding: identity\r\nContent-Length: 1\r\n\r\nx").body, "x");
}

TEST(RequestParser, KnowsWhoWaitsForContinue) {
  RequestParser parser(kLimits);
  Feed(parser, kStart + "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n", 1'000);
  EXPECT_EQ(parser.stage(), Stage::kBody);
  EXPECT_TRUE(parser.expects_continue());
  EXPECT_EQ(Refused(kStart + "Expect: 200-ok\r\nContent-Length: 1\r\n\r\nx"), 417);
}

}  // namespace
}  // namespace qalam::http
