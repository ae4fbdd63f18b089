#include "apiserver/continue_token.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "apiserver/failure.h"

namespace qalam::apiserver {
namespace {

constexpr std::size_t kMaxBytes = 4'096;  // names, a version and a number take far less

// FNV-1a. It tells lists apart and finds damage; nothing secret depends on it, because what a list may show
// follows from the request alone.
class Digest {
 public:
  void Add(std::string_view text) {
    AddBytes(std::to_string(text.size()) + ':');
    AddBytes(text);
  }
  std::string text() const { return fmt::format("{:016x}", value_); }

 private:
  void AddBytes(std::string_view bytes) {
    for (const unsigned char byte : bytes) value_ = (value_ ^ byte) * 0x100000001b3;
  }
  std::uint64_t value_ = 0xcbf29ce484222325;
};

std::string DigestOf(const ListScope& scope, const ListPosition& position) {
  Digest digest;
  for (const std::string_view part :
       {scope.type->group, scope.type->version, scope.type->plural, scope.namespace_name,
        scope.label_selector, scope.field_selector, std::string_view(position.resource_version),
        std::string_view(position.after.namespace_name), std::string_view(position.after.name)}) {
    digest.Add(part);
  }
  return digest.text();
}

absl::Status Refused() {
  return Failure(400, "BadRequest",
                 "continue key is not valid: it is not from an earlier page of this list; leave it out to "
                 "begin anew, with the same resource, namespace and selectors for every page");
}

}  // namespace

std::string WriteContinueToken(const ListScope& scope, const ListPosition& position) {
  const nlohmann::json parts = {position.resource_version, position.after.namespace_name, position.after.name,
                                DigestOf(scope, position)};
  return absl::WebSafeBase64Escape(parts.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

absl::StatusOr<ListPosition> ReadContinueToken(const ListScope& scope, std::string_view token) {
  std::string text;
  if (token.size() > kMaxBytes || !absl::WebSafeBase64Unescape({token.data(), token.size()}, &text)) {
    return Refused();
  }
  const nlohmann::json parts = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!parts.is_array() || parts.size() != 4) return Refused();
  for (const nlohmann::json& part : parts) {
    if (!part.is_string()) return Refused();
  }
  ListPosition position{.resource_version = parts[0],
                        .after = {.namespace_name = parts[1], .name = parts[2]}};
  if (parts[3] != DigestOf(scope, position)) return Refused();
  // A list of one namespace never ends a page outside of it.
  if (!scope.namespace_name.empty() && position.after.namespace_name != scope.namespace_name)
    return Refused();
  return position;
}

}  // namespace qalam::apiserver
