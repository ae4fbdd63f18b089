// What an HTTP request says and what an answer holds, without the machinery that moves them.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qalam::http {

/// Header fields in the order they came. Names are compared without regard to case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  /// The first of that name.
  std::optional<std::string_view> Find(std::string_view name) const;
  /// All of that name joined by ", ", as HTTP reads them; empty when there is none.
  std::string Joined(std::string_view name) const;
  void Add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }

  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// Query parameters, decoded. A name may come several times.
class Query {
 public:
  Query() = default;
  /// What follows the "?". Takes anything: bytes that are no escape stand for themselves.
  explicit Query(std::string_view text);

  /// The first value of that name; none when the name is absent. "" for "?name" and "?name=".
  std::optional<std::string_view> Find(std::string_view name) const;
  /// "", "true", "1" and "True" of a name that is there are true.
  bool Flag(std::string_view name) const;

  const std::multimap<std::string, std::string, std::less<>>& parameters() const { return parameters_; }

 private:
  std::multimap<std::string, std::string, std::less<>> parameters_;
};

/// Who is at the other end.
struct Peer {
  std::string address;  // "127.0.0.1:40312"
  bool loopback = false;
  bool tls = false;
  /// Of the certificate that the client proved to have, signed by TlsOptions' client CA; empty without one.
  std::string certificate_name;                 // common name (CN)
  std::vector<std::string> certificate_groups;  // organisations (O)
};

struct Request {
  std::string method;  // "GET"
  std::string target;  // as sent: "/api/v1/pods?limit=5"
  std::string path;    // decoded, without the query; begins with "/", holds no NUL
  Query query;
  Headers headers;
  std::string body;  // decompressed when it came with Content-Encoding: gzip
  Peer peer;
};

struct Response {
  int status = 200;
  Headers headers;  // Content-Length, Date, Connection and Content-Encoding are the server's
  std::string body;
};

/// A path segment or query value as it stands in a target. Everything but unreserved characters (RFC 3986) is
/// escaped.
std::string PercentEncode(std::string_view text);
/// None: a "%" that two hexadecimal digits do not follow. "+" stands for itself.
std::optional<std::string> PercentDecode(std::string_view text);

}  // namespace qalam::http
