#include "http/connection.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "http/gzip.h"
#include "http/response_head.h"

namespace qalam::http {
namespace {

using Outcome = Transport::Outcome;

// Bytes read at a time, and most that wait unparsed while a stream is sent.
constexpr std::size_t kRead = 64 << 10;
constexpr std::size_t kBatch = 64 << 10;      // bytes of a stream sent at a time
constexpr std::size_t kSmallBody = 16 << 10;  // sent in one piece with its head
constexpr std::size_t kWorthGzip = 1 << 10;
constexpr std::size_t kFairShare = 1 << 20;                   // bytes to be taken within body_time
constexpr auto kFarewell = std::chrono::milliseconds(2'000);  // to take a last answer and close
constexpr unsigned char kTlsHandshake = 0x16;                 // the first byte of TLS, and of no HTTP method

Response Plain(int status, std::string text) {
  return {.status = status,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = std::move(text) + "\n"};
}

std::string AddressOf(const boost::asio::ip::tcp::endpoint& endpoint) {
  const boost::asio::ip::address address = endpoint.address();
  return fmt::format(fmt::runtime(address.is_v6() ? "[{}]:{}" : "{}:{}"), address.to_string(),
                     endpoint.port());
}

bool IsLoopback(const boost::asio::ip::address& address) {
  if (address.is_v4()) return address.to_v4().is_loopback();
  const boost::asio::ip::address_v6 v6 = address.to_v6();
  return v6.is_loopback() || (v6.is_v4_mapped() && v6.to_bytes()[12] == 127);
}

class ConnectionExchange final : public Exchange {
 public:
  ConnectionExchange(Request request, std::shared_ptr<Connection> connection)
      : request_(std::move(request)), connection_(std::move(connection)) {}
  ~ConnectionExchange() override { Respond(Plain(500, "the server has no answer to this")); }

  const Request& request() const override { return request_; }

  void Respond(Response response) override {
    if (!answered_.exchange(true)) connection_->Answer(std::move(response));
  }

  std::shared_ptr<ResponseStream> Begin(Response head) override {
    std::shared_ptr<BodyStream> body = connection_->MakeStream();
    if (answered_.exchange(true)) {
      body->Close();
    } else {
      connection_->Answer(Connection::StreamedReply{std::move(head), body});
    }
    ResponseStream* const stream = body.get();
    return {stream, [body = std::move(body)](ResponseStream*) { body->End(); }};  // nobody else could end it
  }

 private:
  const Request request_;
  const std::shared_ptr<Connection> connection_;
  std::atomic<bool> answered_ = false;
};

}  // namespace

Connection::Connection(Socket socket, std::shared_ptr<ConnectionHost> host)
    : host_(std::move(host)), socket_(std::move(socket)), transport_(socket_.native_handle()) {
  boost::system::error_code error;
  const auto remote = socket_.remote_endpoint(error);
  if (!error) peer_ = {.address = AddressOf(remote), .loopback = IsLoopback(remote.address())};
  Allow(host_->options.header_time);
}

void Connection::Start() {
  {
    const std::lock_guard lock(host_->mutex);
    host_->connections.insert(this);
  }
  boost::asio::co_spawn(
      socket_.get_executor(), [self = shared_from_this()] { return self->Run(); }, boost::asio::detached);
}

Task<void> Connection::Run() {
  const auto self = shared_from_this();
  try {
    if (co_await Open()) {
      while (co_await ServeRequest()) Allow(host_->options.idle_time);
    }
    if (linger_) co_await Linger();
  } catch (...) {  // no memory: for this one client, that is
  }
  Close();
}

// Plain or TLS, as the client's first byte says.
Task<bool> Connection::Open() {
  std::shared_ptr<const TlsContext> tls;
  {
    const std::lock_guard lock(host_->mutex);
    tls = host_->tls;
  }
  if (tls == nullptr) co_return true;
  Transport::Result first = transport_.PeekByte();
  while (first.outcome == Outcome::kWaitRead) {
    if (host_->draining || !co_await AwaitSocket(first.outcome)) co_return false;
    first = transport_.PeekByte();
  }
  if (first.outcome != Outcome::kDone) co_return false;
  if (first.size != kTlsHandshake) {
    if (host_->options.plain && peer_.loopback) co_return true;
    co_return co_await Refuse(Plain(400, "this port speaks TLS: use https"));
  }
  Outcome outcome = transport_.BeginTls(*tls);
  while (outcome != Outcome::kFailed && outcome != Outcome::kEnd) {
    outcome = transport_.Handshake();
    if (outcome == Outcome::kDone) {
      transport_.FillPeer(peer_);
      co_return true;
    }
    if (host_->draining || !co_await AwaitSocket(outcome)) co_return false;
  }
  co_return false;
}

// False: the connection is over.
Task<bool> Connection::ServeRequest() {
  {
    std::optional<Request> request = co_await ReadRequest();
    if (!request) co_return false;
    AllowForever();
    Dispatch(*std::move(request));
  }
  Reply reply = TakeReply();
  while (std::holds_alternative<std::monostate>(reply)) {
    co_await signal_.Wait();
    if (Over()) co_return false;
    reply = TakeReply();
  }
  if (auto* const response = std::get_if<Response>(&reply))
    co_return co_await SendResponse(std::move(*response));
  auto& streamed = std::get<StreamedReply>(reply);
  co_return co_await SendStream(std::move(streamed.head), std::move(streamed.body));
}

Task<std::optional<Request>> Connection::ReadRequest() {
  const ServerOptions& options = host_->options;
  using Stage = RequestParser::Stage;
  std::optional<RequestParser> parser;  // once there is something to parse
  bool hungry = input_.empty();
  bool continued = false;
  for (;;) {
    if (hungry && !co_await AwaitInput(/*idle=*/!parser)) {
      if (parser && Late()) {
        co_await Refuse(Plain(408, "the request has not come in time"));
      }
      co_return std::nullopt;
    }
    if (!parser) {
      parser.emplace(RequestParser::Limits{.header = options.max_header, .body = options.max_body});
      Allow(options.header_time);
    }
    const Stage before = parser->stage();
    input_.erase(0, parser->Feed(input_));
    hungry = true;  // it takes all it can
    const Stage stage = parser->stage();
    if (stage == Stage::kRefused) {
      co_await Refuse(parser->Refusal());
      co_return std::nullopt;
    }
    if (stage == Stage::kDone) break;
    if (stage == Stage::kBody && before == Stage::kHead) Allow(options.body_time);
    if (stage == Stage::kBody && parser->expects_continue() && !std::exchange(continued, true)) {
      if (!co_await Send("HTTP/1.1 100 Continue\r\n\r\n")) co_return std::nullopt;
    }
  }
  Request request = parser->Take();
  request.peer = peer_;
  call_ = {.head = request.method == "HEAD",
           .http11 = parser->http11(),
           .keep_alive = parser->keep_alive(),
           .gzip = AcceptsGzip(request.headers.Joined("Accept-Encoding"))};
  co_return request;
}

void Connection::Dispatch(Request request) {
  const auto exchange = std::make_shared<ConnectionExchange>(std::move(request), shared_from_this());
  try {
    host_->handler(exchange);
  } catch (...) {
    exchange->Respond(Plain(500, "the server failed to answer this"));
  }
}

Task<bool> Connection::SendResponse(Response response) {
  const bool has_body = HasBody(response.status);
  if (!has_body) response.body.clear();
  const bool large = response.body.size() > kWorthGzip;
  const bool gzip = large && call_.gzip && !call_.head;
  if (gzip) response.body = Gzip(response.body);
  const bool last = !call_.keep_alive || host_->draining;
  std::string out =
      FormatHead(response, {.length = has_body ? std::optional(response.body.size()) : std::nullopt,
                            .gzip = gzip,
                            .varies = large,
                            .close = last,
                            .http11 = call_.http11});
  const bool apart = !call_.head && response.body.size() > kSmallBody;
  if (!call_.head && !apart) out += response.body;
  if (!co_await Send(out)) co_return false;
  if (apart && !co_await Send(response.body)) co_return false;
  linger_ = last;
  co_return !last;
}

Task<bool> Connection::SendStream(Response head, std::shared_ptr<BodyStream> stream) {
  const bool has_body = HasBody(head.status);
  const bool last = !call_.keep_alive || !call_.http11 || host_->draining;
  std::string out = FormatHead(head, {.chunked = has_body && call_.http11,
                                      .gzip = has_body && call_.gzip && !call_.head,
                                      .varies = has_body,
                                      .close = last,
                                      .http11 = call_.http11});
  head = {};
  const auto close = [](BodyStream* closed) { closed->Close(); };
  const std::unique_ptr<BodyStream, decltype(close)> closed_at_the_end(stream.get(), close);
  bool sent = false;
  if (call_.head || !has_body) {
    sent = co_await Send(out);
  } else {
    sent = co_await SendPieces(std::move(out), *stream);
  }
  linger_ = sent && last;
  co_return sent && !last;
}

// `out` and what comes out of the stream until it ends. False: the client has not got all of it.
Task<bool> Connection::SendPieces(std::string out, BodyStream& stream) {
  std::optional<GzipStream> gzip;
  if (call_.gzip) gzip.emplace();
  // Looked at before each piece: who writes all the time leaves nothing to wait for.
  while (!Over()) {
    if (host_->draining) stream.AskToEnd();
    const BodyStream::Taken taken = AppendPieces(stream, gzip ? &*gzip : nullptr, out);
    if (taken == BodyStream::Taken::kTooSlow) co_return false;
    const bool some = !out.empty();
    if (some) {
      if (!co_await Send(out)) co_return false;
      std::string().swap(out);
      AllowForever();
    }
    if (taken == BodyStream::Taken::kEnd) co_return true;  // to HTTP/1.0 without a last chunk
    if (some) continue;
    if (!reading_ && input_.size() < kRead) {  // does the client go away?
      Outcome outcome = ReadSome();
      while (outcome == Outcome::kDone && input_.size() < kRead) outcome = ReadSome();
      if (outcome == Outcome::kEnd || outcome == Outcome::kFailed) co_return false;
      if (outcome != Outcome::kDone) Watch(outcome);
    }
    co_await signal_.Wait();
  }
  co_return false;
}

// What waits in the stream, as one chunk, and the last chunk when it has ended.
BodyStream::Taken Connection::AppendPieces(BodyStream& stream, GzipStream* gzip, std::string& out) const {
  std::string bytes;
  const BodyStream::Taken taken = stream.Take(kBatch, bytes);
  const bool end = taken == BodyStream::Taken::kEnd;
  if (gzip != nullptr) {
    if (!bytes.empty()) bytes = gzip->Add(bytes);
    if (end) bytes += gzip->Finish();
  }
  if (!call_.http11) {
    out += bytes;
    return taken;
  }
  if (!bytes.empty()) {
    fmt::format_to(std::back_inserter(out), "{:x}\r\n", bytes.size());
    out += bytes;
    out += "\r\n";
  }
  if (end) out += "0\r\n\r\n";
  return taken;
}

// Says why, and that it is the last answer. False, for its callers to return.
Task<bool> Connection::Refuse(Response response) {
  Allow(kFarewell);
  const std::string answer =
      FormatHead(response, {.length = response.body.size(), .close = true}) + response.body;
  linger_ = co_await Send(answer);
  co_return false;
}

// False: the connection is over.
Task<bool> Connection::Send(std::string_view bytes) {
  std::size_t share = 0;  // bytes that may still be sent before the client gets more time
  while (!bytes.empty()) {
    const Transport::Result result = transport_.Write(bytes);
    if (result.outcome == Outcome::kDone) {
      bytes.remove_prefix(result.size);
      share -= std::min(share, result.size);
      continue;
    }
    if (result.outcome == Outcome::kEnd || result.outcome == Outcome::kFailed) co_return false;
    if (share == 0) {
      share = kFairShare;
      Allow(host_->options.body_time);
    }
    if (!co_await AwaitSocket(result.outcome)) co_return false;
  }
  co_return true;
}

// Something was read into input_. False: nothing will come, or nothing is wanted any more.
Task<bool> Connection::AwaitInput(bool idle) {
  for (;;) {
    const Outcome outcome = ReadSome();
    if (outcome == Outcome::kDone) co_return true;
    if (outcome == Outcome::kEnd || outcome == Outcome::kFailed) co_return false;
    if (input_.empty()) std::string().swap(input_);  // thousands may be idle
    if (idle && host_->draining) co_return false;
    if (!co_await AwaitSocket(outcome)) co_return false;
  }
}

// Returns when the socket may be ready, or something else has happened. False: the connection is over.
Task<bool> Connection::AwaitSocket(Outcome outcome) {
  Watch(outcome);
  co_await signal_.Wait();
  co_return !Over();
}

// A client that still sends would lose our last answer if the socket were closed now: the kernel drops what
// has not been sent.
Task<void> Connection::Linger() {
  transport_.Shutdown();
  Allow(kFarewell);
  while (!Over()) {
    input_.clear();
    const Outcome outcome = ReadSome();
    if (outcome == Outcome::kEnd || outcome == Outcome::kFailed) break;
    if (outcome != Outcome::kDone) co_await AwaitSocket(outcome);
  }
}

Transport::Outcome Connection::ReadSome() {
  thread_local std::array<char, kRead> buffer;
  const Transport::Result result = transport_.Read(buffer);
  input_.append(buffer.data(), result.size);
  return result.outcome;
}

void Connection::Watch(Outcome outcome) {
  const bool read = outcome == Outcome::kWaitRead;
  bool& watching = read ? reading_ : writing_;
  if (std::exchange(watching, true)) return;
  socket_.async_wait(read ? Socket::wait_read : Socket::wait_write,
                     [self = shared_from_this(), &watching](const boost::system::error_code&) {
                       watching = false;
                       self->signal_.Set();
                     });
}

void Connection::Answer(Reply reply) {
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      reply_ = std::move(reply);
      reply = {};
    }
  }
  if (auto* const streamed = std::get_if<StreamedReply>(&reply)) streamed->body->Close();
  Wake();
}

