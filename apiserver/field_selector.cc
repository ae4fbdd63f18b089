#include <fmt/format.h>

#include <algorithm>

#include "api/codec.h"
#include "apiserver/failure.h"
#include "apiserver/selection.h"

namespace qalam::apiserver {
namespace {

constexpr std::string_view kName = "metadata.name", kNamespace = "metadata.namespace";

absl::Status Unreadable(std::string_view text, std::string_view problem) {
  return Failure(400, "BadRequest", fmt::format("unable to parse field selector \"{}\": {}", text, problem));
}

// Up to the next comma that is not escaped.
std::string_view TakeTerm(std::string_view& rest) {
  std::size_t end = 0;
  while (end < rest.size() && rest[end] != ',') end += rest[end] == '\\' ? 2 : 1;
  end = std::min(end, rest.size());
  const std::string_view term = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return term;
}

// `\,`, `\=` and `\\` stand for what follows the backslash; these characters mean nothing else in a value.
std::optional<std::string> Unescape(std::string_view value) {
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\') {
      if (++i == value.size() || std::string_view("\\,=").find(value[i]) == std::string_view::npos)
        return std::nullopt;
    } else if (value[i] == '=' || value[i] == ',') {
      return std::nullopt;
    }
    text += value[i];
  }
  return text;
}

}  // namespace

absl::StatusOr<FieldSelector> FieldSelector::Parse(std::string_view text) {
  FieldSelector selector;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view term = TakeTerm(rest);
    if (term.empty()) continue;
    const std::size_t equals = term.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return Unreadable(text, fmt::format("expected PATH=VALUE or PATH!=VALUE, got \"{}\"", term));
    }
    const bool differs = term[equals - 1] == '!';
    const std::size_t value_at = equals + (!differs && term.substr(equals + 1).starts_with('=') ? 2 : 1);
    std::optional<std::string> value = Unescape(term.substr(value_at));
    if (!value) {
      return Unreadable(text,
                        fmt::format("in \"{}\" a comma, an equals sign or a backslash is not escaped", term));
    }
    selector.requirements_.push_back(
        {std::string(term.substr(0, equals - (differs ? 1 : 0))), *std::move(value), !differs});
  }
  return selector;
}

absl::Status FieldSelector::Check(const ResourceType& type) const {
  if (requirements_.empty()) return absl::OkStatus();
  const std::shared_ptr<api::Resource> any = api::NewResource(type.stored);
  for (const Requirement& requirement : requirements_) {
    if (requirement.path == kName || requirement.path == kNamespace) continue;
    if (any != nullptr && type.projection().FieldOf(*any, requirement.path)) continue;
    return Failure(400, "BadRequest", fmt::format("field label not supported: {}", requirement.path));
  }
  return absl::OkStatus();
}

bool FieldSelector::Matches(const Projection& projection, const api::Resource& resource) const {
  return std::all_of(requirements_.begin(), requirements_.end(), [&](const Requirement& requirement) {
    std::string value;
    if (requirement.path == kName) {
      value = projection.KeyOf(resource).name;
    } else if (requirement.path == kNamespace) {
      value = projection.KeyOf(resource).namespace_name;
    } else {
      value = projection.FieldOf(resource, requirement.path).value_or("");
    }
    return (value == requirement.value) == requirement.equal;
  });
}

std::optional<std::string_view> FieldSelector::name() const {
  for (const Requirement& requirement : requirements_) {
    if (requirement.path == kName && requirement.equal) return requirement.value;
  }
  return std::nullopt;
}

}  // namespace qalam::apiserver
