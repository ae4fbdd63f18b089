#include "cli/running_session.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "db/file_lock.h"
#include "server/data_layout.h"

namespace qalam::cli {

SessionFile::SessionFile(const std::string& data_directory, const std::optional<api::ObjectKey>& experiment)
    : path_(server::DataLayout(data_directory).session()) {
  nlohmann::json session{{"pid", getpid()}};
  if (experiment) {
    session["namespace"] = experiment->namespace_name;
    session["experiment"] = experiment->name;
  } else {
    session["runsAll"] = true;
  }
  std::ofstream(path_) << session;
}

SessionFile::~SessionFile() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

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
  if (json.is_object() && json.contains("pid") && json["pid"] == *holder) {
    session.experiment = {text("namespace"), text("experiment")};
    session.runs_all = json.contains("runsAll") && json["runsAll"] == true;
  }
  return session;
}

}  // namespace qalam::cli
