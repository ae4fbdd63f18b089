#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "apiserver/failure.h"
#include "apiserver/selection.h"

namespace qalam::apiserver {
namespace {

constexpr std::string_view kSpaces = " \t\r\n", kSymbols = "=!(),><";

// Symbols, and words of anything else.
struct Token {
  std::string_view text;  // empty at the end
  bool is_word = false;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : rest_(text) {}

  Token Peek() const { return Lexer(*this).Take(); }
  Token Take() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpaces), rest_.size()));
    if (rest_.empty()) return {};
    if (kSymbols.find(rest_[0]) != std::string_view::npos) {
      const bool two = rest_.starts_with("==") || rest_.starts_with("!=");
      return {Cut(two ? 2 : 1), false};
    }
    std::size_t end = 0;
    while (end < rest_.size() && kSpaces.find(rest_[end]) == std::string_view::npos &&
           kSymbols.find(rest_[end]) == std::string_view::npos) {
      ++end;
    }
    return {Cut(end), true};
  }

 private:
  std::string_view Cut(std::size_t size) {
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }
  std::string_view rest_;
};

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Letters, digits, "-", "_" and "." between letters or digits.
bool IsName(std::string_view text) {
  constexpr std::size_t kMaxBytes = 63;
  return !text.empty() && text.size() <= kMaxBytes && IsAlphanumeric(text.front()) &&
         IsAlphanumeric(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return IsAlphanumeric(c) || c == '-' || c == '_' || c == '.';
         });
}

// A DNS subdomain: lower-case labels with dots between them.
bool IsPrefix(std::string_view text) {
  constexpr std::size_t kMaxBytes = 253;
  if (text.empty() || text.size() > kMaxBytes) return false;
  char before = '.';
  for (const char c : text) {
    const bool inner = c == '-' || c == '.';
    if (!inner && !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'))) return false;
    if (c == '-' && before == '.') return false;
    if (c == '.' && !IsAlphanumeric(before)) return false;
    before = c;
  }
  return IsAlphanumeric(before);
}

bool IsKey(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash == std::string_view::npos ? IsName(text)
                                         : IsPrefix(text.substr(0, slash)) && IsName(text.substr(slash + 1));
}

std::optional<std::int64_t> ReadInteger(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::string Expected(const Token& token, std::string_view what) {
  return token.text.empty() ? fmt::format("expected {} at the end", what)
                            : fmt::format("found '{}', expected {}", token.text, what);
}

// "(a,b,)": the values, the empty one where nothing stands. An error is a sentence.
absl::StatusOr<std::vector<std::string>> TakeValues(Lexer& lexer) {
  if (const Token open = lexer.Take(); open.text != "(")
    return absl::InvalidArgumentError(Expected(open, "'('"));
  std::vector<std::string> values;
  if (lexer.Peek().text == ")") {
    lexer.Take();
    return values;
  }
  for (;;) {
    values.emplace_back(lexer.Peek().is_word ? lexer.Take().text : std::string_view());
    const Token next = lexer.Take();
    if (next.text == ")") return values;
    if (next.text != ",") return absl::InvalidArgumentError(Expected(next, "',' or ')'"));
  }
}

}  // namespace

absl::StatusOr<LabelSelector> LabelSelector::Parse(std::string_view text) {
  const auto unreadable = [&](std::string_view problem) {
    return Failure(400, "BadRequest",
                   fmt::format("unable to parse label selector \"{}\": {}", text, problem));
  };
  LabelSelector selector;
  Lexer lexer(text);
  if (lexer.Peek().text.empty()) return selector;
  for (;;) {
    const bool absent = lexer.Peek().text == "!";
    if (absent) lexer.Take();
    const Token key = lexer.Take();
    if (!key.is_word) return unreadable(Expected(key, "a label's name"));
    if (!IsKey(key.text)) {
      return unreadable(
          fmt::format("'{}' is no label's name: expected [DNS subdomain/]name, with a name of at most 63 "
                      "letters, digits, "
                      "'-', '_' and '.' that begins and ends with a letter or digit",
                      key.text));
    }
    Requirement requirement{std::string(key.text), absent ? Operator::kAbsent : Operator::kExists, {}};
    const Token next = lexer.Take();
    if (!absent && (next.text == "in" || next.text == "notin")) {
      requirement.op = next.text == "in" ? Operator::kIn : Operator::kNotIn;
      absl::StatusOr<std::vector<std::string>> values = TakeValues(lexer);
      if (!values.ok()) return unreadable(MessageOf(values.status()));
      if (values->empty()) return unreadable(fmt::format("'{}' needs at least one value", next.text));
      requirement.values = *std::move(values);
    } else if (!absent && (next.text == "=" || next.text == "==" || next.text == "!=")) {
      requirement.op = next.text == "!=" ? Operator::kNotIn : Operator::kIn;
      requirement.values.emplace_back(lexer.Peek().is_word ? lexer.Take().text : std::string_view());
    } else if (!absent && (next.text == ">" || next.text == "<")) {
      requirement.op = next.text == ">" ? Operator::kGreater : Operator::kLess;
      const Token bound = lexer.Take();
      if (!ReadInteger(bound.text)) return unreadable(Expected(bound, "an integer"));
      requirement.values.emplace_back(bound.text);
    }
    const bool has_values = !requirement.values.empty();
    for (const std::string& value : requirement.values) {
      if (value.empty() || IsName(value)) continue;
      return unreadable(fmt::format(
          "'{}' is no label's value: expected at most 63 letters, digits, '-', '_' and '.', with a letter or "
          "digit at both ends",
          value));
    }
    selector.requirements_.push_back(std::move(requirement));
    const Token after = has_values ? lexer.Take() : next;
    if (after.text.empty()) return selector;
    if (after.text != ",")
      return unreadable(
          Expected(after, has_values || absent ? "',' or the end" : "an operator, ',' or the end"));
    if (const Token more = lexer.Peek(); !more.is_word && more.text != "!") {
      return unreadable(Expected(more, "a label's name after ','"));
    }
  }
}

bool LabelSelector::Matches(const api::StringMap& labels) const {
  return std::all_of(requirements_.begin(), requirements_.end(), [&](const Requirement& requirement) {
    const auto found = labels.find(requirement.key);
    const bool exists = found != labels.end();
    const auto is_listed = [&] {
      return std::find(requirement.values.begin(), requirement.values.end(), found->second) !=
             requirement.values.end();
    };
    switch (requirement.op) {
      case Operator::kIn:
        return exists && is_listed();
      case Operator::kNotIn:
        return !exists || !is_listed();
      case Operator::kExists:
        return exists;
      case Operator::kAbsent:
        return !exists;
      case Operator::kGreater:
      case Operator::kLess: {
        const auto value = exists ? ReadInteger(found->second) : std::nullopt;
        const auto bound = ReadInteger(requirement.values[0]);
        if (!value || !bound) return false;
        return requirement.op == Operator::kGreater ? *value > *bound : *value < *bound;
      }
    }
    return false;
  });
}

}  // namespace qalam::apiserver
