#include "server/api_tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "server/api_secrets.h"
#include "server/certificates.h"
#include "tests/workload/temporary_directory.h"

namespace qalam::server {
namespace {

using testing::HasSubstr;
using workload::WriteFile;

const absl::Time kNow = absl::FromUnixSeconds(1'767'225'600);
constexpr absl::Duration kDay = absl::Hours(24);

class ApiTlsTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<ApiTls>> Load(absl::Time now, std::vector<std::string> hosts = {},
                                               TlsFiles files = {}) {
    return ApiTls::Load({.address = "127.0.0.1:0",
                         .data_directory = directory_.path(),
                         .files = std::move(files),
                         .hosts = std::move(hosts)},
                        now);
  }
  HostNames Hosts(const ApiTls& tls) { return ReadCertificateFacts(tls.current().certificate)->hosts; }
  std::string Authority() { return *ApiSecrets(directory_.path()).AuthorityCertificate(); }

  workload::TemporaryDirectory directory_;
};

TEST_F(ApiTlsTest, KeepsAuthorityAndCertificateOverStarts) {
  const auto first = Load(kNow), second = Load(kNow + kDay);
  ASSERT_TRUE(first.ok() && second.ok()) << first.status() << second.status();
  EXPECT_EQ((*first)->current().certificate, (*second)->current().certificate);
  EXPECT_TRUE(IsSignedBy((*first)->current().certificate, Authority()));
  EXPECT_TRUE((*first)->current().client_ca.empty());
  EXPECT_EQ(Hosts(**first).count("127.0.0.1"), 1u);
  EXPECT_FALSE(*(*second)->Refresh(kNow + kDay));
}

TEST_F(ApiTlsTest, RenewsInTimeUnderTheSameAuthority) {
  const auto tls = Load(kNow);
  ASSERT_TRUE(tls.ok());
  const std::string authority = Authority(), before = (*tls)->current().certificate;
  EXPECT_FALSE(*(*tls)->Refresh(kNow + 200 * kDay));
  EXPECT_TRUE(*(*tls)->Refresh(kNow + 250 * kDay));
  EXPECT_FALSE(*(*tls)->Refresh(kNow + 250 * kDay));
  EXPECT_NE((*tls)->current().certificate, before);
  EXPECT_TRUE(IsSignedBy((*tls)->current().certificate, authority));
  EXPECT_EQ(Authority(), authority);
  EXPECT_EQ((*Load(kNow + 251 * kDay))->current().certificate, (*tls)->current().certificate);
}

TEST_F(ApiTlsTest, IsMadeAnewForANewName) {
  const std::string before = (*Load(kNow))->current().certificate;
  const auto tls = Load(kNow, {"Lab.example", "10.0.0.7"});
  ASSERT_TRUE(tls.ok()) << tls.status();
  EXPECT_NE((*tls)->current().certificate, before);
  EXPECT_EQ(Hosts(**tls).count("lab.example") + Hosts(**tls).count("10.0.0.7"), 2u);
  // Names that are no longer asked for do no harm.
  EXPECT_EQ((*Load(kNow))->current().certificate, (*tls)->current().certificate);
  EXPECT_TRUE(absl::IsInvalidArgument(Load(kNow, {"http://x"}).status()));
}

TEST_F(ApiTlsTest, ANewAuthorityHasNewCertificates) {
  const std::string before = (*Load(kNow))->current().certificate, authority = Authority();
  std::filesystem::remove(directory_ / "access/ca.pem");
  const auto tls = Load(kNow);
  ASSERT_TRUE(tls.ok());
  EXPECT_NE(Authority(), authority);
  EXPECT_NE((*tls)->current().certificate, before);
  EXPECT_TRUE(IsSignedBy((*tls)->current().certificate, Authority()));
}

TEST_F(ApiTlsTest, SaysWhenTheAuthorityHasEnded) {
  ASSERT_TRUE(Load(kNow).ok());
  const absl::Status status = Load(kNow + 3'651 * kDay).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("access/ca.pem ended on 2035-12-30; remove it"));
}

TEST_F(ApiTlsTest, AKeyThatOthersCanReadIsRefused) {
  ASSERT_TRUE(Load(kNow).ok());
  for (const char* name : {"access/ca.pem", "access/server.pem"}) {
    ASSERT_EQ(chmod((directory_ / name).c_str(), 0644), 0);
    EXPECT_TRUE(absl::IsPermissionDenied(Load(kNow).status())) << name;
    ASSERT_EQ(chmod((directory_ / name).c_str(), 0600), 0);
  }
  struct stat facts {};
  ASSERT_EQ(stat((directory_ / "access").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);
}

TEST_F(ApiTlsTest, DamagedFilesAreNamedOrMadeAnew) {
  ASSERT_TRUE(Load(kNow).ok());
  WriteFile(directory_ / "access/server.pem", "nonsense");
  const auto tls = Load(kNow);
  ASSERT_TRUE(tls.ok()) << tls.status();
  EXPECT_TRUE(IsSignedBy((*tls)->current().certificate, Authority()));
  WriteFile(directory_ / "access/ca.pem", "nonsense");
  EXPECT_THAT(std::string(MessageOf(Load(kNow).status())), HasSubstr("access/ca.pem should be a PEM text"));
}

TEST_F(ApiTlsTest, TakesFilesOfOnesOwnAndReadsThemAgain) {
  const SignedKey authority = *MakeAuthority(kNow);
  const auto write = [&] {
    const SignedKey made = *MakeServerCertificate(authority, {"lab.example"}, kNow);
    WriteFile(directory_ / "key.pem", made.key);
    WriteFile(directory_ / "cert.pem", made.certificate);
    return made.certificate;
  };
  const std::string first = write();
  WriteFile(directory_ / "clients.pem", authority.certificate);
  const TlsFiles files{directory_ / "cert.pem", directory_ / "key.pem", directory_ / "clients.pem"};
  const auto tls = Load(kNow, {}, files);
  ASSERT_TRUE(tls.ok()) << tls.status();
  EXPECT_EQ((*tls)->current().certificate, first);
  EXPECT_EQ((*tls)->current().client_ca, authority.certificate);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "access/ca.pem"));
  EXPECT_FALSE(*(*tls)->Refresh(kNow + 300 * kDay));

  WriteFile(directory_ / "key.pem", "nonsense");
  EXPECT_THAT(std::string(MessageOf((*tls)->Refresh(kNow).status())), HasSubstr("--http-tls-key: "));
  EXPECT_FALSE(*(*tls)->Refresh(kNow));  // told once
  EXPECT_EQ((*tls)->current().certificate, first);
  const std::string second = write();
  EXPECT_TRUE(*(*tls)->Refresh(kNow));
  EXPECT_EQ((*tls)->current().certificate, second);
}

TEST_F(ApiTlsTest, FilesThatDoNotFitAreRefusedByTheirFlags) {
  WriteFile(directory_ / "file", "nonsense");
  const std::string file = directory_ / "file";
  const auto fault = [&](TlsFiles files) { return std::string(MessageOf(Load(kNow, {}, files).status())); };
  EXPECT_THAT(fault({.certificate = file}), HasSubstr("both --http-tls-cert and --http-tls-key"));
  EXPECT_THAT(fault({.certificate = file, .key = file}), HasSubstr("--http-tls-cert: "));
  EXPECT_THAT(fault({.client_ca = file}), HasSubstr("--http-client-ca: "));
}

TEST_F(ApiTlsTest, NotesWhereTheServerIs) {
  const ApiSecrets secrets(directory_.path());
  EXPECT_TRUE(absl::IsNotFound(secrets.LastEndpoint().status()));
  ASSERT_TRUE((*Load(kNow))->NoteAddress("127.0.0.1:1234").ok());
  EXPECT_EQ(secrets.LastEndpoint()->address, "127.0.0.1:1234");
  EXPECT_FALSE(secrets.LastEndpoint()->own_certificate);
  WriteFile(directory_ / "access/endpoint.json", "{");
  EXPECT_TRUE(absl::IsNotFound(secrets.LastEndpoint().status()));
}

}  // namespace
}  // namespace qalam::server
