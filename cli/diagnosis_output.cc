#include "cli/diagnosis_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/styled_line.h"
#include "cli/text_width.h"

namespace qalam::cli {
namespace {

constexpr int kWidth = 80;
constexpr size_t kShownTrials = 3;

class Printer {
 public:
  Printer(std::ostream& out, const Terminal& terminal)
      : out_(out),
        terminal_(terminal),
        width_(terminal.width > 0 ? std::min(kWidth, terminal.width) : kWidth) {}

  // The first line begins with `lead`, the others under it.
  void Paragraph(std::string_view lead, std::string_view text, Style style,
                 Style lead_style = Style::kPlain) {
    const int indent = DisplayWidth(lead);
    bool first = true;
    for (const std::string& line : WrapText(Printable(text, true), std::max(20, width_ - indent))) {
      StyledLine styled;
      styled.Add(first ? lead : std::string(static_cast<size_t>(indent), ' '), lead_style);
      Put(styled.Add(line, style), 0);
      first = false;
    }
  }

  void Evidence(std::string_view line) { Put(StyledLine().Add("   | ", Style::kDim).Add(line), width_); }
  void Exact(std::string_view line) { Put(StyledLine().Add("     ").Add(line, Style::kAccent), 0); }
  void Blank() { out_ << '\n'; }

 private:
  void Put(const StyledLine& line, int width) {
    out_ << line.Render(width, terminal_.utf8, terminal_.color) << '\n';
  }

  std::ostream& out_;
  const Terminal& terminal_;
  const int width_;
};

std::string TrialsText(const Cause& cause) {
  std::string text;
  for (size_t i = 0; i < cause.trials.size() && i < kShownTrials; ++i)
    text += (i == 0 ? "" : ", ") + cause.trials[i];
  if (cause.trials.size() > kShownTrials)
    text += fmt::format(" and {} more", cause.trials.size() - kShownTrials);
  return text;
}

// Output of programs may be anything; JSON may not.
std::string Utf8(std::string_view text) { return IsUtf8(text) ? std::string(text) : Printable(text, true); }

std::vector<std::string> Utf8(const std::vector<std::string>& texts) {
  std::vector<std::string> result;
  for (const std::string& text : texts) result.push_back(Utf8(text));
  return result;
}

}  // namespace

std::vector<std::string> WrapText(std::string_view text, int width) {
  std::vector<std::string> lines;
  std::string line;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    if (!line.empty() && DisplayWidth(line) + 1 + DisplayWidth(word) > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

void PrintDiagnosis(const Diagnosis& diagnosis, std::ostream& out, const Terminal& terminal) {
  Printer printer(out, terminal);
  const std::string& name = diagnosis.trial.empty() ? diagnosis.experiment : diagnosis.trial;
  printer.Paragraph("", fmt::format("{}: {}", name, diagnosis.summary), Style::kBold);
  if (diagnosis.causes.empty()) {
    printer.Paragraph("", "Nothing is wrong with it, as far as can be seen.", Style::kGood);
    return;
  }
  int number = 0;
  for (const Cause& cause : diagnosis.causes) {
    printer.Blank();
    printer.Paragraph(fmt::format("{}. ", ++number), cause.text, Style::kPlain, Style::kBold);
    if (cause.trials.size() > 1 || (cause.trials.size() == 1 && diagnosis.trial.empty() &&
                                    cause.text.find(cause.trials[0]) == std::string::npos))
      printer.Paragraph("   ", (cause.trials.size() == 1 ? "trial " : "trials ") + TrialsText(cause),
                        Style::kDim);
    for (const std::string& line : cause.evidence) printer.Evidence(line);
    if (!cause.remedy.empty()) printer.Paragraph("   -> ", cause.remedy, Style::kPlain, Style::kGood);
    for (const std::string& line : cause.paste) printer.Exact(line);
  }
}

void PrintDiagnosisJson(const Diagnosis& diagnosis, std::ostream& out) {
  using Json = nlohmann::ordered_json;
  Json document{{"experiment", diagnosis.experiment}};
  if (!diagnosis.trial.empty()) document["trial"] = diagnosis.trial;
  document["state"] = diagnosis.state;
  document["summary"] = Utf8(diagnosis.summary);
  document["causes"] = Json::array();
  for (const Cause& cause : diagnosis.causes) {
    Json facts = Json::object();
    for (const auto& [key, value] : cause.facts) {
      std::visit(
          [&, &name = key](const auto& fact) {
            if constexpr (std::is_same_v<std::decay_t<decltype(fact)>, std::string>) {
              facts[name] = Utf8(fact);
            } else {
              facts[name] = fact;
            }
          },
          value);
    }
    document["causes"].push_back({{"cause", cause.key},
                                  {"text", Utf8(cause.text)},
                                  {"evidence", Utf8(cause.evidence)},
                                  {"remedy", cause.remedy},
                                  {"paste", Utf8(cause.paste)},
                                  {"trials", cause.trials},
                                  {"facts", std::move(facts)}});
  }
  out << document.dump(2) << '\n';
}

}  // namespace qalam::cli
