#include "db/file_lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "temp_dir.h"

namespace qalam::db {
namespace {

TEST(FileLock, TellsWhoHoldsItWithoutTakingIt) {
  const TempDir directory;
  const std::string path = directory.File("lock");
  EXPECT_EQ(FileLock::Holder(path), std::nullopt);
  EXPECT_FALSE(std::ifstream(path).good());  // asking makes no file
  {
    const auto lock = FileLock::Acquire(path, "db");
    ASSERT_TRUE(lock.ok()) << lock.status();
    EXPECT_EQ(FileLock::Holder(path), getpid());
    EXPECT_EQ(FileLock::Holder(path), getpid());
    EXPECT_TRUE(absl::IsUnavailable(FileLock::Acquire(path, "db").status()));
    std::ofstream(path) << "no number\n";
    EXPECT_EQ(FileLock::Holder(path), 0);
  }
  EXPECT_EQ(FileLock::Holder(path), std::nullopt);
  EXPECT_TRUE(FileLock::Acquire(path, "db").ok());
}

}  // namespace
}  // namespace qalam::db
