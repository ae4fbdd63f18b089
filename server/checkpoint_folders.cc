#include "server/checkpoint_folders.h"

#include <fmt/format.h>

#include <filesystem>

#include "algorithms/trial_labels.h"
#include "proto/api.pb.h"
#include "workload/checkpoint_copy.h"

namespace qalam::server {
namespace {

namespace fs = std::filesystem;
namespace wire = ::api::v1::beta1;

absl::Status CheckName(std::string_view what, const std::string& name) {
  if (!name.empty() && name != "." && name != ".." &&
      name.find_first_of(std::string_view("/\0", 2)) == name.npos)
    return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}: '{}' cannot be the name of a folder", what, name));
}

absl::Status MakeFolder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) return absl::OkStatus();
  const std::string message = fmt::format("cannot make the folder {}: {}", path.native(), error.message());
  return error == std::errc::no_space_on_device ? absl::ResourceExhaustedError(message)
                                                : absl::UnavailableError(message);
}

}  // namespace

absl::Status MakeCheckpointFolders(const std::string& root, const wire::Experiment& experiment,
                                   const wire::GetSuggestionsReply& reply,
                                   const std::function<bool()>& stop_requested) {
  QALAM_RETURN_IF_ERROR(CheckName("experiment.name", experiment.name()));
  const fs::path folder = fs::path(root) / experiment.name();
  for (const auto& point : reply.parameter_assignments()) {
    if (point.trial_name().empty()) continue;
    QALAM_RETURN_IF_ERROR(CheckName("trial_name", point.trial_name()));
    const std::string parent(algorithms::ParentIn(point.labels()));
    if (parent.empty()) {
      QALAM_RETURN_IF_ERROR(MakeFolder(folder / point.trial_name()));
      continue;
    }
    QALAM_RETURN_IF_ERROR(CheckName("parent", parent));
    QALAM_RETURN_IF_ERROR(MakeFolder(folder));
    QALAM_RETURN_IF_ERROR(workload::CopyCheckpoint((folder / parent).native(),
                                                   (folder / point.trial_name()).native(), stop_requested));
  }
  return absl::OkStatus();
}

}  // namespace qalam::server
