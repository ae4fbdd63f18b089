#include "workload/trial_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "fmt/format.h"

namespace qalam::workload {
namespace {

namespace fs = std::filesystem;

absl::Status CheckName(std::string_view what, std::string_view name) {
  if (!name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
      name.find('\0') == std::string_view::npos) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("the name of the {} must be usable as a directory's name, got '{}'", what, name));
}

absl::Status FileError(std::string_view what, std::string_view path, int error) {
  const std::string message = fmt::format("cannot {} {}: {}", what, path, std::strerror(error));
  if (error == ENOSPC || error == EDQUOT) return absl::ResourceExhaustedError(message);
  return absl::UnavailableError(message);
}

bool IsPathCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == '/';
}

void ReplacePath(std::string& text, std::string_view path, std::string_view replacement) {
  for (size_t at = 0; (at = text.find(path, at)) != std::string::npos;) {
    const size_t end = at + path.size();
    const bool starts = at == 0 || !IsPathCharacter(text[at - 1]);
    const bool ends = end == text.size() || !IsPathCharacter(text[end]);
    if (starts && ends) text.replace(at, path.size(), replacement);
    at += starts && ends ? replacement.size() : 1;
  }
}

void ReplacePath(ContainerPlan& container, std::string_view path, std::string_view replacement) {
  for (std::string& word : container.argv) ReplacePath(word, path, replacement);
  for (auto& [name, value] : container.environment) ReplacePath(value, path, replacement);
}

}  // namespace

absl::StatusOr<TrialFiles> TrialFiles::Create(std::string_view root, const TrialRef& trial,
                                              std::string_view experiment) {
  QALAM_RETURN_IF_ERROR(CheckName("namespace", trial.namespace_name));
  QALAM_RETURN_IF_ERROR(CheckName("experiment", experiment));
  QALAM_RETURN_IF_ERROR(CheckName("trial", trial.name));
  TrialFiles files;
  files.directory_ = fmt::format("{}/{}/{}/{}", root, trial.namespace_name, experiment, trial.name);
  return files;
}

std::string TrialFiles::container_log_file(std::string_view container) const {
  // A container may be called "output" too.
  return fmt::format("{}/{}{}.log", directory_, container == "output" ? "container-" : "", container);
}

std::string TrialFiles::metrics_file(std::string_view path_in_experiment) const {
  while (path_in_experiment.ends_with('/')) path_in_experiment.remove_suffix(1);
  if (path_in_experiment.empty()) return {};
  const std::string_view name = path_in_experiment.substr(path_in_experiment.find_last_of('/') + 1);
  const bool ours = name == "output.log" || name == "." || name == "..";
  return fmt::format("{}/{}{}", directory_, ours ? "metrics-" : "", name);
}

absl::Status TrialFiles::Prepare() const {
  if (mkdir(directory_.c_str(), 0755) == 0 || errno == EEXIST) return absl::OkStatus();
  std::error_code error;
  fs::create_directories(directory_, error);
  return error ? FileError("make the directory", directory_, error.value()) : absl::OkStatus();
}

absl::Status TrialFiles::Delete() const {
  std::error_code error;
  fs::remove_all(directory_, error);
  if (error) return FileError("delete", directory_, error.value());
  const fs::path experiment = fs::path(directory_).parent_path();
  if (rmdir(experiment.c_str()) == 0) rmdir(experiment.parent_path().c_str());
  return absl::OkStatus();
}

std::int64_t FileSize(const std::string& file) {
  struct stat info;
  return stat(file.c_str(), &info) == 0 ? static_cast<std::int64_t>(info.st_size) : 0;
}

void ReplacePath(RunPlan& plan, std::string_view path, std::string_view replacement) {
  if (path.empty()) return;
  for (InitStep& step : plan.init) ReplacePath(step.container, path, replacement);
  for (ContainerPlan& container : plan.sidecars) ReplacePath(container, path, replacement);
  ReplacePath(plan.primary, path, replacement);
}

}  // namespace qalam::workload
