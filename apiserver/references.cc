#include "apiserver/references.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "api/experiment.h"
#include "api/extension_text.h"
#include "base/extensions.h"
#include "base/trimmed.h"

namespace qalam::apiserver {
namespace {

constexpr std::string_view kGroup = "kubeflow.org", kVersion = "v1beta1";

RequestInfo Read(std::string_view group, std::string_view version, std::string verb,
                 std::string_view resource, std::string namespace_name, std::string name) {
  return {.is_resource = true,
          .verb = std::move(verb),
          .group = std::string(group),
          .version = std::string(version),
          .namespace_name = std::move(namespace_name),
          .resource = std::string(resource),
          .name = std::move(name)};
}

// "NAME, NAMESPACE/NAME": those of a namespace. Cut wherever suggestion::ParseEarlierNames cuts, and in
// quotes too: what it refuses may be asked for in vain, but nothing that it reads may be missed.
void AddEarlierExperiments(std::string_view names, std::vector<RequestInfo>& reads) {
  for (size_t begin = 0; begin <= names.size();) {
    const size_t end = std::min(names.find_first_of(",;\n", begin), names.size());
    const std::string_view name = Trimmed(names.substr(begin, end - begin));
    if (const size_t slash = name.find('/'); slash != std::string_view::npos) {
      const std::string home(name.substr(0, slash));
      reads.push_back(
          Read(kGroup, kVersion, "get", "experiments", home, std::string(name.substr(slash + 1))));
      reads.push_back(Read(kGroup, kVersion, "list", "trials", home, ""));
    }
    begin = end + 1;
  }
}

void AddReads(const api::Experiment& experiment, std::vector<RequestInfo>& reads) {
  if (experiment.spec.trial_template && experiment.spec.trial_template->config_map) {
    const api::ConfigMapSource& map = *experiment.spec.trial_template->config_map;
    if (!map.config_map_namespace.empty()) {
      reads.push_back(Read("", "v1", "get", "configmaps", map.config_map_namespace, map.config_map_name));
    }
  }
  AddEarlierExperiments(api::ExtensionText(experiment, kWarmStartExtension), reads);
}

std::vector<RequestInfo> ReadsElsewhere(const api::Resource& resource) {
  std::vector<RequestInfo> reads;
  if (resource.kind() == api::Kind::kExperiment) {
    AddReads(static_cast<const api::Experiment&>(resource), reads);
  } else if (resource.kind() == api::Kind::kOptimizationJob) {
    // Its experiment gets its annotations, and nobody is asked again when the controller makes it.
    api::Experiment experiment;
    experiment.metadata.annotations = resource.metadata.annotations;
    AddReads(experiment, reads);
  }
  const std::string& home = resource.metadata.namespace_name;
  reads.erase(std::remove_if(reads.begin(), reads.end(),
                             [&](const RequestInfo& read) { return read.namespace_name == home; }),
              reads.end());
  return reads;
}

}  // namespace

absl::Status CheckReferences(const api::Resource& written, const api::Resource* live, const May& may) {
  const std::vector<RequestInfo> known = live == nullptr ? std::vector<RequestInfo>() : ReadsElsewhere(*live);
  for (const RequestInfo& read : ReadsElsewhere(written)) {
    if (std::find(known.begin(), known.end(), read) == known.end()) QALAM_RETURN_IF_ERROR(may(read));
  }
  return absl::OkStatus();
}

}  // namespace qalam::apiserver
