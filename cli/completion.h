// qalam completion bash|zsh
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "cli/streams.h"

namespace qalam::cli {

/// A script that completes commands, flags, their values, files, and experiments (by `qalam ls -o name`).
/// INVALID_ARGUMENT: `shell` is neither bash nor zsh.
absl::StatusOr<std::string> CompletionScript(std::string_view shell);

/// Prints the script.
int RunCompletion(std::string_view shell, Streams& streams);

}  // namespace qalam::cli
