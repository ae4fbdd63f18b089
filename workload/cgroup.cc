#include "workload/cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/number_text.h"
#include "fmt/format.h"

namespace qalam::workload {
namespace {

std::string ReadText(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

absl::Status WriteText(const std::string& file, std::string_view text) {
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  const bool written = fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  if (fd >= 0) close(fd);
  if (written) return absl::OkStatus();
  return absl::UnavailableError(fmt::format("cannot write '{}' to {}: {}", text, file, std::strerror(error)));
}

bool HasWords(const std::string& text, std::initializer_list<std::string_view> words) {
  std::istringstream in(text);
  const std::vector<std::string> present{std::istream_iterator<std::string>(in), {}};
  return std::all_of(words.begin(), words.end(), [&](std::string_view word) {
    return std::find(present.begin(), present.end(), word) != present.end();
  });
}

bool EnableControllers(const std::string& directory) {
  return HasWords(ReadText(directory + "/cgroup.controllers"), {"cpu", "memory"}) &&
         WriteText(directory + "/cgroup.subtree_control", "+cpu +memory").ok();
}

std::string OwnCgroup(std::string_view mounts, std::string_view own_cgroup) {
  std::string line, path;
  for (std::istringstream in{std::string(own_cgroup)}; std::getline(in, line);) {
    if (line.starts_with("0::")) path = line.substr(3);
  }
  if (path.empty()) return {};
  for (std::istringstream in{std::string(mounts)}; std::getline(in, line);) {
    std::istringstream fields(line);
    std::string device, mount_point, type;
    fields >> device >> mount_point >> type;
    if (type == "cgroup2") return path == "/" ? mount_point : mount_point + path;
  }
  return {};
}

}  // namespace

std::string FindCgroupRoot(const std::optional<std::string>& configured, std::string_view mounts,
                           std::string_view own_cgroup, const std::vector<int>& own_pids) {
  if (configured) return !configured->empty() && EnableControllers(*configured) ? *configured : std::string();
  const std::string root = OwnCgroup(mounts, own_cgroup);
  if (root.empty() || access((root + "/cgroup.subtree_control").c_str(), W_OK) != 0 ||
      !HasWords(ReadText(root + "/cgroup.controllers"), {"cpu", "memory"})) {
    return {};
  }
  std::istringstream members(ReadText(root + "/cgroup.procs"));
  for (int pid = 0; members >> pid;) {
    if (std::find(own_pids.begin(), own_pids.end(), pid) == own_pids.end()) return {};
  }
  const std::string home = root + "/qalam";
  if (mkdir(home.c_str(), 0755) != 0 && errno != EEXIST) return {};
  for (const int pid : own_pids) {
    if (!WriteText(home + "/cgroup.procs", fmt::format("{}\n", pid)).ok()) return {};
  }
  return EnableControllers(root) ? root : std::string();
}

absl::StatusOr<RunCgroup> RunCgroup::Create(std::string_view root, std::string_view name,
                                            const ResourceLimits& limits) {
  RunCgroup cgroup(fmt::format("{}/{}", root, name));
  if (mkdir(cgroup.directory_.c_str(), 0755) != 0) {
    return absl::UnavailableError(fmt::format("cannot make {}: {}", cgroup.directory_, std::strerror(errno)));
  }
  absl::Status status;
  if (limits.memory_bytes) {
    status.Update(WriteText(cgroup.directory_ + "/memory.max", fmt::format("{}", *limits.memory_bytes)));
    // Absent on kernels without swap accounting.
    WriteText(cgroup.directory_ + "/memory.swap.max", "0").IgnoreError();
    WriteText(cgroup.directory_ + "/memory.oom.group", "1").IgnoreError();
  }
  if (limits.cpus) {
    constexpr double kPeriod = 100'000,
                     kLeastQuota = 1'000;  // microseconds; the kernel takes no less than 1 ms
    const double quota = std::max(kLeastQuota, std::min(1e15, *limits.cpus * kPeriod));
    status.Update(WriteText(cgroup.directory_ + "/cpu.max", fmt::format("{:.0f} {:.0f}", quota, kPeriod)));
  }
  if (!status.ok()) {
    cgroup.Destroy();
    return status;
  }
  return cgroup;
}

bool RunCgroup::OutOfMemory() const {
  std::istringstream events(ReadText(directory_ + "/memory.events"));
  long long count = 0;
  for (std::string name; events >> name >> count;) {
    if (name == "oom_kill" && count > 0) return true;
  }
  return false;
}

void RunCgroup::Destroy() {
  const std::string kill_file = directory_ + "/cgroup.kill";
  if (access(kill_file.c_str(), W_OK) == 0) WriteText(kill_file, "1").IgnoreError();
  rmdir(directory_.c_str());
}

}  // namespace qalam::workload
