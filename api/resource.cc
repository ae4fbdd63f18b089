#include "api/resource.h"

#include <array>

namespace qalam::api {
namespace {

struct KindInfo {
  Kind kind;
  std::string_view name, plural, api_version;
};

constexpr std::string_view kKatib = "kubeflow.org/v1beta1";

constexpr std::array kKinds = {
    KindInfo{Kind::kExperiment, "Experiment", "experiments", kKatib},
    KindInfo{Kind::kSuggestion, "Suggestion", "suggestions", kKatib},
    KindInfo{Kind::kTrial, "Trial", "trials", kKatib},
    KindInfo{Kind::kEvent, "Event", "events", "v1"},
    KindInfo{Kind::kConfigMap, "ConfigMap", "configmaps", "v1"},
};

// A kind read from a damaged database may have any number.
const KindInfo& Info(Kind kind) {
  static constexpr KindInfo kNone{};
  for (const KindInfo& info : kKinds) {
    if (info.kind == kind) return info;
  }
  return kNone;
}

}  // namespace

std::string_view KindName(Kind kind) { return Info(kind).name; }
std::string_view PluralName(Kind kind) { return Info(kind).plural; }
std::string_view ApiVersion(Kind kind) { return Info(kind).api_version; }

std::optional<Kind> KindFromName(std::string_view kind_name) {
  for (const KindInfo& info : kKinds) {
    if (info.name == kind_name) return info.kind;
  }
  return std::nullopt;
}

}  // namespace qalam::api
