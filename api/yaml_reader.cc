#include "api/yaml_reader.h"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <optional>

#include "api/utf8.h"
#include "api/yaml_builder.h"

namespace qalam::api {
namespace {

constexpr std::size_t kLargest = 64 << 20;

std::string_view View(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

FieldError SyntaxError(std::string detail, int line = 0, int column = 0) {
  return {.type = FieldErrorType::kSyntax, .detail = std::move(detail), .line = line, .column = column};
}

// What libyaml would refuse too, but a buffer early and without a line.
std::optional<FieldError> FindUnreadable(std::string_view text) {
  int line = 1;
  const char* line_begin = text.data();
  const char* const end = text.data() + text.size();
  for (const char* p = text.data(); p != end;) {
    const auto byte = static_cast<unsigned char>(*p);
    const std::size_t length = Utf8Length(p, end);
    const std::string_view c(p, length);
    const bool control =
        (length == 1 && ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F)) ||
        (length == 2 && byte == 0xC2 && c[1] != '\x85' && static_cast<unsigned char>(c[1]) < 0xA0) ||
        c == "\xEF\xBB\xBF" || c == "\xEF\xBF\xBE" || c == "\xEF\xBF\xBF";
    if (length == 0 || control) {
      const int column = static_cast<int>(p - line_begin) + 1;
      return SyntaxError(
          length == 0 ? fmt::format("byte 0x{:02x} is not UTF-8 text", byte)
                      : fmt::format("a control character (byte 0x{:02x}) must not stand in the file", byte),
          line, column);
    }
    p += length;
    if (byte == '\n') {
      ++line;
      line_begin = p;
    }
  }
  return std::nullopt;
}

std::optional<unsigned> Hex4(std::string_view text) {
  unsigned value = 0;
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  for (const char c : text.substr(2, 4)) {
    const char lower = c | 0x20;
    if (c >= '0' && c <= '9') {
      value = value * 16 + (c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      value = value * 16 + (lower - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

// JSON writes characters beyond U+FFFF as two escapes, which YAML does not know.
std::string JoinSurrogates(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      out += text[i++];
      continue;
    }
    const std::optional<unsigned> high = Hex4(text.substr(i)),
                                  low = Hex4(text.substr(std::min(i + 6, text.size())));
    if (high && low && *high >= 0xD800 && *high < 0xDC00 && *low >= 0xDC00 && *low < 0xE000) {
      out += fmt::format("\\U{:08x}", 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00));
      i += 12;
    } else {
      out += text.substr(i, 2);
      i += 2;
    }
  }
  return out;
}

// The first line from `line` on (from 0) that starts a document; nothing when there is none.
struct Restart {
  std::size_t offset;
  int line;
};
std::optional<Restart> NextDocument(std::string_view text, int line) {
  int at = 0;
  for (std::size_t begin = 0; begin < text.size(); ++at) {
    const std::string_view rest = text.substr(begin);
    if (at >= line && rest.starts_with("---") &&
        (rest.size() == 3 || std::string_view(" \t\r\n").find(rest[3]) != std::string_view::npos)) {
      return Restart{begin, at};
    }
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) break;
    begin += end + 1;
  }
  return std::nullopt;
}

// One run of libyaml over a text, until its end or the first error.
class Run {
 public:
  Run(std::string_view text, int first_line, YamlBudget& budget, std::vector<YamlDocument>& out)
      : text_(text), first_line_(first_line), budget_(budget), out_(out) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~Run() { yaml_parser_delete(&parser_); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // When reading stopped early: the line (from 0, in this text) from which on the next document may start.
  std::optional<int> Read() {
    while (true) {
      yaml_event_t event;
      if (yaml_parser_parse(&parser_, &event) == 0) {
        ReportSyntax();
        return std::max(document_line_ + 1, static_cast<int>(parser_.problem_mark.line));
      }
      const yaml_event_type_t type = event.type;
      const int line = static_cast<int>(event.start_mark.line);
      const bool go_on = Handle(event);
      yaml_event_delete(&event);
      if (!go_on) {
        out_.back().document.root = nullptr;
        return std::max(document_line_, line) + 1;
      }
      if (type == YAML_STREAM_END_EVENT) return std::nullopt;
    }
  }

 private:
  YamlMark Mark(const yaml_mark_t& mark) const {
    return {first_line_ + static_cast<int>(mark.line), static_cast<int>(mark.column) + 1};
  }

  bool Handle(const yaml_event_t& event) {
    const YamlMark mark = Mark(event.start_mark);
    switch (event.type) {
      case YAML_DOCUMENT_START_EVENT:
        if (budget_.documents == 0) {
          out_.emplace_back().errors.push_back(
              SyntaxError("the file holds more than 10,000 documents", mark.line));
          return false;
        }
        --budget_.documents;
        document_line_ = static_cast<int>(event.start_mark.line);
        builder_.emplace(out_.emplace_back(), budget_);
        return true;
      case YAML_SCALAR_EVENT: {
        const auto& scalar = event.data.scalar;
        const std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
        return builder_->Scalar(text, scalar.style == YAML_PLAIN_SCALAR_STYLE, View(scalar.tag),
                                View(scalar.anchor), mark);
      }
      case YAML_SEQUENCE_START_EVENT:
        return builder_->Open(NodeType::kList, View(event.data.sequence_start.tag),
                              View(event.data.sequence_start.anchor), mark);
      case YAML_MAPPING_START_EVENT:
        return builder_->Open(NodeType::kMap, View(event.data.mapping_start.tag),
                              View(event.data.mapping_start.anchor), mark);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return builder_->Close();
      case YAML_ALIAS_EVENT:
        return builder_->Alias(View(event.data.alias.anchor), mark);
      case YAML_DOCUMENT_END_EVENT: {
        const Node* root = out_.back().document.root;
        out_.back().empty = root != nullptr && root->type == NodeType::kNull && root->text.empty();
        builder_.reset();
        return true;
      }
      default:
        return true;
    }
  }

  void ReportSyntax() {
    const YamlMark mark = Mark(parser_.problem_mark);
    std::string detail = parser_.problem != nullptr ? parser_.problem : "cannot be read";
    if (parser_.context != nullptr) {
      detail += fmt::format(" {}", parser_.context);
      if (parser_.context_mark.line != parser_.problem_mark.line) {
        detail += fmt::format(" that begins on line {}", Mark(parser_.context_mark).line);
      }
    }
    if (StartsWithTab()) detail += "; YAML is indented with spaces, not with tabs";
    // An error between two documents belongs to none of them.
    if (!builder_) {
      out_.emplace_back();
      if (budget_.documents > 0) --budget_.documents;
    }
    out_.back().document.root = nullptr;
    out_.back().errors.push_back(SyntaxError(std::move(detail), mark.line, mark.column));
  }

  bool StartsWithTab() const {
    std::size_t begin = 0;
    for (std::size_t line = 0; line < parser_.problem_mark.line && begin != std::string_view::npos; ++line) {
      begin = text_.find('\n', begin);
      if (begin != std::string_view::npos) ++begin;
    }
    if (begin == std::string_view::npos) return false;
    const std::size_t first = text_.find_first_not_of(' ', begin);
    return first != std::string_view::npos && text_[first] == '\t';
  }

  yaml_parser_t parser_;
  std::string_view text_;
  int first_line_;
  YamlBudget& budget_;
  int document_line_ = 0;
  std::vector<YamlDocument>& out_;
  std::optional<YamlBuilder> builder_;
};

}  // namespace

std::vector<YamlDocument> ParseYaml(std::string_view text) {
  std::vector<YamlDocument> out;
  const auto refuse = [&](FieldError error) {
    out.emplace_back().errors.push_back(std::move(error));
    return std::move(out);
  };
  if (text.size() > kLargest) {
    return refuse(
        SyntaxError(fmt::format("the file has {} bytes; at most {} can be read", text.size(), kLargest)));
  }
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return refuse(SyntaxError("the file is UTF-16; save it as UTF-8"));
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (std::optional<FieldError> unreadable = FindUnreadable(text)) return refuse(std::move(*unreadable));

  std::string joined;
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && (text[first] == '{' || text[first] == '[')) {
    joined = JoinSurrogates(text);
    text = joined;
  }
  YamlBudget budget;
  for (int first_line = 1; !text.empty() && budget.documents > 0 && budget.nodes > 0;) {
    const std::optional<int> stopped = Run(text, first_line, budget, out).Read();
    const std::optional<Restart> restart = stopped ? NextDocument(text, *stopped) : std::nullopt;
    if (!restart) break;
    text.remove_prefix(restart->offset);
    first_line += restart->line;
  }
  return out;
}

}  // namespace qalam::api
