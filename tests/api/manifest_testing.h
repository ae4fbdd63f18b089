// Short ways to read manifests in tests.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/manifest.h"
#include "valid_experiment.h"

namespace qalam::api {

inline std::vector<std::string> ErrorsOf(std::string_view text) {
  return Texts(ReadManifest(text, "f.yaml").errors);
}

inline const Experiment& OnlyExperiment(const Manifest& manifest) {
  static const Experiment kNone;
  EXPECT_THAT(Texts(manifest.errors), testing::IsEmpty());
  EXPECT_EQ(manifest.resources.size(), 1u);
  if (manifest.resources.size() != 1 || manifest.resources[0]->kind() != Kind::kExperiment) return kNone;
  return static_cast<const Experiment&>(*manifest.resources[0]);
}

/// Two lines.
inline std::string Header(std::string_view kind = "Experiment") {
  return "apiVersion: kubeflow.org/v1beta1\nkind: " + std::string(kind) + "\n";
}

}  // namespace qalam::api
