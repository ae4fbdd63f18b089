#include "db/dump_import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>

#include "db/observation_log.h"
#include "tests/db/temp_dir.h"

namespace qalam::db {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kInsert = "INSERT INTO `observation_logs` VALUES ";

class DumpImportTest : public testing::Test {
 protected:
  std::string Write(const std::string& text) {
    std::ofstream(dir_.File("dump.sql"), std::ios::binary) << text;
    return dir_.File("dump.sql");
  }

  std::string WriteCompressed(const std::string& text) {
    const std::string path = dir_.File("dump.sql.gz");
    const gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
    return path;
  }

  ImportSummary Import(const std::string& path) {
    const auto summary = ImportSqlDump(*database_, path);
    EXPECT_TRUE(summary.ok()) << summary.status();
    return summary.value_or(ImportSummary{});
  }

  std::vector<std::string> Values(const std::string& trial) {
    std::vector<std::string> values;
    EXPECT_EQ(log_.Read({.trial_key = trial},
                        [&](LogEntry entry) {
                          values.push_back(entry.value);
                          return absl::OkStatus();
                        }),
              absl::OkStatus());
    return values;
  }

  TempDir dir_;
  std::unique_ptr<Database> database_ = *Database::Open(dir_.File("q.db"));
  ObservationLog log_{*database_};
};

constexpr const char* kRows =
    "('a',1,'2024-03-04 17:55:08.000001','loss','2'),('b',2,'0001-01-01 00:00:00.000000','loss','1'),"
    "('a',3,'2024-03-04 17:55:08.000000','loss','1'),('b',4,'0001-01-01 00:00:00.000000','loss','1')";

TEST_F(DumpImportTest, StoresEveryRowOnceHoweverOftenItIsImported) {
  const std::string dump = std::string(kInsert) + kRows + ";\n";
  for (int round = 0; round < 3; ++round) {
    const ImportSummary summary = Import(round == 1 ? WriteCompressed(dump) : Write(dump));
    EXPECT_EQ(summary.trials, 2);
    EXPECT_EQ(summary.points, 4);
    EXPECT_EQ(summary.present, round == 0 ? 0 : 4);
    EXPECT_THAT(Values("a"), ElementsAre("1", "2"));
    EXPECT_THAT(Values("b"), ElementsAre("1", "1"));
  }
}

TEST_F(DumpImportTest, ALaterDumpAddsWhatIsNew) {
  Import(Write(std::string(kInsert) + kRows + ";\n"));
  const LogEntry live{"0001-01-01T00:00:00Z", "loss", "live"};
  ASSERT_EQ(log_.Append("b", {&live, 1}), absl::OkStatus());
  const ImportSummary summary =
      Import(Write(std::string(kInsert) + kRows + ",('b',5,'0001-01-01 00:00:00.000000','loss','1');\n"));
  EXPECT_EQ(summary.points, 5);
  EXPECT_EQ(summary.present, 4);
  EXPECT_THAT(Values("b"), ElementsAre("1", "1", "live", "1"));
}

TEST_F(DumpImportTest, TakesDumpsLargerThanABatch) {
  std::string dump = kInsert;
  for (int i = 1; i <= 12'000; ++i) {
    dump += (i > 1 ? "," : "") + std::string("('t-") + std::to_string(i % 7) + "'," + std::to_string(i) +
            ",'2024-03-04 17:55:08.000000','loss','" + std::to_string(i) + "')";
  }
  const ImportSummary summary = Import(WriteCompressed(dump + ";"));
  EXPECT_EQ(summary.trials, 7);
  EXPECT_EQ(summary.points, 12'000);
  std::vector<std::string> expected;
  for (int i = 3; i <= 12'000; i += 7) expected.push_back(std::to_string(i));
  EXPECT_EQ(Values("t-3"), expected);
}

TEST_F(DumpImportTest, NamesFileAndLineAndKeepsWhatCameBefore) {
  const std::string path =
      Write(std::string(kInsert) + kRows + ";\n" + kInsert + "('a',9,'noon','loss','3');\n");
  const absl::Status status = ImportSqlDump(*database_, path).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(path), HasSubstr("line 2"), HasSubstr("'noon'")));
  EXPECT_THAT(Values("a"), ElementsAre("1", "2"));
}

TEST_F(DumpImportTest, SaysWhatIsWrongWithTheFile) {
  EXPECT_EQ(ImportSqlDump(*database_, dir_.File("none.sql")).status().code(), absl::StatusCode::kNotFound);
  const std::string path = WriteCompressed(std::string(kInsert) + kRows + ";\n");
  std::string bytes = [&] {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }();
  bytes.resize(bytes.size() / 2);
  EXPECT_FALSE(ImportSqlDump(*database_, Write(bytes)).ok());
  EXPECT_NE(ImportSqlDump(*database_, dir_.path()).status().code(), absl::StatusCode::kOk);
}

}  // namespace
}  // namespace qalam::db
