// Any name, and any bytes as the API server's Trial: a patch that says what it must, or a refusal.

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "server/trial_patch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (qalam::server::IsObjectName(text) && text.find_first_of("/?#%: ") != std::string_view::npos)
    std::abort();
  const auto patch = qalam::server::EarlyStoppedPatch(text, absl::UnixEpoch());
  if (!patch.ok()) return patch.status().code() == absl::StatusCode::kInternal ? 0 : (std::abort(), 0);
  if (!*patch) return 0;
  const auto parsed = nlohmann::json::parse(**patch);
  if (parsed["status"]["conditions"].back()["type"] != "EarlyStopped") std::abort();
  if (!parsed["metadata"]["resourceVersion"].is_string()) std::abort();
  return 0;
}
