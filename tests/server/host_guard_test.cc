#include "server/host_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "apiserver/failure.h"

namespace qalam::server {
namespace {

using testing::HasSubstr;
using Fields = std::initializer_list<std::pair<std::string, std::string>>;

std::unique_ptr<HostGuard> Guard(const std::string& address, const std::vector<std::string>& hosts = {},
                                 const std::vector<std::string>& origins = {}) {
  return *HostGuard::Make(address, hosts, origins, absl::UnixEpoch());
}

int CodeOf(HostGuard& guard, Fields headers) {
  const http::Request request{.method = "GET", .path = "/", .query = {}, .headers = headers};
  return apiserver::CodeOf(guard.Check(request, absl::UnixEpoch()));
}

TEST(CanonicalHost, IsOneTextForOneHost) {
  EXPECT_EQ(CanonicalHost("LocalHost."), "localhost");
  EXPECT_EQ(CanonicalHost("[0:0::1]"), "::1");
  EXPECT_EQ(CanonicalHost("127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(CanonicalHost("::0001"), "::1");
  for (const char* none : {"", ".", "a b", "a/b", "a:b", "[127.0.0.1]", "[::1", "caf\xc3\xa9", "a,b"}) {
    EXPECT_EQ(CanonicalHost(none), std::nullopt) << none;
  }
  EXPECT_EQ(CanonicalHost(std::string(254, 'a')), std::nullopt);
}

TEST(HostOfAddress, LeavesOutThePort) {
  EXPECT_EQ(HostOfAddress("Lab.example:8080"), "lab.example");
  EXPECT_EQ(HostOfAddress("lab.example"), "lab.example");
  EXPECT_EQ(HostOfAddress("[::1]:8080"), "::1");
  EXPECT_EQ(HostOfAddress("[::1]"), "::1");
  for (const char* none : {"", ":8080", "a:b", "a:1:2", "::1", "user@host:1", "a:80, b:80"}) {
    EXPECT_EQ(HostOfAddress(none), std::nullopt) << none;
  }
}

TEST(OwnHosts, OfAllAddressesAreThoseOfTheInterfaces) {
  EXPECT_EQ(OwnHosts("10.1.2.3:80").count("10.1.2.3"), 1u);
  EXPECT_EQ(OwnHosts("0.0.0.0:80").count("0.0.0.0"), 0u);
  for (const char* address : {"0.0.0.0:80", "[::]:80", "127.0.0.1:80"}) {
    const HostNames hosts = OwnHosts(address);
    EXPECT_EQ(hosts.count("localhost") + hosts.count("127.0.0.1") + hosts.count("::1"), 3u);
  }
}

TEST(HostGuard, LetsInWhoMeansThisServer) {
  const auto guard = Guard("127.0.0.1:8080", {"Lab.example", "10.0.0.7"});
  for (const char* host : {"127.0.0.1:8080", "localhost:8080", "LOCALHOST", "localhost.", "[::1]:8080",
                           "lab.example:443", "10.0.0.7"}) {
    EXPECT_EQ(CodeOf(*guard, {{"Host", host}}), 200) << host;
  }
  char name[256];
  ASSERT_EQ(gethostname(name, sizeof(name)), 0);
  EXPECT_EQ(CodeOf(*guard, {{"Host", name}}), 200) << name;
}

TEST(HostGuard, RefusesOtherNames) {
  const auto guard = Guard("127.0.0.1:8080");
  for (const char* host :
       {"evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example",
        "10.0.0.7:8080", "", "localhost:x", "localhost, evil.example", "evil@localhost"}) {
    EXPECT_EQ(CodeOf(*guard, {{"Host", host}}), 403) << host;
  }
  EXPECT_EQ(CodeOf(*guard, {}), 403);
  EXPECT_EQ(CodeOf(*guard, {{"Host", "localhost"}, {"Host", "evil.example"}}), 403);
}

TEST(HostGuard, RefusesPagesOfOtherSites) {
  const auto guard = Guard("127.0.0.1:8080", {}, {"https://Lab.example"});
  const std::string host = "127.0.0.1:8080";
  EXPECT_EQ(CodeOf(*guard, {{"Host", host}, {"Origin", "http://127.0.0.1:8080"}}), 200);
  EXPECT_EQ(
      CodeOf(*guard, {{"Host", host}, {"Origin", "https://lab.example"}, {"Sec-Fetch-Site", "cross-site"}}),
      200);
  for (const char* origin :
       {"https://evil.example", "http://127.0.0.1:3000", "http://localhost:8080", "null", "",
        "http://lab.example", "https://lab.example.evil.example", "127.0.0.1:8080"}) {
    EXPECT_EQ(CodeOf(*guard, {{"Host", host}, {"Origin", origin}}), 403) << origin;
  }
  for (const char* site : {"cross-site", "same-site", "?"}) {
    EXPECT_EQ(CodeOf(*guard, {{"Host", host}, {"Sec-Fetch-Site", site}}), 403) << site;
  }
  for (const char* site : {"same-origin", "none"}) {
    EXPECT_EQ(CodeOf(*guard, {{"Host", host}, {"Sec-Fetch-Site", site}}), 200) << site;
  }
}

TEST(HostGuard, IsNotMadeOfWhatIsNoHostOrOrigin) {
  for (const char* host : {"http://lab.example", "lab.example:80", "*", ""}) {
    const auto guard = HostGuard::Make("127.0.0.1:0", {host}, {}, absl::UnixEpoch());
    EXPECT_THAT(std::string(MessageOf(guard.status())), HasSubstr("--http-host: ")) << host;
  }
  for (const char* origin : {"lab.example", "*", "null", "https://", "https://lab.example/"}) {
    const auto guard = HostGuard::Make("127.0.0.1:0", {}, {origin}, absl::UnixEpoch());
    EXPECT_THAT(std::string(MessageOf(guard.status())), HasSubstr("--http-origin: ")) << origin;
  }
}

}  // namespace
}  // namespace qalam::server
