#include "api/extension_text.h"

#include <gtest/gtest.h>

namespace qalam::api {
namespace {

TEST(ExtensionText, IsTheAnnotationsOrElseTheLastSettings) {
  Experiment experiment;
  EXPECT_EQ(ExtensionText(experiment, "qalam.dev/enqueue"), "");
  experiment.spec.algorithm =
      AlgorithmSpec{"random", {{"qalam.dev/enqueue", "x=1"}, {"qalam.dev/enqueue", "x=2"}}};
  EXPECT_EQ(ExtensionText(experiment, "qalam.dev/enqueue"), "x=2");
  experiment.metadata.annotations = {{"qalam.dev/enqueue", "x=3"}};
  EXPECT_EQ(ExtensionText(experiment, "qalam.dev/enqueue"), "x=3");
  EXPECT_EQ(ExtensionText(experiment, "qalam.dev/end-when"), "");
}

}  // namespace
}  // namespace qalam::api
