// The rows of Katib's table `observation_logs` in a dump, as mysqldump and pg_dump write it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "db/rfc3339.h"

namespace qalam::db {

/// One row.
struct DumpRow {
  std::string trial_name;
  std::int64_t id = 0;  // > 0; the table's primary key
  Timestamp time;       // kNoTime where the column is NULL, or MySQL's "0000-00-00 00:00:00"
  std::string metric_name, value;
  bool operator==(const DumpRow&) const = default;
};

/// Reads a dump from its beginning to its end, in the memory of one row. Understands INSERT and REPLACE statements, with one
/// or many rows, with or without names of columns, in MySQL's and PostgreSQL's quoting, and PostgreSQL's COPY. Everything
/// else in the dump, and every other table, is passed over. Times are UTC. Threads: one at a time.
class SqlDumpReader {
 public:
  /// Appends the next bytes of the dump to `buffer`; none at its end.
  using Source = std::function<absl::Status(std::string& buffer)>;

  explicit SqlDumpReader(Source source) : source_(std::move(source)) {}

  /// The next row; false at the end. INVALID_ARGUMENT, with the number of the line: a statement about the table cannot be
  /// understood, a value is not what the column holds or longer than 64 MiB, a text is not UTF-8, or the dump ends
  /// within a statement. Other codes: the source's.
  absl::StatusOr<bool> Next(DumpRow& row);

 private:
  static constexpr int kEnd = -1;
  enum class Rows { kNone, kValues, kCopy };  // what comes next in the dump

  struct Value {
    enum class Kind { kNull, kText, kWord } kind = Kind::kNull;
    std::string text;
  };

  int Peek(size_t ahead = 0);
  int Take();
  bool TakeIf(char c);
  void SkipSpace();  // and comments
  std::string Word();
  std::string Identifier();
  std::string TableName();
  void SkipLine();
  void SkipQuoted(char quote);
  void SkipStatement();
  bool SkipDollarQuoted();

  bool FindRows();
  void ReadSet();
  void ReadInsert();
  void ReadCopy();
  void SetColumns(const std::vector<std::string>& names);
  std::vector<std::string> ColumnNames();

  bool ReadTuple(DumpRow& row);
  bool ReadCopyLine(DumpRow& row);
  Value ReadValue();
  std::string QuotedText(char quote, bool backslashes);
  bool Accept(std::vector<Value>& values, DumpRow& row);
  bool Fail(std::string what);

  const Source source_;
  std::string buffer_;
  size_t position_ = 0;
  bool ended_ = false;
  std::int64_t line_ = 1;
  absl::Status status_;
  Rows rows_ = Rows::kNone;
  bool backslash_escapes_ = true;          // MySQL's quoting, until the dump says otherwise
  std::map<std::string, size_t> columns_;  // where in a row they are
  size_t column_count_ = 0;
};

}  // namespace qalam::db
