// A directory with the files of cgroup v2 stands in for the kernel's; it takes whatever is written.
#include "workload/cgroup.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "temporary_directory.h"

namespace qalam::workload {
namespace {

namespace fs = std::filesystem;

void MakeCgroup(const std::string& directory, const std::string& members) {
  fs::create_directories(directory);
  WriteFile(directory + "/cgroup.controllers", "cpuset cpu io memory pids\n");
  WriteFile(directory + "/cgroup.subtree_control", "");
  WriteFile(directory + "/cgroup.procs", members);
}

TEST(FindCgroupRoot, TakesAConfiguredDirectoryThatHasTheControllers) {
  const TemporaryDirectory directory;
  MakeCgroup(directory.path(), "1\n2\n");
  EXPECT_EQ(FindCgroupRoot(directory.path(), "", "", {}), directory.path());
  EXPECT_EQ(ReadFile(directory / "cgroup.subtree_control"), "+cpu +memory");
  WriteFile(directory / "cgroup.controllers", "cpuset pids memory.x\n");
  EXPECT_EQ(FindCgroupRoot(directory.path(), "", "", {}), "");
  EXPECT_EQ(FindCgroupRoot(directory / "missing", "", "", {}), "");
  EXPECT_EQ(FindCgroupRoot("", "", "", {}), "");
}

TEST(FindCgroupRoot, MovesOutOfItsOwnDelegatedCgroup) {
  const TemporaryDirectory mount;
  MakeCgroup(mount / "user/scope", "41\n42\n");
  const std::string mounts = "proc /proc proc rw 0 0\ncgroup2 " + mount.path() + " cgroup2 rw 0 0\n";
  EXPECT_EQ(FindCgroupRoot(std::nullopt, mounts, "4:memory:/x\n0::/user/scope\n", {41, 42}),
            mount / "user/scope");
  EXPECT_EQ(ReadFile(mount / "user/scope/qalam/cgroup.procs"),
            "42\n");  // the kernel takes one number per write
  EXPECT_EQ(ReadFile(mount / "user/scope/cgroup.subtree_control"), "+cpu +memory");
}

TEST(FindCgroupRoot, LeavesACgroupAloneThatHoldsOthers) {
  const TemporaryDirectory mount;
  MakeCgroup(mount / "shell", "41\n99\n");
  const std::string mounts = "cgroup2 " + mount.path() + " cgroup2 rw 0 0\n";
  EXPECT_EQ(FindCgroupRoot(std::nullopt, mounts, "0::/shell\n", {41}), "");
  EXPECT_FALSE(fs::exists(mount / "shell/qalam"));
  EXPECT_EQ(ReadFile(mount / "shell/cgroup.subtree_control"), "");
}

TEST(FindCgroupRoot, IsEmptyWithoutCgroup2) {
  EXPECT_EQ(FindCgroupRoot(std::nullopt, "cgroup /c cgroup rw 0 0\n", "4:memory:/x\n", {1}), "");
  EXPECT_EQ(FindCgroupRoot(std::nullopt, "", "0::/x\n", {1}), "");
}

TEST(RunCgroup, WritesTheLimits) {
  const TemporaryDirectory root;
  const auto cgroup = RunCgroup::Create(root.path(), "run", {.cpus = 0.5, .memory_bytes = 1 << 20});
  ASSERT_TRUE(cgroup.ok()) << cgroup.status();
  EXPECT_EQ(ReadFile(root / "run/memory.max"), "1048576");
  EXPECT_EQ(ReadFile(root / "run/memory.swap.max"), "0");
  EXPECT_EQ(ReadFile(root / "run/cpu.max"), "50000 100000");
  EXPECT_EQ(cgroup->procs_file(), root / "run/cgroup.procs");
}

TEST(RunCgroup, NeverAsksForLessThanTheKernelsLeastQuota) {
  const TemporaryDirectory root;
  ASSERT_TRUE(RunCgroup::Create(root.path(), "run", {.cpus = 0.001, .memory_bytes = {}}).ok());
  EXPECT_EQ(ReadFile(root / "run/cpu.max"), "1000 100000");
  EXPECT_FALSE(fs::exists(root / "run/memory.max"));
}

TEST(RunCgroup, SeesThatTheKernelEndedAProcess) {
  const TemporaryDirectory root;
  auto cgroup = RunCgroup::Create(root.path(), "run", {.cpus = {}, .memory_bytes = 1});
  ASSERT_TRUE(cgroup.ok());
  EXPECT_FALSE(cgroup->OutOfMemory());
  WriteFile(root / "run/memory.events", "low 0\nhigh 0\nmax 7\noom 1\noom_kill 0\n");
  EXPECT_FALSE(cgroup->OutOfMemory());
  WriteFile(root / "run/memory.events", "low 0\nhigh 0\nmax 7\noom 1\noom_kill 1\n");
  EXPECT_TRUE(cgroup->OutOfMemory());
}

TEST(RunCgroup, RemovesItsDirectory) {
  const TemporaryDirectory root;
  auto cgroup = RunCgroup::Create(root.path(), "run", {});
  ASSERT_TRUE(cgroup.ok());
  cgroup->Destroy();
  EXPECT_FALSE(fs::exists(root / "run"));
}

TEST(RunCgroup, IsUnavailableWithoutItsParent) {
  EXPECT_EQ(RunCgroup::Create("/nonexistent", "run", {}).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace qalam::workload
