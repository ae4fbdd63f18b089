// qalam-collect: runs a command, reads the metrics it reports, and sends them to DBManager.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "cli/collect_flags.h"
#include "cli/exit_code.h"

namespace qalam::cli {
namespace {

// One write for each line: the command writes to the same place.
void SayOnStandardError(std::string_view text) {
  const std::string line = fmt::format("qalam-collect: {}\n", text);
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

std::optional<std::string> Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

int Finish(const absl::Status& status) {
  if (!status.ok()) SayOnStandardError(MessageOf(status));
  return ToInt(ExitCodeFor(status));
}

int Run(const std::vector<std::string>& arguments) {
  const absl::StatusOr<CollectRequest> request = ParseCollectArguments(arguments, Environment);
  if (!request.ok()) {
    Finish(request.status());
    SayOnStandardError("see \"qalam-collect --help\"");
    return ToInt(ExitCode::kInvalidInput);
  }
  if (request->send) return Finish(collect::SendSpools(*request->send, SayOnStandardError));
  if (request->wrap) {
    const absl::StatusOr<int> code = collect::RunWrapped(*request->wrap, SayOnStandardError);
    return code.ok() ? *code : Finish(code.status());
  }
  std::cout << request->text << std::flush;
  return ToInt(ExitCode::kOk);
}

}  // namespace
}  // namespace qalam::cli

int main(int argc, char** argv) {
  const int code = qalam::cli::Run({argv + 1, argv + argc});
  _exit(code);  // a thread that passes output on may be stuck for as long as nobody reads it
}
