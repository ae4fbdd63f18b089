// What a data directory holds.
#pragma once

#include <string>

#include "api/resource.h"
#include "base/status.h"

namespace qalam::server {

struct DataLayout {
  explicit DataLayout(std::string directory) : root(std::move(directory)) {}

  /// Makes the directory unless it is there. PERMISSION_DENIED with the reason.
  absl::Status Create() const;

  std::string database() const { return root + "/qalam.db"; }
  std::string trials() const { return root + "/trials"; }
  std::string fallback_programs() const { return root + "/programs"; }
  std::string access() const { return root + "/access"; }  // keys and tokens of the Kubernetes-style API
  std::string launcher_lock() const { return root + "/launcher.lock"; }
  std::string session() const { return root + "/session.json"; }
  std::string trial_directory(const api::Resource& trial, const std::string& experiment) const {
    return trials() + "/" + trial.metadata.namespace_name + "/" + experiment + "/" + trial.metadata.name;
  }

  std::string root;
};

}  // namespace qalam::server
