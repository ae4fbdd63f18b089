// A report before it has a form: headings, paragraphs, tables and plots.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace qalam::bench {

struct Heading {
  int level = 1;  // 1 to 3
  std::string text;
};
struct Paragraph {
  std::string text;
};
struct TableBlock {
  std::vector<std::vector<std::string>> rows;  // the first one is the header
};
struct PlotBlock {
  std::string name;  // unique, fit for a file name
  std::string title;
  std::string svg;
};

using Block = std::variant<Heading, Paragraph, TableBlock, PlotBlock>;
using Document = std::vector<Block>;

/// Plots are links to plots/NAME.svg.
std::string ToMarkdown(const Document& document);

/// One file that needs no other: plots are inline, no scripts.
std::string ToHtml(const Document& document, const std::string& title);

}  // namespace qalam::bench
