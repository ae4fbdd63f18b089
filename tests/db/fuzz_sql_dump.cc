// Any text as an SQL dump: never a crash or a hang, and the same rows however the text is cut into pieces.

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "db/sql_dump.h"

namespace {

struct Outcome {
  absl::Status status;
  std::vector<qalam::db::DumpRow> rows;
};

Outcome ReadAll(std::string_view text, size_t step) {
  qalam::db::SqlDumpReader reader([&](std::string& buffer) {
    buffer += text.substr(0, step);
    text.remove_prefix(std::min(step, text.size()));
    return absl::OkStatus();
  });
  Outcome outcome;
  for (qalam::db::DumpRow row;;) {
    const absl::StatusOr<bool> more = reader.Next(row);
    outcome.status = more.status();
    if (!more.ok() || !*more) return outcome;
    outcome.rows.push_back(row);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Outcome whole = ReadAll(text, size + 1), bytes = ReadAll(text, 1);
  if (whole.status != bytes.status || whole.rows != bytes.rows) std::abort();
  for (const qalam::db::DumpRow& row : whole.rows) {
    if (row.id < 1) std::abort();
  }
  return 0;
}
