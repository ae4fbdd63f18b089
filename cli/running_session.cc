#include "cli/running_session.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "db/file_lock.h"
#include "server/data_layout.h"

namespace qalam::cli {

std::optional<RunningSession> FindRunningSession(const std::string& data_directory) {
  const server::DataLayout layout(data_directory);
  const std::optional<pid_t> holder = db::FileLock::Holder(layout.database() + ".lock");
  if (!holder) return std::nullopt;
  RunningSession session{.pid = *holder};
  std::ifstream file(layout.session());
  const auto json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  // A session that was killed leaves its file behind.
  const auto text = [&](const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (json.is_object() && json.contains("pid") && json["pid"] == *holder)
    session.experiment = {text("namespace"), text("experiment")};
  return session;
}

}  // namespace qalam::cli
