#include "http/response_head.h"

#include <fmt/format.h>

#include <boost/beast/http/status.hpp>
#include <ctime>

#include "absl/strings/match.h"

namespace qalam::http {
namespace {

constexpr std::string_view kOurs[] = {"Content-Length", "Content-Encoding", "Connection", "Date",
                                      "Transfer-Encoding"};

bool IsOurs(std::string_view name) {
  return std::any_of(std::begin(kOurs), std::end(kOurs), [&](std::string_view ours) {
    return absl::EqualsIgnoreCase({name.data(), name.size()}, {ours.data(), ours.size()});
  });
}

void AppendField(std::string_view name, std::string_view value, std::string& out) {
  out += name;
  out += ": ";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    out += (byte < 0x20 && c != '\t') || byte == 0x7F ? ' ' : c;
  }
  out += "\r\n";
}

// "Sun, 06 Nov 1994 08:49:37 GMT", made once a second.
const std::string& DateOfNow() {
  thread_local std::time_t second = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != second) {
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm utc{};
    gmtime_r(&now, &utc);
    text = fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[utc.tm_wday], utc.tm_mday,
                       kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    second = now;
  }
  return text;
}

}  // namespace

std::string FormatHead(const Response& response, const Framing& framing) {
  const boost::beast::string_view reason = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(response.status)));
  std::string out =
      fmt::format("HTTP/1.1 {} {}\r\n", response.status, std::string_view(reason.data(), reason.size()));
  for (const auto& [name, value] : response.headers.fields()) {
    if (!IsOurs(name)) AppendField(name, value, out);
  }
  AppendField("Date", DateOfNow(), out);
  if (framing.gzip) AppendField("Content-Encoding", "gzip", out);
  if (framing.varies) AppendField("Vary", "Accept-Encoding", out);
  if (framing.chunked) AppendField("Transfer-Encoding", "chunked", out);
  if (framing.length) AppendField("Content-Length", fmt::format_int(*framing.length).str(), out);
  if (framing.close) {
    AppendField("Connection", "close", out);
  } else if (!framing.http11) {
    AppendField("Connection", "keep-alive", out);
  }
  out += "\r\n";
  return out;
}

}  // namespace qalam::http
