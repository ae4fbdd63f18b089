#include "cli/version_command.h"

#include <fmt/format.h>

#include "api/resource.h"
#include "base/status.h"
#include "cli/exit_code.h"
#include "cli/lookup.h"

namespace qalam::cli {

std::string_view Version() { return QALAM_VERSION; }

int RunVersion(const VersionOptions& options, Streams& streams) {
  constexpr std::string_view kRpc = "api.v1.beta1";
  const std::string_view resources = api::ApiVersion(api::Kind::kExperiment);
  if (options.format == "json") {
    streams.out << fmt::format(R"({{"version":"{}","resources":"{}","rpc":"{}"}})", Version(), resources,
                               kRpc)
                << '\n';
  } else if (options.format == "yaml") {
    streams.out << fmt::format("version: {}\nresources: {}\nrpc: {}\n", Version(), resources, kRpc);
  } else if (options.format == "text") {
    streams.out << fmt::format("qalam {} ({}, gRPC {})\n", Version(), resources, kRpc);
  } else {
    return ReportError(
        absl::InvalidArgumentError(fmt::format("-o must be text, json or yaml, got \"{}\"", options.format)),
        streams);
  }
  return ToInt(ExitCode::kOk);
}

}  // namespace qalam::cli
