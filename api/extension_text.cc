#include "api/extension_text.h"

#include <algorithm>
#include <string>

namespace qalam::api {

std::string_view ExtensionText(const Experiment& experiment, std::string_view extension) {
  const StringMap& annotations = experiment.metadata.annotations;
  if (const auto found = annotations.find(std::string(extension)); found != annotations.end())
    return found->second;
  if (!experiment.spec.algorithm) return {};
  const auto& settings = experiment.spec.algorithm->algorithm_settings;
  const auto found = std::find_if(settings.rbegin(), settings.rend(),
                                  [&](const AlgorithmSetting& setting) { return setting.name == extension; });
  return found == settings.rend() ? std::string_view() : found->value;
}

}  // namespace qalam::api
