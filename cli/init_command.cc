#include "cli/init_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cli/command_line_text.h"
#include "cli/exit_code.h"
#include "cli/init_template.h"
#include "cli/lookup.h"
#include "cli/resource_name.h"

namespace qalam::cli {
namespace {

absl::Status WriteNewFile(const std::filesystem::path& path, std::string_view text, mode_t mode) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0 && errno == EEXIST) {
    return absl::AlreadyExistsError(fmt::format(
        "{} exists already and is left as it is; choose another name: qalam init NAME", path.string()));
  }
  if (fd < 0)
    return absl::UnavailableError(fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)));
  absl::Status status;
  while (!text.empty() && status.ok()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written >= 0)
      text.remove_prefix(static_cast<size_t>(written));
    else if (errno != EINTR)
      status =
          absl::UnavailableError(fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)));
  }
  if (close(fd) != 0 && status.ok()) {
    status = absl::UnavailableError(fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)));
  }
  return status;
}

std::string ExperimentText(std::string_view name) {
  std::string text(kInitExperiment);
  const size_t at = text.find(kInitNamePlaceholder);
  return text.replace(at, kInitNamePlaceholder.size(), name);
}

absl::Status WriteExample(const std::filesystem::path& directory, Streams& streams) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return absl::UnavailableError(
        fmt::format("cannot make the directory {}: {}", directory.string(), error.message()));
  }
  const std::filesystem::path script = directory / "train.py", experiment = directory / "experiment.yaml";
  // Both are looked at first, so that an example is never left half made.
  for (const std::filesystem::path& path : {script, experiment}) {
    if (std::filesystem::exists(path, error)) return WriteNewFile(path, "", 0644);
  }
  const std::filesystem::path full = (std::filesystem::absolute(directory) / "").lexically_normal();
  const std::string name = ToResourceName(full.parent_path().filename().string());
  QALAM_RETURN_IF_ERROR(WriteNewFile(script, kInitTrainingScript, 0755));
  QALAM_RETURN_IF_ERROR(WriteNewFile(experiment, ExperimentText(name), 0644));
  streams.out << script.string() << '\n' << experiment.string() << '\n';
  streams.err << fmt::format(
      "\nNext:\n  cd {}\n  qalam run experiment.yaml\n\n"
      "train.py needs nothing but Python 3. Put your own program in experiment.yaml, or do without the "
      "file:\n"
      "  qalam run --objective max:accuracy --param 'lr=log:1e-4..1' -- python3 train.py --lr {{lr}}\n",
      ShellQuote(directory.string()));
  return absl::OkStatus();
}

}  // namespace

int RunInit(const InitOptions& options, Streams& streams) {
  if (options.directory.empty())
    return ReportError(absl::InvalidArgumentError("the NAME of the example is empty"), streams);
  const absl::Status status = WriteExample(options.directory, streams);
  return status.ok() ? ToInt(ExitCode::kOk) : ReportError(status, streams);
}

}  // namespace qalam::cli
