#include "tests/http/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace qalam::http {
namespace {

template <class Write>
std::string Pem(Write write) {
  BIO* const bio = BIO_new(BIO_s_mem());
  write(bio);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

void AddEntry(X509_NAME* name, const char* field, const std::string& value) {
  X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(value.c_str()), -1, -1, 0);
}

X509* MakeCertificate(EVP_PKEY* key, const std::string& common_name,
                      const std::vector<std::string>& organizations) {
  X509* const certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  for (const std::string& name : organizations) AddEntry(X509_get_subject_name(certificate), "O", name);
  AddEntry(X509_get_subject_name(certificate), "CN", common_name);
  return certificate;
}

}  // namespace

Authority::Authority(const std::string& name) : key_(EVP_EC_gen("P-256")) {
  certificate_ = MakeCertificate(key_, name, {});
  X509_set_issuer_name(certificate_, X509_get_subject_name(certificate_));
  X509_EXTENSION* const is_authority =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE");
  X509_add_ext(certificate_, is_authority, -1);
  X509_EXTENSION_free(is_authority);
  X509_sign(certificate_, key_, EVP_sha256());
}

Authority::~Authority() {
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

std::string Authority::certificate() const {
  return Pem([&](BIO* bio) { PEM_write_bio_X509(bio, certificate_); });
}

Authority::Issued Authority::Issue(const std::string& common_name,
                                   const std::vector<std::string>& organizations) const {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = MakeCertificate(key, common_name, organizations);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate_));
  X509_sign(certificate, key_, EVP_sha256());
  Issued issued{.certificate = Pem([&](BIO* bio) { PEM_write_bio_X509(bio, certificate); }),
                .key = Pem([&](BIO* bio) {
                  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
                })};
  X509_free(certificate);
  EVP_PKEY_free(key);
  return issued;
}

}  // namespace qalam::http
