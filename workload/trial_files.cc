#include "workload/trial_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "fmt/format.h"
#include "workload/file_error.h"

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

bool IsPathCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == '/';
}

// Whether a path may end before `next`.
bool EndsPath(char next) { return !IsPathCharacter(next); }

bool EndsAbsoluteDirectory(char next) { return next == '/' || EndsPath(next); }

bool EndsRelativeDirectory(char next) { return next != '=' && EndsAbsoluteDirectory(next); }

void ReplacePath(std::string& text, std::string_view path, std::string_view replacement,
                 bool (*ends_before)(char)) {
  for (size_t at = 0; (at = text.find(path, at)) != std::string::npos;) {
    const size_t end = at + path.size();
    const bool starts = at == 0 || !IsPathCharacter(text[at - 1]);
    const bool ends = end == text.size() || ends_before(text[end]);
    if (starts && ends) text.replace(at, path.size(), replacement);
    at += starts && ends ? replacement.size() : 1;
  }
}

void ReplacePort(std::string& text, std::string_view port, std::string_view replacement) {
  if (!text.ends_with(port)) return;
  const size_t at = text.size() - port.size();
  if (at == 0 || text[at - 1] == '=' || text[at - 1] == ':') text.replace(at, port.size(), replacement);
}

// Calls `edit` with every word of the commands and every value of the variables.
void EditTexts(RunPlan& plan, const std::function<void(std::string&)>& edit) {
  const auto edit_container = [&](ContainerPlan& container) {
    for (std::string& word : container.argv) edit(word);
    for (auto& [name, value] : container.environment) edit(value);
  };
  for (InitStep& step : plan.init) edit_container(step.container);
  for (ContainerPlan& container : plan.sidecars) edit_container(container);
  edit_container(plan.primary);
  if (plan.collector) edit_container(*plan.collector);
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

std::string TrialFiles::metrics_path(std::string_view path_in_experiment) const {
  while (path_in_experiment.ends_with('/')) path_in_experiment.remove_suffix(1);
  if (path_in_experiment.empty()) return {};
  const std::string_view name = path_in_experiment.substr(path_in_experiment.find_last_of('/') + 1);
  const bool ours = name == "output.log" || name == "checkpoint" || name == "checkpoint.partial" ||
                    name == "." || name == "..";
  return fmt::format("{}/{}{}", directory_, ours ? "metrics-" : "", name);
}

absl::Status TrialFiles::Prepare() const {
  if (mkdir(directory_.c_str(), 0755) == 0 || errno == EEXIST) return absl::OkStatus();
  std::error_code error;
  fs::create_directories(directory_, error);
  return error ? FileError("make the directory", directory_, error.value()) : absl::OkStatus();
}

absl::Status TrialFiles::PrepareCheckpoint() const {
  const std::string path = checkpoint_directory();
  if (mkdir(path.c_str(), 0755) == 0 || errno == EEXIST) return absl::OkStatus();
  return FileError("make the directory", path, errno);
}

absl::Status TrialFiles::DeleteCheckpoint() const {
  for (const char* suffix : {"", ".partial"}) {
    const std::string path = checkpoint_directory() + suffix;
    std::error_code error;
    fs::remove_all(path, error);
    if (error) return FileError("delete", path, error.value());
  }
  return absl::OkStatus();
}

absl::Status TrialFiles::PrepareEmpty(const std::string& path) const {
  const fs::path name = fs::path(path).filename();
  if (fs::path(path).parent_path() != directory_ || name == "" || name == "." || name == "..") {
    return absl::InvalidArgumentError(
        fmt::format("metrics directory {}: must be inside {}", path, directory_));
  }
  std::error_code error;
  fs::remove_all(path, error);
  if (!error) fs::create_directories(path, error);
  return error ? FileError("make the empty directory", path, error.value()) : absl::OkStatus();
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
  EditTexts(plan, [&](std::string& text) { ReplacePath(text, path, replacement, EndsPath); });
}

void ReplaceDirectory(RunPlan& plan, std::string_view path, std::string_view replacement) {
  if (path.empty()) return;
  const auto ends = path.starts_with('/') ? EndsAbsoluteDirectory : EndsRelativeDirectory;
  EditTexts(plan, [&](std::string& text) { ReplacePath(text, path, replacement, ends); });
}

void ReplacePort(RunPlan& plan, int port, int replacement) {
  if (port == replacement) return;
  const std::string from = fmt::format("{}", port), to = fmt::format("{}", replacement);
  EditTexts(plan, [&](std::string& text) { ReplacePort(text, from, to); });
}

}  // namespace qalam::workload
