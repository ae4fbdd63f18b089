// Kinds that Qalam keeps and hands out without looking inside.
#pragma once

#include "api/resource.h"

namespace qalam::api {

template <Kind kKindOf>
class Plain final : public ResourceWithStatus<Plain<kKindOf>, kKindOf> {
 public:
  JsonText
      spec;  // an object of every top-level field but apiVersion, kind, metadata and status: {"type":"Opaque","data":{}}
  JsonText status;  // empty: absent
};

using Namespace = Plain<Kind::kNamespace>;
using Secret = Plain<Kind::kSecret>;
using PersistentVolumeClaim = Plain<Kind::kPersistentVolumeClaim>;
using TrainingRuntime = Plain<Kind::kTrainingRuntime>;
using ClusterTrainingRuntime = Plain<Kind::kClusterTrainingRuntime>;

}  // namespace qalam::api
