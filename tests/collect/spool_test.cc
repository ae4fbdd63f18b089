#include "collect/spool.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "temporary_directory.h"

namespace qalam::collect {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::int64_t kPlenty = std::int64_t{1} << 30;

class SpoolTest : public testing::Test {
 protected:
  std::unique_ptr<Spool> Make(std::int64_t limit = kPlenty) {
    auto spool = Spool::Create(parent_.path(), {"trial-1", "head:6789"}, limit);
    EXPECT_TRUE(spool.ok()) << spool.status();
    return *std::move(spool);
  }

  // What a process that is killed leaves: nothing is told to the spool.
  std::unique_ptr<Spool> Reopen(std::unique_ptr<Spool> spool) {
    const std::string directory = spool->directory();
    spool.reset();
    auto opened = Spool::Open(directory);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }

  // Everything that is left, one batch after the other.
  static std::string Drain(Spool& spool) {
    std::string all;
    while (const auto batch = spool.Next()) {
      all += batch->bytes;
      spool.Acknowledge();
    }
    return all;
  }

  size_t Segments() const {
    size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(parent_.path())) {
      count += entry.path().extension() == ".points" ? 1 : 0;
    }
    return count;
  }

  TemporaryDirectory parent_;
};

TEST_F(SpoolTest, GivesRecordsInOrderAndABatchUntilItIsAcknowledged) {
  const auto spool = Make();
  EXPECT_TRUE(spool->empty());
  EXPECT_EQ(spool->Next(), std::nullopt);
  ASSERT_TRUE(spool->Append("a", 1).ok());
  ASSERT_TRUE(spool->Append("bc", 2).ok());
  const auto first = spool->Next();
  EXPECT_EQ(first->bytes, "abc");
  EXPECT_EQ(first->points, 3);
  ASSERT_TRUE(spool->Append("d", 1).ok());
  EXPECT_EQ(spool->Next()->bytes, "abc");
  EXPECT_EQ(spool->Next()->id, first->id);
  spool->Acknowledge();
  EXPECT_EQ(spool->Next()->bytes, "d");
  EXPECT_NE(spool->Next()->id, first->id);
  spool->Acknowledge();
  EXPECT_TRUE(spool->empty());
  EXPECT_EQ(spool->Next(), std::nullopt);
}

TEST_F(SpoolTest, GivesABatchAgainAsItWasAfterACrash) {
  auto spool = Make();
  ASSERT_TRUE(spool->Append("sent", 1).ok());
  spool->Next();
  spool->Acknowledge();
  ASSERT_TRUE(spool->Append("perhaps sent", 2).ok());
  const auto under_way = spool->Next();
  ASSERT_TRUE(spool->Append("not sent", 1).ok());
  spool = Reopen(std::move(spool));
  EXPECT_EQ(spool->info().trial, "trial-1");
  EXPECT_EQ(spool->info().server, "head:6789");
  const auto again = spool->Next();
  EXPECT_EQ(again->bytes, "perhaps sent");
  EXPECT_EQ(again->points, 2);
  EXPECT_EQ(again->id, under_way->id);
  spool->Acknowledge();
  EXPECT_EQ(Drain(*spool), "not sent");
}

TEST_F(SpoolTest, BatchesHaveALimitedNumberOfPointsAndBytes) {
  const auto spool = Make();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(spool->Append("x", Spool::kBatchPoints / 2).ok());
  EXPECT_EQ(spool->Next()->bytes, "xx");
  spool->Acknowledge();
  spool->Next();
  spool->Acknowledge();
  const std::string large(static_cast<size_t>(Spool::kBatchBytes) + 7, 'l');
  ASSERT_TRUE(spool->Append(large, 1).ok());
  ASSERT_TRUE(spool->Append("s", 1).ok());
  EXPECT_EQ(spool->Next()->bytes, large);
  spool->Acknowledge();
  EXPECT_EQ(spool->Next()->bytes, "s");
}

