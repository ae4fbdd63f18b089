#include "server/checkpoint_folders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "proto/api.pb.h"

namespace qalam::server {
namespace {

namespace fs = std::filesystem;
namespace wire = ::api::v1::beta1;

using testing::HasSubstr;

class CheckpointFolders : public testing::Test {
 protected:
  CheckpointFolders() {
    std::string pattern = (fs::temp_directory_path() / "qalam-server-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    experiment_.set_name("tune");
  }
  ~CheckpointFolders() override { fs::remove_all(root_); }

  void Propose(const std::string& name, const std::string& parent = "") {
    wire::GetSuggestionsReply::ParameterAssignments& point = *reply_.add_parameter_assignments();
    point.set_trial_name(name);
    if (!parent.empty()) (*point.mutable_labels())["pbt.suggestion.katib.kubeflow.org/parent"] = parent;
  }
  absl::Status Make() const { return MakeCheckpointFolders(root_, experiment_, reply_, {}); }

  fs::path root_;
  wire::Experiment experiment_;
  wire::GetSuggestionsReply reply_;
};

TEST_F(CheckpointFolders, AreEmptyOrCopiesOfTheParents) {
  Propose("a");
  Propose("");  // the caller names it, and knows no folder
  ASSERT_TRUE(Make().ok());
  EXPECT_TRUE(fs::is_empty(root_ / "tune/a"));
  std::ofstream(root_ / "tune/a/model") << "weights";
  Propose("b", "a");
  ASSERT_TRUE(Make().ok());
  std::ofstream(root_ / "tune/b/model") << "trained on";
  ASSERT_TRUE(Make().ok());  // the reply was lost, and asked for again
  std::string text;
  std::ifstream(root_ / "tune/b/model") >> text;
  EXPECT_EQ(text, "trained");
  std::ifstream(root_ / "tune/a/model") >> text;
  EXPECT_EQ(text, "weights");
}

TEST_F(CheckpointFolders, OfParentsThatAreNotThereAreMissed) {
  Propose("b", "a");
  const absl::Status status = Make();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("tune/a"));
}

TEST_F(CheckpointFolders, StayBelowTheDirectory) {
  Propose("b", "../../etc");
  EXPECT_EQ(Make().code(), absl::StatusCode::kInvalidArgument);
  reply_.Clear();
  Propose("..");
  EXPECT_EQ(Make().code(), absl::StatusCode::kInvalidArgument);
  reply_.Clear();
  Propose("a");
  for (const char* name : {"..", "a/b", ""}) {
    experiment_.set_name(name);
    EXPECT_EQ(Make().code(), absl::StatusCode::kInvalidArgument) << name;
  }
  EXPECT_TRUE(fs::is_empty(root_));
}

}  // namespace
}  // namespace qalam::server
