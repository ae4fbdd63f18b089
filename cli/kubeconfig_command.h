// qalam kubeconfig
#pragma once

#include <string>

#include "cli/streams.h"

namespace qalam::cli {

struct KubeconfigOptions {
  std::string data_directory;              // absolute
  std::string namespace_name = "default";  // -n, --namespace: of the context
  std::string address;                     // --http HOST:PORT, or a URL; empty: where the server was last
  std::string user = "admin";
  std::string token_file;             // --http-token-file: of users other than admin
  std::string certificate_authority;  // --certificate-authority FILE; empty: the one that the server has made
};

/// Prints a kubeconfig for the Kubernetes-style API of this data directory, with token and authority inside.
/// Exit codes as in exit_code.h: 3 when no server has run in the data directory, or the user has no token.
int RunKubeconfig(const KubeconfigOptions& options, Streams& streams);

}  // namespace qalam::cli