std::shared_ptr<BodyStream> Connection::MakeStream() {
  return std::make_shared<BodyStream>(host_->options.max_stream_backlog,
                                      [self = shared_from_this()] { self->Wake(); });
}

Connection::Reply Connection::TakeReply() {
  const std::lock_guard lock(mutex_);
  return std::exchange(reply_, {});
}

void Connection::Wake() {
  if (socket_.get_executor().running_in_this_thread()) return signal_.Set();
  const std::lock_guard lock(mutex_);
  if (closed_ || std::exchange(woken_, true)) return;
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] {
    {
      const std::lock_guard woken(self->mutex_);
      self->woken_ = false;
    }
    self->signal_.Set();
  });
}

void Connection::EndIfLate(Clock::time_point now) {
  if (now >= deadline_.load()) Wake();
}

void Connection::End() {
  ended_ = true;
  Wake();
}

void Connection::Close() {
  Reply unsent;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    unsent = std::exchange(reply_, {});
  }
  if (auto* const streamed = std::get_if<StreamedReply>(&unsent)) streamed->body->Close();
  if (!linger_) transport_.Shutdown();
  boost::system::error_code ignored;
  socket_.close(ignored);

  std::function<void()> on_room;
  {
    const std::lock_guard lock(host_->mutex);
    host_->connections.erase(this);
    if (host_->connections.empty()) host_->left.notify_all();
    on_room = host_->on_room;
  }
  if (on_room != nullptr) on_room();
}

}  // namespace qalam::http
