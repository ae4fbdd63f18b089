#include "server/certificates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qalam::server {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'767'225'600);  // 2026-01-01
constexpr absl::Duration kDay = absl::Hours(24);

TEST(Certificates, AreSignedByTheirAuthorityForTheirHosts) {
  const SignedKey authority = *MakeAuthority(kNow), other = *MakeAuthority(kNow);
  const HostNames hosts = {"localhost", "127.0.0.1", "::1", "fe80::2", "lab_1.example"};
  const auto made = MakeServerCertificate(authority, hosts, kNow);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(ReadCertificateFacts(made->certificate)->hosts, hosts);
  EXPECT_TRUE(IsSignedBy(made->certificate, authority.certificate));
  EXPECT_FALSE(IsSignedBy(made->certificate, other.certificate));
  EXPECT_TRUE(IsSignedBy(authority.certificate, authority.certificate));
  EXPECT_NE(made->key, MakeServerCertificate(authority, hosts, kNow)->key);
}

TEST(Certificates, LastAYearAndNotLongerThanTheirAuthority) {
  const SignedKey authority = *MakeAuthority(kNow);
  const CertificateFacts own = *ReadCertificateFacts(authority.certificate);
  EXPECT_LT(own.not_before, kNow);
  EXPECT_EQ(own.not_after, kNow + 3'650 * kDay);
  const auto end = [&](absl::Time now) {
    return ReadCertificateFacts(MakeServerCertificate(authority, {"localhost"}, now)->certificate)->not_after;
  };
  EXPECT_EQ(end(kNow), kNow + 365 * kDay);
  EXPECT_EQ(end(kNow + 3'500 * kDay), own.not_after);
}

TEST(Certificates, ANameIsANameOnly) {
  // In OpenSSL's language for extensions this would be two names.
  const auto made = MakeServerCertificate(*MakeAuthority(kNow), {"a,DNS:b"}, kNow);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(ReadCertificateFacts(made->certificate)->hosts, HostNames{"a,DNS:b"});
}

TEST(SignedKey, IsReadBackFromItsText) {
  const SignedKey made = *MakeAuthority(kNow), other = *MakeAuthority(kNow);
  const auto read = ReadSignedKey(made.both());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->key, made.key);
  EXPECT_EQ(read->certificate, made.certificate);
  for (const std::string& bad : {std::string(), made.key, made.certificate, other.key + made.certificate,
                                 made.both().substr(0, 400)}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ReadSignedKey(bad).status()));
  }
  EXPECT_TRUE(absl::IsInvalidArgument(ReadCertificateFacts(made.key).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(MakeServerCertificate({}, {"a"}, kNow).status()));
  EXPECT_FALSE(IsSignedBy("", made.certificate));
}

}  // namespace
}  // namespace qalam::server
