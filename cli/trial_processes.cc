#include "cli/trial_processes.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/number_text.h"

namespace qalam::cli {
namespace {

std::string Contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool HasVariable(std::string_view environment, const std::string& variable) {
  for (size_t at = 0; at < environment.size();) {
    const size_t end = std::min(environment.find('\0', at), environment.size());
    if (environment.substr(at, end - at) == variable) return true;
    at = end + 1;
  }
  return false;
}

// "1234 (name) S ppid ...": the name may hold anything, ")" included.
std::optional<TrialProcess> ParseStat(const std::string& stat) {
  const size_t open = stat.find('('), close = stat.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) return std::nullopt;
  TrialProcess process;
  process.pid = static_cast<pid_t>(ParseInt(stat.substr(0, stat.find(' '))).value_or(0));
  process.name = stat.substr(open + 1, close - open - 1);
  std::istringstream fields(stat.substr(close + 1));
  fields >> process.state;
  long long skipped = 0, user = 0, system = 0;
  for (int i = 0; i < 10; ++i) fields >> skipped;  // ppid to cmajflt
  if (!(fields >> user >> system)) return std::nullopt;
  process.cpu = absl::Seconds(user + system) / sysconf(_SC_CLK_TCK);
  return process;
}

}  // namespace

std::vector<TrialProcess> FindTrialProcesses(const std::string& proc, const std::string& trial_directory) {
  const std::string variable = "QALAM_TRIAL_DIR=" + trial_directory;
  std::vector<TrialProcess> found;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(proc, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (!HasVariable(Contents(entry->path() / "environ"), variable)) continue;
    if (auto process = ParseStat(Contents(entry->path() / "stat"))) found.push_back(*std::move(process));
  }
  std::sort(found.begin(), found.end(),
            [](const TrialProcess& a, const TrialProcess& b) { return a.pid < b.pid; });
  return found;
}

}  // namespace qalam::cli
