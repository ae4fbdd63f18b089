#include "api/resource.h"

#include <array>

namespace qalam::api {
namespace {

struct KindInfo {
  Kind kind;
  std::string_view name, plural, api_version;
  bool namespaced = true;
};

constexpr std::string_view kKatib = "kubeflow.org/v1beta1";
constexpr std::string_view kTrainer = "trainer.kubeflow.org/v1alpha1";

constexpr std::array kKinds = {
    KindInfo{Kind::kExperiment, "Experiment", "experiments", kKatib},
    KindInfo{Kind::kSuggestion, "Suggestion", "suggestions", kKatib},
    KindInfo{Kind::kTrial, "Trial", "trials", kKatib},
    KindInfo{Kind::kEvent, "Event", "events", "v1"},
    KindInfo{Kind::kConfigMap, "ConfigMap", "configmaps", "v1"},
    KindInfo{Kind::kNamespace, "Namespace", "namespaces", "v1", false},
    KindInfo{Kind::kSecret, "Secret", "secrets", "v1"},
    KindInfo{Kind::kPersistentVolumeClaim, "PersistentVolumeClaim", "persistentvolumeclaims", "v1"},
    KindInfo{Kind::kOptimizationJob, "OptimizationJob", "optimizationjobs", kTrainer},
    KindInfo{Kind::kTrainingRuntime, "TrainingRuntime", "trainingruntimes", kTrainer},
    KindInfo{Kind::kClusterTrainingRuntime, "ClusterTrainingRuntime", "clustertrainingruntimes", kTrainer,
             false},
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
bool IsNamespaced(Kind kind) { return Info(kind).namespaced; }

std::span<const Kind> AllKinds() {
  static constexpr auto kAll = [] {
    std::array<Kind, kKinds.size()> kinds{};
    for (std::size_t i = 0; i < kKinds.size(); ++i) kinds[i] = kKinds[i].kind;
    return kinds;
  }();
  return kAll;
}

std::optional<Kind> KindFromName(std::string_view kind_name) {
  for (const KindInfo& info : kKinds) {
    if (info.name == kind_name) return info.kind;
  }
  return std::nullopt;
}

}  // namespace qalam::api
