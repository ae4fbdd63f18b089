#include "cli/init_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "api/experiment.h"
#include "api/manifest.h"
#include "cli/init_template.h"
#include "fixtures.h"

namespace qalam::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string Contents(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class Init : public testing::Test {
 protected:
  Init() {
    std::string name = testing::TempDir() + "qalam-init-XXXXXX";
    base_ = mkdtemp(name.data());
  }
  ~Init() override { fs::remove_all(base_); }

  int WriteExample(const fs::path& directory) {
    return RunInit({.directory = directory.string()}, test_.streams);
  }

  fs::path base_;
  TestStreams test_;
};

TEST_F(Init, WritesAnExperimentThatIsReadWithoutErrors) {
  ASSERT_EQ(WriteExample(base_ / "My Example"), 0) << test_.err.str();
  const fs::path file = base_ / "My Example" / "experiment.yaml";
  const api::Manifest manifest = api::ReadManifest(Contents(file), "experiment.yaml");
  for (const api::FieldError& error : manifest.errors) ADD_FAILURE() << error.Text();
  ASSERT_EQ(manifest.resources.size(), 1u);
  const auto& experiment = static_cast<const api::Experiment&>(*manifest.resources[0]);
  EXPECT_EQ(experiment.metadata.name, "my-example");
  EXPECT_EQ(experiment.spec.parameters.size(), 4u);
  EXPECT_EQ(test_.out.str(), (base_ / "My Example" / "train.py").string() + "\n" + file.string() + "\n");
  EXPECT_THAT(test_.err.str(),
              HasSubstr("cd '" + (base_ / "My Example").string() + "'\n  qalam run experiment.yaml"));
}

TEST_F(Init, WritesAScriptThatRunsAndReportsTheObjective) {
  ASSERT_EQ(WriteExample(base_ / "x"), 0);
  const std::string command =
      "cd '" + (base_ / "x").string() +
      "' && ./train.py --lr=0.1 --hidden=8 --decay=0.00001 --schedule=linear --epochs 2 > out.txt";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_THAT(Contents(base_ / "x" / "out.txt"), HasSubstr("epoch=2 loss=0."));
  EXPECT_THAT(Contents(base_ / "x" / "out.txt"), HasSubstr(" accuracy=0."));
}

TEST_F(Init, NamesTheExperimentAfterTheCurrentDirectory) {
  fs::create_directories(base_ / "here");
  ASSERT_EQ(WriteExample(base_ / "here" / "."), 0);
  EXPECT_THAT(Contents(base_ / "here" / "experiment.yaml"), HasSubstr("\n  name: here\n"));
}

TEST_F(Init, NeverOverwrites) {
  fs::create_directories(base_ / "x");
  std::ofstream(base_ / "x" / "experiment.yaml") << "mine";
  EXPECT_EQ(WriteExample(base_ / "x"), 4);
  EXPECT_EQ(Contents(base_ / "x" / "experiment.yaml"), "mine");
  EXPECT_FALSE(fs::exists(base_ / "x" / "train.py"));  // nothing half made
  EXPECT_THAT(test_.err.str(), HasSubstr("experiment.yaml exists already"));
  EXPECT_EQ(test_.out.str(), "");
}

TEST_F(Init, NamesWhatCannotBeWritten) {
  std::ofstream(base_ / "file") << "x";
  EXPECT_EQ(WriteExample(base_ / "file" / "x"), 5);
  EXPECT_THAT(test_.err.str(), HasSubstr("cannot make the directory " + (base_ / "file" / "x").string()));
  EXPECT_EQ(RunInit({.directory = ""}, test_.streams), 2);
}

TEST(InitTemplate, HasThePlaceholderOnce) {
  const size_t first = kInitExperiment.find(kInitNamePlaceholder);
  ASSERT_NE(first, std::string_view::npos);
  EXPECT_EQ(kInitExperiment.find(kInitNamePlaceholder, first + 1), std::string_view::npos);
}

}  // namespace
}  // namespace qalam::cli
