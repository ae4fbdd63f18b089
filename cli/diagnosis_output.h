// A diagnosis for people and for programs.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/diagnosis.h"
#include "cli/terminal.h"

namespace qalam::cli {

/// Sentences are broken at 80 columns, or at the terminal's width if that is less; lines of evidence are cut there; what
/// is to be pasted stays whole.
void PrintDiagnosis(const Diagnosis& diagnosis, std::ostream& out, const Terminal& terminal);

void PrintDiagnosisJson(const Diagnosis& diagnosis, std::ostream& out);

/// `text` in lines of at most `width` columns, broken at blanks; a word that is longer has a line of its own.
std::vector<std::string> WrapText(std::string_view text, int width);

}  // namespace qalam::cli
