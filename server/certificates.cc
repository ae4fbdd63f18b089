#include "server/certificates.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>

namespace qalam::server {
namespace {

constexpr absl::Duration kAuthorityLife = absl::Hours(24 * 3'650), kServerLife = absl::Hours(24 * 365);
constexpr absl::Duration kClockSkew =
    absl::Hours(1);  // clients whose clock is slow are not turned away at first

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;

absl::Status Failed(std::string_view what) {
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  ERR_clear_error();
  return absl::InternalError(fmt::format("OpenSSL cannot {}: {}", what, reason.data()));
}

Bio Reading(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string TextOf(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<size_t>(size)};
}

Certificate ReadCertificate(const std::string& text) {
  Certificate certificate(PEM_read_bio_X509(Reading(text).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

Key ReadKey(const std::string& text) {
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  Key key(PEM_read_bio_PrivateKey(Reading(text).get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  return key;
}

absl::StatusOr<SignedKey> ToText(EVP_PKEY* key, X509* certificate) {
  const Bio key_text(BIO_new(BIO_s_mem())), certificate_text(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey(key_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      PEM_write_bio_X509(certificate_text.get(), certificate) != 1) {
    return Failed("write a key as text");
  }
  return SignedKey{TextOf(key_text.get()), TextOf(certificate_text.get())};
}

bool SetRandomSerial(X509* certificate) {
  std::array<unsigned char, 16> bytes;
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7F) | 0x40);  // positive, and always as long
  const Number number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
  return BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool SetName(X509* certificate, const std::string& common_name) {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(common_name.data());
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, bytes,
                                    static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool SetTimes(X509* certificate, absl::Time begin, absl::Time end) {
  return ASN1_TIME_set(X509_getm_notBefore(certificate), absl::ToTimeT(begin)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), absl::ToTimeT(end)) != nullptr;
}

bool AddExtension(X509* certificate, X509* issuer, int id, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, id, value));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// Not as a text of OpenSSL's small language, in which a name could say more than a name.
bool AddHosts(X509* certificate, const HostNames& hosts) {
  const Names names(sk_GENERAL_NAME_new_null());
  for (const std::string& host : hosts) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    if (name == nullptr || sk_GENERAL_NAME_push(names.get(), name) == 0) return false;
    if (IsIpAddress(host)) {
      GENERAL_NAME_set0_value(name, GEN_IPADD, a2i_IPADDRESS(host.c_str()));
    } else {
      ASN1_IA5STRING* text = ASN1_IA5STRING_new();
      if (text == nullptr || ASN1_STRING_set(text, host.data(), static_cast<int>(host.size())) != 1)
        return false;
      GENERAL_NAME_set0_value(name, GEN_DNS, text);
    }
  }
  return X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) == 1;
}

// A certificate without extensions and signature.
Certificate Draft(EVP_PKEY* key, const std::string& name, absl::Time begin, absl::Time end) {
  Certificate certificate(X509_new());
  const bool good = certificate != nullptr && X509_set_version(certificate.get(), 2) == 1 &&  // 2 means v3
                    SetRandomSerial(certificate.get()) && SetName(certificate.get(), name) &&
                    SetTimes(certificate.get(), begin, end) && X509_set_pubkey(certificate.get(), key) == 1;
  return good ? std::move(certificate) : nullptr;
}

std::string ToHost(const GENERAL_NAME& name) {
  int type = 0;
  const auto* const value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(&name, &type));
  const unsigned char* data = ASN1_STRING_get0_data(value);
  const int size = ASN1_STRING_length(value);
  if (type == GEN_DNS) return {reinterpret_cast<const char*>(data), static_cast<size_t>(size)};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (type == GEN_IPADD && size == 4) inet_ntop(AF_INET, data, text.data(), text.size());
  if (type == GEN_IPADD && size == 16) inet_ntop(AF_INET6, data, text.data(), text.size());
  return text.data();
}

absl::Time ToTime(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? absl::FromTimeT(timegm(&parts)) : absl::InfinitePast();
}

}  // namespace

absl::StatusOr<SignedKey> MakeAuthority(absl::Time now) {
  const Key key(EVP_EC_gen("P-256"));
  if (key == nullptr) return Failed("make a key");
  const Certificate certificate = Draft(
      key.get(), fmt::format("qalam authority {}", absl::FormatTime("%Y-%m-%d", now, absl::UTCTimeZone())),
      now - kClockSkew, now + kAuthorityLife);
  X509* const raw = certificate.get();
  const bool good = raw != nullptr && X509_set_issuer_name(raw, X509_get_subject_name(raw)) == 1 &&
                    AddExtension(raw, raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    AddExtension(raw, raw, NID_key_usage, "critical,keyCertSign") &&
                    AddExtension(raw, raw, NID_ext_key_usage, "serverAuth") &&
                    AddExtension(raw, raw, NID_subject_key_identifier, "hash") &&
                    X509_sign(raw, key.get(), EVP_sha256()) > 0;
  return good ? ToText(key.get(), raw) : Failed("make an authority");
}

absl::StatusOr<SignedKey> MakeServerCertificate(const SignedKey& authority, const HostNames& hosts,
                                                absl::Time now) {
  const Certificate issuer = ReadCertificate(authority.certificate);
  const Key issuer_key = ReadKey(authority.key);
  if (issuer == nullptr || issuer_key == nullptr) {
    return absl::InvalidArgumentError("the authority should be a PEM text with a key and a certificate");
  }
  const Key key(EVP_EC_gen("P-256"));
  if (key == nullptr) return Failed("make a key");
  const absl::Time end = std::min(now + kServerLife, ToTime(X509_get0_notAfter(issuer.get())));
  const Certificate certificate = Draft(key.get(), "qalam", now - kClockSkew, end);
  X509* const raw = certificate.get();
  const bool good = raw != nullptr && X509_set_issuer_name(raw, X509_get_subject_name(issuer.get())) == 1 &&
                    AddExtension(raw, issuer.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                    AddExtension(raw, issuer.get(), NID_key_usage, "critical,digitalSignature") &&
                    AddExtension(raw, issuer.get(), NID_ext_key_usage, "serverAuth") &&
                    AddExtension(raw, issuer.get(), NID_subject_key_identifier, "hash") &&
                    AddExtension(raw, issuer.get(), NID_authority_key_identifier, "keyid:always") &&
                    AddHosts(raw, hosts) && X509_sign(raw, issuer_key.get(), EVP_sha256()) > 0;
  return good ? ToText(key.get(), raw) : Failed("make a server's certificate");
}

absl::StatusOr<SignedKey> ReadSignedKey(const std::string& text) {
  const Certificate certificate = ReadCertificate(text);
  const Key key = ReadKey(text);
  if (certificate == nullptr || key == nullptr || X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError("should be a PEM text with a private key and its certificate");
  }
  return ToText(key.get(), certificate.get());
}

absl::StatusOr<CertificateFacts> ReadCertificateFacts(const std::string& certificate) {
  const Certificate read = ReadCertificate(certificate);
  if (read == nullptr) return absl::InvalidArgumentError("should be a PEM text with a certificate");
  CertificateFacts facts{.not_before = ToTime(X509_get0_notBefore(read.get())),
                         .not_after = ToTime(X509_get0_notAfter(read.get())),
                         .hosts = {}};
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(read.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    facts.hosts.insert(ToHost(*sk_GENERAL_NAME_value(names.get(), i)));
  }
  return facts;
}

bool IsSignedBy(const std::string& certificate, const std::string& authority) {
  const Certificate signed_one = ReadCertificate(certificate), signer = ReadCertificate(authority);
  if (signed_one == nullptr || signer == nullptr) return false;
  const bool good = X509_verify(signed_one.get(), X509_get0_pubkey(signer.get())) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace qalam::server
