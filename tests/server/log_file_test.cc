#include "server/log_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace qalam::server {
namespace {

class LogFile : public testing::Test {
 protected:
  LogFile() : path_(std::filesystem::temp_directory_path() / ("qalam-log-" + std::to_string(getpid()))) {}
  ~LogFile() override { std::filesystem::remove(path_); }

  void Append(const std::string& text) { std::ofstream(path_, std::ios::app) << text; }
  void Replace(const std::string& text) {
    std::ofstream(path_.string() + ".new") << text;
    std::filesystem::rename(path_.string() + ".new", path_);
  }
  std::string Last(std::int64_t lines, std::int64_t begin = 0) {
    std::ifstream file(path_);
    const std::string all{std::istreambuf_iterator<char>(file), {}};
    return all.substr(LastLinesOffset(path_, begin, static_cast<std::int64_t>(all.size()), lines));
  }
  static std::string Read(LogReader& reader, std::size_t most = 1000) {
    const auto bytes = reader.Read(most);
    EXPECT_TRUE(bytes.ok()) << bytes.status();
    return bytes.value_or("");
  }

  const std::filesystem::path path_;
};

TEST_F(LogFile, LastLinesCountAnUnfinishedOne) {
  Append("one\ntwo\nthree\n");
  EXPECT_EQ(Last(0), "");
  EXPECT_EQ(Last(1), "three\n");
  EXPECT_EQ(Last(2), "two\nthree\n");
  EXPECT_EQ(Last(9), "one\ntwo\nthree\n");
  EXPECT_EQ(Last(9, 4), "two\nthree\n");
  Append("fo");
  EXPECT_EQ(Last(1), "fo");
  EXPECT_EQ(Last(2), "three\nfo");
}

TEST_F(LogFile, LastLinesAreFoundAcrossBlocks) {
  const std::string line(100'000, 'x');
  Append("first\n" + line + "\nlast\n");
  EXPECT_EQ(Last(2), line + "\nlast\n");
  EXPECT_EQ(LineStart(path_, 50'000), 6);
  EXPECT_EQ(LineStart(path_, 6), 6);
  EXPECT_EQ(LineStart(path_, 3), 0);
}

TEST_F(LogFile, ReaderGoesOnWhereItWas) {
  LogReader reader(path_, 0);
  EXPECT_EQ(Read(reader), "");
  Append("abcdef");
  EXPECT_EQ(Read(reader, 4), "abcd");
  EXPECT_FALSE(reader.at_end());
  EXPECT_EQ(Read(reader, 4), "ef");
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(Read(reader), "");
}

TEST_F(LogFile, ReaderBeginsAgainInAnotherFile) {
  Append("a long first file");
  LogReader reader(path_, 2);
  EXPECT_EQ(Read(reader), "long first file");
  Replace("a second file that is longer than that");
  EXPECT_EQ(Read(reader), "a second file that is longer than that");
  std::filesystem::resize_file(path_, 1);
  EXPECT_EQ(Read(reader), "a");
  std::filesystem::remove(path_);
  EXPECT_EQ(Read(reader), "");
}

}  // namespace
}  // namespace qalam::server
