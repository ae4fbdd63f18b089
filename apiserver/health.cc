#include "apiserver/health.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "apiserver/document.h"

namespace qalam::apiserver {
namespace {

// Clients tell by this what they may ask for. 1.32 is the first release in which all that we have and that clients negotiate (aggregated
// discovery, validation of fields by the server, OpenAPI v3, reviews of oneself) is final; later ones add only what is refused
// politely. kubectl is content with a server one minor release away.
constexpr std::string_view kMajor = "1", kMinor = "32";

constexpr std::string_view kPlatform =
#if defined(__aarch64__)
    "linux/arm64";
#else
    "linux/amd64";
#endif

Document Version() {
  const nlohmann::ordered_json json = {
      {"major", kMajor},
      {"minor", kMinor},
      {"gitVersion", fmt::format("v{}.{}.0+qalam.{}", kMajor, kMinor, QALAM_VERSION)},
      {"gitCommit", ""},
      {"gitTreeState", "clean"},
      {"buildDate", "1970-01-01T00:00:00Z"},
      {"goVersion", ""},
      {"compiler", "gcc"},
      {"platform", kPlatform}};
  return MakeDocument("application/json", json.dump(2) + "\n");
}

struct Check {
  std::string_view name;
  bool passed;
};

http::Response Report(const http::Request& request, std::string_view endpoint,
                      const std::vector<Check>& checks) {
  if (request.method != "GET" && request.method != "HEAD") return NotAllowed(request);
  const bool passed =
      std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.passed; });
  http::Response response;
  response.status = passed ? 200 : 500;
  response.headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-cache, private"}};
  if (passed && !request.query.Flag("verbose")) {
    response.body = "ok";
    return response;
  }
  for (const Check& check : checks) {
    response.body +=
        check.passed ? fmt::format("[+]{} ok\n", check.name) : fmt::format("[-]{} failed\n", check.name);
  }
  response.body += fmt::format("{} check {}\n", endpoint, passed ? "passed" : "failed");
  return response;
}

}  // namespace

std::optional<http::Response> AnswerHealth(const http::Request& request, const std::function<bool()>& ready) {
  if (request.path == "/version" || request.path == "/version/") {
    static const Document kVersion = Version();
    return Serve(kVersion, request);
  }
  if (request.path == "/healthz" || request.path == "/livez") {
    return Report(request, std::string_view(request.path).substr(1), {{"ping", true}});
  }
  if (request.path == "/readyz") return Report(request, "readyz", {{"ping", true}, {"ready", ready()}});
  return std::nullopt;
}

}  // namespace qalam::apiserver