TEST_F(SpoolTest, FilesGoAsTheyAreDoneAndReadOnAfterACrash) {
  auto spool = Make();
  std::string expected;
  for (int i = 0; i < 40; ++i) {
    std::string record(300'000, static_cast<char>('a' + i % 26));
    ASSERT_TRUE(spool->Append(record, 1).ok());
    expected += record;
  }
  EXPECT_GT(Segments(), 2U);
  std::string seen;
  for (int i = 0; i < 7; ++i) {
    seen += spool->Next()->bytes;
    spool->Acknowledge();
  }
  spool = Reopen(std::move(spool));
  seen += Drain(*spool);
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(Segments(), 1U);
  EXPECT_EQ(spool->damaged_bytes(), 0);
  spool->Remove();
  EXPECT_TRUE(fs::is_empty(parent_.path()));
}

TEST_F(SpoolTest, WhatWasBeingWrittenWhenTheProcessDiedIsLeftOutAndCounted) {
  auto spool = Make();
  ASSERT_TRUE(spool->Append("whole", 1).ok());
  ASSERT_TRUE(spool->Append("broken", 1).ok());
  const std::string file = spool->directory() + "/0000000000000000.points";
  fs::resize_file(file, fs::file_size(file) - 2);
  spool = Reopen(std::move(spool));
  EXPECT_EQ(Drain(*spool), "whole");
  EXPECT_EQ(spool->damaged_bytes(), 16);  // of the record's 12 + 6
  EXPECT_TRUE(spool->empty());
}

TEST_F(SpoolTest, DamagedBytesAreNotGivenOut) {
  auto spool = Make();
  ASSERT_TRUE(spool->Append("good", 1).ok());
  ASSERT_TRUE(spool->Append("bad", 1).ok());
  const std::string file = spool->directory() + "/0000000000000000.points";
  std::fstream(file, std::ios::in | std::ios::out).seekp(-1, std::ios::end).put('X');
  spool = Reopen(std::move(spool));
  EXPECT_EQ(Drain(*spool), "good");
  EXPECT_EQ(spool->damaged_bytes(), 15);
}

TEST_F(SpoolTest, WhateverByteIsWrongNothingIsMadeUp) {
  auto spool = Make();
  for (const char* record : {"first,", "second,", "third,"}) ASSERT_TRUE(spool->Append(record, 1).ok());
  const std::string directory = spool->directory();
  spool.reset();
  const std::string saved = parent_.path() + "/saved";
  fs::copy(directory, saved);
  for (const char* name : {"/0000000000000000.points", "/state"}) {
    for (std::uintmax_t position = 0; position < fs::file_size(saved + name); ++position) {
      fs::remove_all(directory);
      fs::copy(saved, directory);
      std::fstream file(directory + name, std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(static_cast<std::streamoff>(position));
      const int byte = file.get();
      file.seekp(static_cast<std::streamoff>(position));
      file.put(static_cast<char>(byte ^ 0xff));
      file.close();
      const auto opened = Spool::Open(directory);
      ASSERT_TRUE(opened.ok()) << opened.status();
      const std::string all = Drain(**opened);
      EXPECT_NE(std::string("first,second,third,").find(all), std::string::npos) << name << position << all;
      EXPECT_TRUE((*opened)->empty());
    }
  }
}

TEST_F(SpoolTest, AtTheLimitNothingMoreIsTakenUntilThereIsRoom) {
  const auto spool = Make(/*limit=*/100);
  const std::string record(60, 'r');
  ASSERT_TRUE(spool->Append(record, 1).ok());
  const absl::Status full = spool->Append(record, 1);
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  EXPECT_THAT(std::string(MessageOf(full)), HasSubstr("the limit is 100"));
  EXPECT_TRUE(spool->disk_fault().ok());
  spool->Next();
  spool->Acknowledge();
  EXPECT_TRUE(spool->Append("next", 1).ok());
  EXPECT_EQ(Drain(*spool), "next");
}

TEST_F(SpoolTest, WithoutASpoolDirectoryPointsWaitInMemory) {
  const auto spool = Spool::InMemory({"t", "s"});
  const std::string large(static_cast<size_t>(Spool::kMemoryBytes) - 1, 'm');
  ASSERT_TRUE(spool->Append("x", 1).ok());
  ASSERT_TRUE(spool->Append(large, 3).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(spool->Append("y", 1)));
  EXPECT_EQ(spool->points_in_memory(), 4);
  const auto first = spool->Next();
  EXPECT_EQ(first->bytes, "x");
  EXPECT_EQ(spool->Next()->id, first->id);
  spool->Acknowledge();
  EXPECT_NE(spool->Next()->id, first->id);
  EXPECT_EQ(Drain(*spool), large);
  EXPECT_TRUE(spool->empty());
}

// A file size limit stands for a full disk: writes beyond it fail, and what is there stays.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, SIG_DFL);
  }

 private:
  rlimit before_{};
};

