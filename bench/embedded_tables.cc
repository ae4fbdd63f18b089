#include "bench/embedded_tables.h"

#include <algorithm>

#include "base/number_text.h"

// The assembler reads the files; QALAM_TABLES is their folder.
#define QALAM_EMBED(symbol, file)                                                             \
  asm(".section .rodata\n" #symbol "_begin:\n.incbin \"" QALAM_TABLES "/" file "\"\n" #symbol \
      "_end:\n"                                                                               \
      ".byte 0\n.previous\n");                                                                \
  extern "C" const char symbol##_begin[], symbol##_end[];                                     \
  static std::string_view symbol() {                                                          \
    return {symbol##_begin, static_cast<size_t>(symbol##_end - symbol##_begin)};              \
  }

#define QALAM_EMBED_TABLE(name)                 \
  QALAM_EMBED(table_##name##_csv, #name ".csv") \
  QALAM_EMBED(table_##name##_json, #name ".json")

QALAM_EMBED_TABLE(svm_digits)
QALAM_EMBED_TABLE(svm_breast)
QALAM_EMBED_TABLE(gb_diabetes)
QALAM_EMBED_TABLE(rf_breast)
QALAM_EMBED_TABLE(mlp_digits)
QALAM_EMBED_TABLE(mlp_diabetes)
QALAM_EMBED(rotation10, "rotation10.csv")

namespace qalam::bench {

std::span<const EmbeddedTable> EmbeddedTables() {
  static const EmbeddedTable kTables[] = {
      {"svm_digits", table_svm_digits_csv(), table_svm_digits_json()},
      {"svm_breast", table_svm_breast_csv(), table_svm_breast_json()},
      {"gb_diabetes", table_gb_diabetes_csv(), table_gb_diabetes_json()},
      {"rf_breast", table_rf_breast_csv(), table_rf_breast_json()},
      {"mlp_digits", table_mlp_digits_csv(), table_mlp_digits_json()},
      {"mlp_diabetes", table_mlp_diabetes_csv(), table_mlp_diabetes_json()},
  };
  return kTables;
}

std::vector<double> EmbeddedRotation() {
  std::vector<double> numbers;
  std::string_view text = rotation10();
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(",\n"), text.size());
    if (const auto number = ParseDouble(text.substr(0, end))) numbers.push_back(*number);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return numbers;
}

}  // namespace qalam::bench
