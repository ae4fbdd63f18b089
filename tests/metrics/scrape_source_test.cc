#include "metrics/scrape_source.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <optional>

#include "tests/metrics/loop_fixture.h"
#include "tests/metrics/point_list.h"

namespace qalam::metrics {
namespace {

using boost::asio::ip::tcp;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ScrapeSourceTest : public LoopFixture {
 protected:
  // A server on the same loop that answers every connection with `answer_`; with nothing while that is empty.
  void Listen() {
    acceptor_.emplace(loop_.context(), tcp::endpoint(boost::asio::ip::address_v4::loopback(),
                                                     static_cast<unsigned short>(port_)));
    port_ = acceptor_->local_endpoint().port();
    Accept();
  }
  void Accept() {
    acceptor_->async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
      if (error) return;
      sockets_.push_back(std::make_unique<tcp::socket>(std::move(socket)));
      Answer(*sockets_.back());
      Accept();
    });
  }
  void Answer(tcp::socket& socket) {
    auto buffer = std::make_shared<boost::asio::streambuf>();
    boost::asio::async_read_until(
        socket, *buffer, "\r\n\r\n",
        [this, &socket, buffer](const boost::system::error_code& error, size_t size) {
          if (error) return;
          request_.assign(boost::asio::buffers_begin(buffer->data()),
                          boost::asio::buffers_begin(buffer->data()) + static_cast<std::ptrdiff_t>(size));
          ++requests_;
          if (answer_.empty()) return;
          boost::system::error_code ignored;
          boost::asio::write(socket, boost::asio::buffer(answer_), ignored);
          socket.close(ignored);
        });
  }
  void Show(std::string_view body, std::string_view status = "200 OK") {
    answer_ = fmt::format("HTTP/1.1 {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{}", status,
                          body.size(), body);
  }

  ScrapeSource& Source(bool ask_at_end = false) {
    HttpPageRequest page{.host = "127.0.0.1", .port = port_, .target = "/metrics?a=b"};
    page.headers = {{"X-Key", "secret"}};
    page.timeout = timeout_;
    page.max_body_bytes = 1'000;
    source_.emplace(loop_, page, ScrapeOptions{.interval = absl::Milliseconds(1), .ask_at_end = ask_at_end},
                    *ScrapedMetrics::Create({"loss"}), list_);
    return *source_;
  }
  absl::Status Drain() {
    std::optional<absl::Status> answer;
    source_->Drain([&](absl::Status status) { answer = std::move(status); });
    EXPECT_FALSE(answer.has_value()) << "answered from inside the call";
    EXPECT_TRUE(PumpUntil([&] { return answer.has_value(); }));
    return answer.value_or(absl::DeadlineExceededError("no answer"));
  }
  std::vector<std::string> Values() const {
    std::vector<std::string> values;
    for (const MetricPoint& point : list_.points) values.push_back(point.value);
    return values;
  }
  std::string Evidence() const {
    CollectionSummary summary;
    source_->Describe(summary);
    return summary.evidence;
  }

  std::optional<tcp::acceptor> acceptor_;
  std::vector<std::unique_ptr<tcp::socket>> sockets_;
  std::string answer_, request_;
  int requests_ = 0, port_ = 0;
  absl::Duration timeout_ = absl::Seconds(10);
  PointList list_;
  std::optional<ScrapeSource> source_;
};

TEST_F(ScrapeSourceTest, ReportsEachValueUntilTheProgramEnds) {
  Listen();
  Show("loss 0.5\n");
  Source().Start();
  EXPECT_TRUE(PumpUntil([&] { return list_.points.size() == 1; }));
  EXPECT_THAT(request_, HasSubstr("GET /metrics?a=b HTTP/1.1\r\n"));
  EXPECT_THAT(request_, HasSubstr("X-Key: secret\r\n"));
  Show("loss 0.4\n");
  EXPECT_TRUE(PumpUntil([&] { return list_.points.size() == 2; }));
  EXPECT_TRUE(Drain().ok());
  EXPECT_THAT(Values(), ElementsAre("0.5", "0.4"));
  EXPECT_EQ(Evidence(), "the endpoint showed loss");
}

TEST_F(ScrapeSourceTest, WaitsForAProgramThatListensLate) {
  Listen();
  acceptor_.reset();  // the port is known and free
  Source().Start();
  bool later = false;
  loop_.PostAfter(absl::Milliseconds(5), [&] { later = true; });
  EXPECT_TRUE(PumpUntil([&] { return later; }));
  Show("loss 0.5\n");
  Listen();
  EXPECT_TRUE(PumpUntil([&] { return list_.points.size() == 1; }));
}

TEST_F(ScrapeSourceTest, AsksAnEndpointOfItsOwnOnceMoreAtTheEndAndTheProgramsNot) {
  Listen();
  Show("loss 0.5\n");
  Source(true);
  EXPECT_TRUE(Drain().ok());
  EXPECT_THAT(Values(), ElementsAre("0.5"));
  Source(false);
  EXPECT_THAT(std::string(Drain().message()), HasSubstr("the program ended before it was asked"));
  EXPECT_EQ(requests_, 1);
}

TEST_F(ScrapeSourceTest, SaysWhyThereWasNoAnswer) {
  Listen();
  acceptor_.reset();
  Source(true);
  EXPECT_THAT(std::string(Drain().message()), HasSubstr("Connection refused"));
  EXPECT_THAT(Evidence(),
              HasSubstr(fmt::format("http://127.0.0.1:{}/metrics?a=b: Connection refused", port_)));
  Listen();
  Show("", "404 Not Found");
  Source(true);
  EXPECT_THAT(std::string(Drain().message()), HasSubstr("HTTP status 404 Not Found"));
  Show(std::string(2'000, ' '));
  Source(true);
  const absl::Status long_answer = Drain();
  EXPECT_THAT(std::string(long_answer.message()), HasSubstr("more than 1000 bytes"))
      << long_answer << Evidence();
  answer_ = "not HTTP\r\n\r\n";
  Source(true);
  EXPECT_FALSE(Drain().ok());
  EXPECT_THAT(Values(), IsEmpty());
}

TEST_F(ScrapeSourceTest, GivesUpAnEndpointThatDoesNotAnswer) {
  Listen();
  timeout_ = absl::Milliseconds(20);
  Source(true);
  EXPECT_THAT(std::string(Drain().message()), HasSubstr("no answer within 20ms"));
}

TEST_F(ScrapeSourceTest, MayBeStoppedWithARequestUnderWay) {
  Listen();
  Source().Start();
  EXPECT_TRUE(PumpUntil([&] { return requests_ == 1; }));
  source_->Stop();
  Show("loss 0.5\n");
  PumpReady();
  source_.reset();
  PumpReady();
  EXPECT_THAT(Values(), IsEmpty());
}

}  // namespace
}  // namespace qalam::metrics
