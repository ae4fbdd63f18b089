#include "db/sql_dump.h"

#include <fmt/format.h>
#include <google/protobuf/stubs/common.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>

#include "db/point_rows.h"

namespace qalam::db {
namespace {

constexpr std::string_view kTable = "observation_logs";
constexpr size_t kMaxText = 64u << 20;
constexpr std::string_view kColumns[] = {"trial_name", "id", "time", "metric_name", "value"};

bool IsSpace(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsWordByte(int c) { return c >= 0 && (std::isalnum(c) != 0 || c == '_' || c == '$' || c >= 0x80); }

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string Shown(std::string_view text) { return std::string(text.substr(0, 64)); }

// Of the texts that stand for a value in a line of COPY.
int Octal(char c) { return c >= '0' && c <= '7' ? c - '0' : -1; }
int Hexadecimal(int c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = std::tolower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string CopyText(std::string_view field) {
  std::string text;
  text.reserve(field.size());
  for (size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\' || i + 1 == field.size()) {
      text += field[i];
      continue;
    }
    const char c = field[++i];
    int code = 0, digits = 0;
    const int base = c == 'x' ? 16 : 8;
    for (size_t j = c == 'x' ? i + 1 : i; j < field.size() && digits < (base == 16 ? 2 : 3); ++j, ++digits) {
      const int digit = base == 16 ? Hexadecimal(field[j]) : Octal(field[j]);
      if (digit < 0) break;
      code = base * code + digit;
    }
    if (digits > 0) {
      text += static_cast<char>(code);
      i += static_cast<size_t>(base == 16 ? digits : digits - 1);
      continue;
    }
    constexpr std::string_view kLetters = "bfnrtv", kMeanings = "\b\f\n\r\t\v";
    const size_t letter = kLetters.find(c);
    text += letter == std::string_view::npos ? c : kMeanings[letter];
  }
  return text;
}

// "2024-03-04 17:55:08.120000"; PostgreSQL may write fewer digits.
std::optional<Timestamp> ReadDateTime(std::string_view text) {
  if (text.substr(0, 10) == "0000-00-00") return kNoTime;
  std::string rfc3339(text);
  if (rfc3339.size() > 10 && rfc3339[10] == ' ') rfc3339[10] = 'T';
  return ParseRfc3339(rfc3339 + "Z");
}

}  // namespace

int SqlDumpReader::Peek(size_t ahead) {
  while (position_ + ahead >= buffer_.size() && !ended_) {
    buffer_.erase(0, position_);
    position_ = 0;
    const size_t before = buffer_.size();
    status_.Update(source_(buffer_));
    ended_ = !status_.ok() || buffer_.size() == before;
  }
  return position_ + ahead < buffer_.size() ? static_cast<unsigned char>(buffer_[position_ + ahead]) : kEnd;
}

int SqlDumpReader::Take() {
  const int c = Peek();
  if (c != kEnd) ++position_;
  if (c == '\n') ++line_;
  return c;
}

bool SqlDumpReader::TakeIf(char c) {
  if (Peek() != c) return false;
  Take();
  return true;
}

void SqlDumpReader::SkipLine() {
  for (int c = Take(); c != kEnd && c != '\n';) c = Take();
}

void SqlDumpReader::SkipSpace() {
  for (;;) {
    const int c = Peek();
    if (IsSpace(c)) {
      Take();
    } else if (c == '#' || (c == '-' && Peek(1) == '-')) {
      SkipLine();
    } else if (c == '/' && Peek(1) == '*') {
      Take();
      Take();
      while (Peek() != kEnd && !(Peek() == '*' && Peek(1) == '/')) Take();
      Take();
      Take();
    } else {
      return;
    }
  }
}

bool SqlDumpReader::Fail(std::string what) {
  status_.Update(absl::InvalidArgumentError(fmt::format("line {}: {}", line_, what)));
  return false;
}

// In capital letters; empty when there is none, or a very long one.
std::string SqlDumpReader::Word() {
  SkipSpace();
  std::string word;
  while (IsWordByte(Peek()) && word.size() < 64) word += static_cast<char>(Take());
  return Upper(std::move(word));
}

std::string SqlDumpReader::Identifier() {
  SkipSpace();
  const int quote = Peek();
  std::string name;
  if (quote == '`' || quote == '"') {
    Take();
    while (Peek() != kEnd && Peek() != quote && name.size() < 1'024) name += static_cast<char>(Take());
    Take();
    return name;
  }
  while (IsWordByte(Peek()) && name.size() < 1'024) name += static_cast<char>(Take());
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

// Without the database or schema it is in.
std::string SqlDumpReader::TableName() {
  std::string name = Identifier();
  while (TakeIf('.')) name = Identifier();
  return name;
}

void SqlDumpReader::SkipQuoted(char quote) {
  for (int c = Take(); c != kEnd; c = Take()) {
    if (c == quote) return;  // a doubled quote begins another text, which ends as this one should
    if (c == '\\' && backslash_escapes_ && quote != '`') Take();
  }
  Fail("the dump ends within quotes; it is not complete");
}

// $$...$$ and $tag$...$tag$, in which PostgreSQL writes the bodies of functions.
bool SqlDumpReader::SkipDollarQuoted() {
  std::string tag = "$";
  for (size_t i = 1; tag.size() < 64; ++i) {
    const int c = Peek(i);
    if (c != '$' && (!IsWordByte(c) || (i == 1 && std::isdigit(c) != 0))) return false;
    tag += static_cast<char>(c);
    if (c == '$') break;
  }
  if (tag.size() < 2 || tag.back() != '$') return false;
  for (size_t i = 0; i < tag.size(); ++i) Take();
  for (size_t matched = 0; matched < tag.size();) {
    const int c = Take();
    if (c == kEnd) return Fail("the dump ends within quotes; it is not complete");
    matched = c == static_cast<unsigned char>(tag[matched]) ? matched + 1 : (c == '$' ? 1 : 0);
  }
  return true;
}

void SqlDumpReader::SkipStatement() {
  while (status_.ok()) {
    SkipSpace();
    const int c = Peek();
    if (c == kEnd) return;
    if (c == '$' && SkipDollarQuoted()) continue;
    Take();
    if (c == ';') return;
    if (c == '\'' || c == '"' || c == '`') SkipQuoted(static_cast<char>(c));
  }
}

// Goes to where the next rows of the table are. False at the end of the dump, or when something is wrong.
bool SqlDumpReader::FindRows() {
  while (status_.ok() && rows_ == Rows::kNone) {
    SkipSpace();
    if (Peek() == kEnd) return false;
    if (Peek() == '\\') {  // a command to psql
      SkipLine();
      continue;
    }
    const std::string word = Word();
    if (word == "INSERT" || word == "REPLACE") {
      ReadInsert();
    } else if (word == "COPY") {
      ReadCopy();
    } else if (word == "SET") {
      ReadSet();
    } else if (word == "DELIMITER") {
      SkipLine();
    } else {
      SkipStatement();
    }
  }
  return status_.ok();
}

// pg_dump says at its beginning that a backslash is nothing special.
void SqlDumpReader::ReadSet() {
  if (Identifier() == "standard_conforming_strings") {
    SkipSpace();
    if (TakeIf('=')) backslash_escapes_ = Word() != "ON";
  }
  SkipStatement();
}

std::vector<std::string> SqlDumpReader::ColumnNames() {
  std::vector<std::string> names;
  do {
    names.push_back(Identifier());
    SkipSpace();
  } while (names.size() < 1'000 && TakeIf(','));
  if (!TakeIf(')')) Fail("the names of the columns should end with )");
  return names;
}

void SqlDumpReader::SetColumns(const std::vector<std::string>& names) {
  columns_.clear();
  column_count_ = names.size();
  for (size_t i = 0; i < names.size(); ++i) columns_.emplace(names[i], i);
  for (const std::string_view name : kColumns) {
    if (columns_.find(std::string(name)) == columns_.end()) {
      Fail(fmt::format("rows of {} come without the column {}", kTable, name));
    }
  }
}

void SqlDumpReader::ReadInsert() {
  std::string name = TableName();
  for (const char* modifier : {"low_priority", "delayed", "high_priority", "ignore", "into"}) {
    if (name == modifier) name = TableName();
  }
  if (name != kTable) return SkipStatement();
  SkipSpace();
  if (TakeIf('(')) {
    SetColumns(ColumnNames());
  } else {
    SetColumns({std::begin(kColumns), std::end(kColumns)});
  }
  std::string word = Word();
  if (word == "OVERRIDING") {  // SYSTEM VALUE
    Word();
    Word();
    word = Word();
  }
  if (word != "VALUES" && word != "VALUE") {
    Fail(fmt::format("\"{}\" where VALUES should be", Shown(word)));
    return;
  }
  rows_ = Rows::kValues;
}

void SqlDumpReader::ReadCopy() {
  const bool ours = TableName() == kTable;
  SkipSpace();
  std::vector<std::string> names(std::begin(kColumns), std::end(kColumns));
  if (TakeIf('(')) names = ColumnNames();
  if (Word() != "FROM" || Word() != "STDIN") return SkipStatement();
  SkipStatement();
  SkipLine();
  if (ours) {
    SetColumns(names);
    rows_ = Rows::kCopy;
    return;
  }
  while (Peek() != kEnd && !(Peek() == '\\' && Peek(1) == '.' && (Peek(2) == '\n' || Peek(2) == '\r'))) {
    SkipLine();
  }
}

std::string SqlDumpReader::QuotedText(char quote, bool backslashes) {
  std::string text;
  const std::int64_t begin = line_;
  while (text.size() <= kMaxText) {
    const int c = Take();
    if (c == kEnd) {
      Fail(fmt::format("the dump ends within the text that begins on line {}; it is not complete", begin));
      return text;
    }
    if (c == quote) {
      if (!TakeIf(quote)) return text;
      text += quote;
    } else if (c == '\\' && backslashes) {
      const int escaped = Take();
      constexpr std::string_view kLetters = "0bnrtZ";
      constexpr std::string_view kMeanings("\0\b\n\r\t\x1a", 6);
      const size_t letter =
          escaped == kEnd ? std::string_view::npos : kLetters.find(static_cast<char>(escaped));
      if (escaped == '%' || escaped == '_') text += '\\';  // these two are for LIKE
      if (escaped != kEnd) {
        text += letter == std::string_view::npos ? static_cast<char>(escaped) : kMeanings[letter];
      }
    } else {
      text += static_cast<char>(c);
    }
  }
  Fail(fmt::format("a text of more than {} MiB", kMaxText >> 20));
  return text;
}

SqlDumpReader::Value SqlDumpReader::ReadValue() {
  SkipSpace();
  Value value;
  if (Peek() == '\'' || Peek() == '"') {
    value.kind = Value::Kind::kText;
    value.text = QuotedText(static_cast<char>(Take()), backslash_escapes_);
    return value;
  }
  while ((IsWordByte(Peek()) || Peek() == '-' || Peek() == '+' || Peek() == '.') && value.text.size() < 64) {
    value.text += static_cast<char>(Take());
  }
  const std::string word = Upper(value.text);
  SkipSpace();
  if (Peek() == '\'' && (word == "E" || word == "N" || word.rfind('_', 0) == 0)) {  // E'\n', _utf8mb4'text'
    value.kind = Value::Kind::kText;
    value.text = QuotedText(static_cast<char>(Take()), backslash_escapes_ || word == "E");
  } else if (word == "NULL") {
    value = {};
  } else {
    value.kind = Value::Kind::kWord;
    if (word.empty())
      Fail(fmt::format("'{}' where a value should be", static_cast<char>(std::max(Peek(), 32))));
  }
  return value;
}

bool SqlDumpReader::Accept(std::vector<Value>& values, DumpRow& row) {
  if (!status_.ok()) return false;
  if (values.size() != column_count_) {
    return Fail(
        fmt::format("a row of {} has {} values, {} are expected", kTable, values.size(), column_count_));
  }
  const auto at = [&](const char* column) -> Value& { return values[columns_[column]]; };
  for (const char* column : {"trial_name", "metric_name", "value"}) {
    const Value& value = at(column);
    if (value.kind == Value::Kind::kNull) return Fail(fmt::format("{} is NULL", column));
    if (!google::protobuf::internal::IsStructurallyValidUTF8(value.text.data(),
                                                             static_cast<int>(value.text.size()))) {
      return Fail(fmt::format("{} is not UTF-8", column));
    }
  }
  const std::string& id = at("id").text;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), row.id);
  if (error != std::errc() || end != id.data() + id.size() || row.id < 1) {
    return Fail(fmt::format("id is '{}', not a positive number", Shown(id)));
  }
  row.time = kNoTime;
  if (const Value& time = at("time"); time.kind != Value::Kind::kNull) {
    const std::optional<Timestamp> read = ReadDateTime(time.text);
    if (!read)
      return Fail(fmt::format("time is '{}', not like 2024-03-04 17:55:08.120000", Shown(time.text)));
    row.time = *read;
  }
  row.trial_name = std::move(at("trial_name").text);
  row.metric_name = std::move(at("metric_name").text);
  row.value = std::move(at("value").text);
  return true;
}

bool SqlDumpReader::ReadTuple(DumpRow& row) {
  SkipSpace();
  if (!TakeIf('(')) return Fail("( should begin a row");
  std::vector<Value> values;
  do {
    values.push_back(ReadValue());
    SkipSpace();
  } while (status_.ok() && values.size() <= column_count_ && TakeIf(','));
  if (!Accept(values, row)) return false;
  if (!TakeIf(')'))
    return Fail(Peek() == kEnd ? "the dump ends within a row; it is not complete" : ") should end a row");
  SkipSpace();
  if (TakeIf(',')) return true;
  rows_ = Rows::kNone;
  if (Peek() == kEnd) return Fail("the dump ends within an INSERT; it is not complete");
  SkipStatement();  // what may follow, such as ON CONFLICT
  return status_.ok();
}

bool SqlDumpReader::ReadCopyLine(DumpRow& row) {
  std::vector<Value> values;
  std::string field;
  for (bool more = true; more;) {
    const int c = Take();
    if (c == kEnd) return Fail("the dump ends within COPY; it is not complete");
    if (c == '\t' || c == '\n') {
      if (values.size() > column_count_) break;
      const bool null = field == "\\N";
      values.push_back({null ? Value::Kind::kNull : Value::Kind::kText, null ? "" : CopyText(field)});
      field.clear();
      more = c == '\t';
      continue;
    }
    field += static_cast<char>(c);
    if (c == '\\' && Peek() != kEnd && Peek() != '\n') field += static_cast<char>(Take());
    if (field.size() > kMaxText) return Fail(fmt::format("a text of more than {} MiB", kMaxText >> 20));
  }
  --line_;  // the row is on the line that has just ended
  const bool accepted = Accept(values, row);
  ++line_;
  return accepted;
}

absl::StatusOr<bool> SqlDumpReader::Next(DumpRow& row) {
  while (status_.ok() && FindRows()) {
    if (rows_ == Rows::kValues) {
      if (ReadTuple(row)) return true;
    } else if (Peek() == '\\' && Peek(1) == '.') {
      SkipLine();
      rows_ = Rows::kNone;
    } else if (ReadCopyLine(row)) {
      return true;
    }
  }
  if (!status_.ok()) return status_;
  return false;
}

}  // namespace qalam::db
