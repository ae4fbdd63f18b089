#include "bench/document.h"

#include <fmt/format.h>

#include "bench/markdown.h"
#include "bench/svg_plot.h"

namespace qalam::bench {
namespace {

constexpr const char* kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:1320px;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;margin:1em 0;font-variant-numeric:tabular-nums}"
    "th,td{padding:.2em .7em;border-bottom:1px solid #ddd;text-align:right}"
    "th:first-child,td:first-child{text-align:left}th{border-bottom:2px solid #888}"
    "svg{max-width:100%;height:auto;margin:.4em}h2{margin-top:2em}";

struct MarkdownWriter {
  std::string text;

  void operator()(const Heading& heading) {
    text += std::string(heading.level, '#') + " " + heading.text + "\n\n";
  }
  void operator()(const Paragraph& paragraph) { text += paragraph.text + "\n\n"; }
  void operator()(const TableBlock& table) { text += MarkdownTable(table.rows) + "\n"; }
  void operator()(const PlotBlock& plot) {
    text += fmt::format("![{}](plots/{}.svg)\n\n", plot.title, plot.name);
  }
};

struct HtmlWriter {
  std::string text;

  void operator()(const Heading& heading) {
    text += fmt::format("<h{0}>{1}</h{0}>\n", heading.level, EscapedForXml(heading.text));
  }
  void operator()(const Paragraph& paragraph) {
    text += fmt::format("<p>{}</p>\n", EscapedForXml(paragraph.text));
  }
  void operator()(const TableBlock& table) {
    text += "<table>\n";
    for (size_t i = 0; i < table.rows.size(); ++i) {
      text += "<tr>";
      for (const std::string& cell : table.rows[i])
        text += fmt::format("<{0}>{1}</{0}>", i == 0 ? "th" : "td", EscapedForXml(cell));
      text += "</tr>\n";
    }
    text += "</table>\n";
  }
  void operator()(const PlotBlock& plot) { text += plot.svg; }
};

}  // namespace

std::string ToMarkdown(const Document& document) {
  MarkdownWriter writer;
  for (const Block& block : document) std::visit(writer, block);
  while (writer.text.ends_with("\n\n")) writer.text.pop_back();
  return writer.text;
}

std::string ToHtml(const Document& document, const std::string& title) {
  HtmlWriter writer;
  for (const Block& block : document) std::visit(writer, block);
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>{}</title><style>{}</style></head><body>\n{}</body></html>\n",
      EscapedForXml(title), kStyle, writer.text);
}

}  // namespace qalam::bench
