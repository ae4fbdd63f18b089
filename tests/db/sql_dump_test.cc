#include "db/sql_dump.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "db/point_rows.h"

namespace qalam::db {

void PrintTo(const DumpRow& row, std::ostream* out) {
  *out << row.trial_name << " #" << row.id << " " << FormatRfc3339(row.time) << " " << row.metric_name << "="
       << row.value;
}

namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// In pieces of `step` bytes, so that every construct is cut everywhere.
SqlDumpReader::Source From(const std::string& text, size_t step) {
  return [text, step, position = size_t{0}](std::string& buffer) mutable {
    const std::string piece = text.substr(position, step);
    position += piece.size();
    buffer += piece;
    return absl::OkStatus();
  };
}

absl::StatusOr<std::vector<DumpRow>> ReadAll(const std::string& text, size_t step = 7) {
  SqlDumpReader reader(From(text, step));
  std::vector<DumpRow> rows;
  for (DumpRow row;;) {
    const absl::StatusOr<bool> more = reader.Next(row);
    if (!more.ok()) return more.status();
    if (!*more) return rows;
    rows.push_back(row);
  }
}

std::vector<DumpRow> Rows(const std::string& text) {
  const auto rows = ReadAll(text);
  EXPECT_TRUE(rows.ok()) << rows.status();
  for (const size_t step : {1u, 100'000u}) {
    const auto again = ReadAll(text, step);
    EXPECT_TRUE(again.ok() && *again == *rows) << "in pieces of " << step;
  }
  return *rows;
}

std::string Error(const std::string& text) {
  const absl::Status status = ReadAll(text).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

Timestamp At(const char* text) { return *ParseRfc3339(text); }

constexpr const char* kMysqlHead = R"sql(-- MySQL dump 10.13  Distrib 8.0.29, for Linux (x86_64)
--
-- Host: katib-mysql    Database: katib
-- ------------------------------------------------------
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET TIME_ZONE='+00:00' */;

--
-- Table structure for table `observation_logs`
--

DROP TABLE IF EXISTS `observation_logs`;
/*!50503 SET character_set_client = utf8mb4 */;
CREATE TABLE `observation_logs` (
  `trial_name` varchar(255) NOT NULL,
  `id` int NOT NULL AUTO_INCREMENT,
  `time` datetime(6) DEFAULT NULL,
  `metric_name` varchar(255) NOT NULL,
  `value` text NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb4 COMMENT='it''s; a \'table\'';

LOCK TABLES `observation_logs` WRITE;
/*!40000 ALTER TABLE `observation_logs` DISABLE KEYS */;
)sql";

TEST(SqlDump, ReadsWhatMysqldumpWrites) {
  const std::string text =
      std::string(kMysqlHead) +
      "INSERT INTO `observation_logs` VALUES "
      "('random-8kz2w',1,'2024-03-04 17:55:08.120000','loss','0.31'),"
      "('random-8kz2w',2,'0001-01-01 00:00:00.000000','accuracy','unavailable'),"
      "('darts-x',3,NULL,'Best-Genotype','Genotype(normal=[[(\\'max_pooling_3x3\\',0)]])');\n"
      "/*!40000 ALTER TABLE `observation_logs` ENABLE KEYS */;\nUNLOCK TABLES;\n"
      "-- Dump completed on 2024-03-05  9:12:11\n";
  EXPECT_THAT(Rows(text),
              ElementsAre(DumpRow{"random-8kz2w", 1, At("2024-03-04T17:55:08.12Z"), "loss", "0.31"},
                          DumpRow{"random-8kz2w", 2, kNoTime, "accuracy", "unavailable"},
                          DumpRow{"darts-x", 3, kNoTime, "Best-Genotype",
                                  "Genotype(normal=[[('max_pooling_3x3',0)]])"}));
}

TEST(SqlDump, ReadsNamedColumnsInAnyOrderOneRowAStatement) {
  EXPECT_THAT(
      Rows("insert ignore into katib.`observation_logs` (`id`, `value`, `metric_name`, `note`, `time`, "
           "`trial_name`) "
           "values (7, '1', 'm', NULL, '2024-01-01 00:00:00', 't');\n"
           "REPLACE INTO \"observation_logs\" (trial_name, id, time, metric_name, value) VALUES "
           "('t', 8, '0000-00-00 00:00:00', 'm', '2') ;"),
      ElementsAre(DumpRow{"t", 7, At("2024-01-01T00:00:00Z"), "m", "1"}, DumpRow{"t", 8, kNoTime, "m", "2"}));
}

TEST(SqlDump, UndoesMysqlsEscapes) {
  EXPECT_THAT(
      Rows(R"(INSERT INTO observation_logs VALUES ('a\'b''c\\',1,NULL,'\n\r\t\b\Z\%\_\x','(;),\0"`--'),)"
           R"(('_',2,NULL,_utf8mb4'm',"don't");)"),
      ElementsAre(DumpRow{"a'b'c\\", 1, kNoTime, "\n\r\t\b\x1a\\%\\_x", std::string("(;),\0\"`--", 9)},
                  DumpRow{"_", 2, kNoTime, "m", "don't"}));
}

TEST(SqlDump, PassesOverOtherTablesWhateverTheyHold) {
  EXPECT_THAT(
      Rows("INSERT INTO `experiments` VALUES (1,'INSERT INTO `observation_logs` VALUES (1);','\\'');\n"
           "INSERT INTO `observation_logs2` VALUES ('t',1,NULL,'m','1');\n"
           "CREATE FUNCTION f() AS $body$ BEGIN; ' $x$ END; $body$ LANGUAGE sql;\n"
           "DELIMITER ;;\n/* ' */ # '\nCREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET @a = 1 "
           ";;\nDELIMITER ;\n"
           "COPY public.experiments (id, name) FROM stdin;\n1\tit's; INSERT INTO observation_logs VALUES "
           "(\n\\.\n"
           "\\connect katib\nINSERT INTO observation_logs VALUES ('t',1,NULL,'m','1');"),
      ElementsAre(DumpRow{"t", 1, kNoTime, "m", "1"}));
}

TEST(SqlDump, ReadsWhatPgDumpCopies) {
  EXPECT_THAT(Rows("--\n-- PostgreSQL database dump\n--\n\\restrict aBc\nSET statement_timeout = 0;\n"
                   "SET standard_conforming_strings = on;\n"
                   "SELECT pg_catalog.set_config('search_path', '', false);\n"
                   "COPY public.observation_logs (trial_name, id, \"time\", metric_name, value) FROM stdin;\n"
                   "t-1\t1\t2024-03-04 17:55:08.12\tloss\t0.31\n"
                   "t-1\t2\t\\N\tgenotype\ta\\tb\\\\c\\nd\\101\\x42\\q\n"
                   "t\\\\N\t3\t0001-01-01 00:00:00\t\t\n"
                   "\\.\n\nSELECT pg_catalog.setval('public.observation_logs_id_seq', 3, true);\n"),
              ElementsAre(DumpRow{"t-1", 1, At("2024-03-04T17:55:08.12Z"), "loss", "0.31"},
                          DumpRow{"t-1", 2, kNoTime, "genotype", "a\tb\\c\ndABq"},
                          DumpRow{"t\\N", 3, kNoTime, "", ""}));
}

TEST(SqlDump, ReadsWhatPgDumpInserts) {
  EXPECT_THAT(Rows("SET standard_conforming_strings = on;\n"
                   "INSERT INTO public.observation_logs VALUES ('t', 1, '2024-03-04 17:55:08.123456', "
                   "'path', 'C:\\new''s');\n"
                   "INSERT INTO public.observation_logs (trial_name, id, \"time\", metric_name, value) "
                   "OVERRIDING SYSTEM VALUE "
                   "VALUES ('t', 2, NULL, 'm', E'a\\nb') ON CONFLICT DO NOTHING;\n"),
              ElementsAre(DumpRow{"t", 1, At("2024-03-04T17:55:08.123456Z"), "path", "C:\\new's"},
                          DumpRow{"t", 2, kNoTime, "m", "a\nb"}));
}

TEST(SqlDump, TakesAnEmptyTableAndAnEmptyDump) {
  EXPECT_THAT(Rows(""), IsEmpty());
  EXPECT_THAT(Rows(std::string(kMysqlHead) + "UNLOCK TABLES;\n"), IsEmpty());
}

TEST(SqlDump, SaysOnWhichLineWhatIsWrong) {
  const std::string head = "\n\nINSERT INTO observation_logs VALUES\n('t',1,NULL,'m','1'),\n";
  EXPECT_THAT(Error(head + "('t',2,NULL,'m');"),
              AllOf(HasSubstr("line 5"), HasSubstr("4 values, 5 are expected")));
  EXPECT_THAT(Error(head + "('t',2,NULL,'m','1','2');"), HasSubstr("line 5"));
  EXPECT_THAT(Error(head + "('t',2,'yesterday','m','1');"),
              AllOf(HasSubstr("line 5"), HasSubstr("time is 'yesterday'")));
  EXPECT_THAT(Error(head + "('t',0,NULL,'m','1');"), AllOf(HasSubstr("line 5"), HasSubstr("id is '0'")));
  EXPECT_THAT(Error(head + "('t',99999999999999999999,NULL,'m','1');"), HasSubstr("id is"));
  EXPECT_THAT(Error(head + "(NULL,2,NULL,'m','1');"), HasSubstr("trial_name is NULL"));
  EXPECT_THAT(Error(head + "('t',2,NULL,'m','\xff');"), HasSubstr("value is not UTF-8"));
  EXPECT_THAT(Error(head + "('t',2,NULL,'m',);"), HasSubstr("')' where a value should be"));
  EXPECT_THAT(
      Error("INSERT INTO observation_logs (trial_name, time, metric_name, value) VALUES ('t',NULL,'m','1');"),
      AllOf(HasSubstr("line 1"), HasSubstr("without the column id")));
  EXPECT_THAT(Error("INSERT INTO observation_logs SELECT * FROM x;"),
              HasSubstr("\"SELECT\" where VALUES should be"));
  EXPECT_THAT(
      Error("COPY observation_logs (trial_name, id, time, metric_name, value) FROM stdin;\nt\t1\n\\.\n"),
      AllOf(HasSubstr("line 2"), HasSubstr("2 values")));
}

TEST(SqlDump, SaysThatADumpIsCutOff) {
  const std::string whole =
      "INSERT INTO observation_logs VALUES ('t',1,NULL,'m','1'),('t',2,NULL,'m','it\\'s');";
  for (size_t length = 45; length < whole.size() - 1; ++length) {
    EXPECT_FALSE(ReadAll(whole.substr(0, length)).ok()) << whole.substr(0, length);
  }
  EXPECT_THAT(Error(whole.substr(0, whole.size() - 4)), HasSubstr("not complete"));
  EXPECT_THAT(Error("COPY observation_logs FROM stdin;\nt\t1\t\\N\tm\t1\nt\t2"), HasSubstr("not complete"));
}

TEST(SqlDump, PassesOnTheErrorsOfItsSource) {
  SqlDumpReader reader([](std::string&) { return absl::DataLossError("torn"); });
  DumpRow row;
  EXPECT_EQ(reader.Next(row).status(), absl::DataLossError("torn"));
}

}  // namespace
}  // namespace qalam::db
