// Certificates for tests, made on the spot.
#pragma once

#include <memory>
#include <string>
#include <vector>

struct x509_st;
struct evp_pkey_st;

namespace qalam::http {

/// A certificate authority.
class Authority {
 public:
  struct Issued {
    std::string certificate, key;  // PEM texts
  };

  explicit Authority(const std::string& name);
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  std::string certificate() const;
  Issued Issue(const std::string& common_name, const std::vector<std::string>& organizations = {}) const;

 private:
  x509_st* certificate_;
  evp_pkey_st* key_;
};

}  // namespace qalam::http
