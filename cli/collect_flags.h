// The command line of qalam-collect.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "collect/send_spool.h"
#include "collect/wrapper.h"

namespace qalam::cli {

/// The value of an environment variable; nothing when it is not set or empty.
using GetEnvironment = std::function<std::optional<std::string>(const char* name)>;

/// Exactly one of these is what was asked for.
struct CollectRequest {
  std::optional<collect::WrapperOptions> wrap;
  std::optional<collect::SendOptions> send;
  std::string text;  // help or version, to be printed
};

/// Reads `arguments` (without the program's name): options, then "--" and the command, each word of which is kept as
/// it is. What Katib gives its own collector (-t, -m, -s-db, ...) is understood as well; files of tokens and certificates
/// are read. INVALID_ARGUMENT names the option, what was seen and what would be right.
absl::StatusOr<CollectRequest> ParseCollectArguments(const std::vector<std::string>& arguments,
                                                     const GetEnvironment& environment);

}  // namespace qalam::cli