TEST_F(SpoolTest, WhileTheDiskIsFullPointsWaitInMemoryAndTheOrderStays) {
  auto spool = Make();
  const std::string record(50, 'a');
  ASSERT_TRUE(spool->Append(record, 1).ok());
  {
    const FullDisk full(85);
    ASSERT_TRUE(spool->Append("second", 1).ok()) << "62 + 18 bytes fit";
    ASSERT_TRUE(spool->Append("third", 1).ok());
    EXPECT_THAT(spool->disk_fault().ToString(), HasSubstr("File too large"));
    EXPECT_EQ(spool->points_in_memory(), 1);
    EXPECT_EQ(fs::file_size(spool->directory() + "/0000000000000000.points"), 80U);
  }
  ASSERT_TRUE(spool->Append("fourth", 1).ok());
  EXPECT_EQ(spool->points_in_memory(), 2) << "behind the third";
  EXPECT_EQ(Drain(*spool), record + "secondthirdfourth");
  EXPECT_TRUE(spool->disk_fault().ok());
  ASSERT_TRUE(spool->Append("fifth", 1).ok());
  EXPECT_EQ(spool->points_in_memory(), 0);
  spool = Reopen(std::move(spool));
  EXPECT_EQ(Drain(*spool), "fifth");
  EXPECT_EQ(spool->damaged_bytes(), 0);
}

TEST_F(SpoolTest, OneProcessAtATime) {
  const auto spool = Make();
  const auto second = Spool::Open(spool->directory());
  EXPECT_TRUE(absl::IsAborted(second.status())) << second.status();
}

TEST_F(SpoolTest, TellsWhatIsNoSpool) {
  EXPECT_TRUE(absl::IsNotFound(Spool::Open(parent_.path()).status()));
  for (const char* text :
       {"", "[]", "{}", R"({"version":2,"id":"x"})", R"({"version":1})", R"({"version":1,"id":7})"}) {
    std::ofstream(parent_.path() + "/spool.json") << text;
    EXPECT_TRUE(absl::IsDataLoss(Spool::Open(parent_.path()).status())) << text;
  }
  EXPECT_FALSE(Spool::Create("/dev/null/x", {"t", "s"}, kPlenty).ok());
}

TEST_F(SpoolTest, TrialNamesBecomeFileNames) {
  const auto spool = Spool::Create(parent_.path() + "/deep/er", {"../a b/\n", "s"}, kPlenty);
  ASSERT_TRUE(spool.ok()) << spool.status();
  EXPECT_EQ(fs::path((*spool)->directory()).parent_path(), parent_.path() + "/deep/er");
  EXPECT_THAT((*spool)->directory(), HasSubstr("qalam-collect-.._a_b__-"));
}

}  // namespace
}  // namespace qalam::collect
