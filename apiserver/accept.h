// The header Accept: which forms of an answer a client takes.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace qalam::apiserver {

struct MediaType {
  std::string type;  // "application/json"
  std::map<std::string, std::string, std::less<>> parameters;

  /// Empty when there is none of that name.
  std::string_view Parameter(std::string_view name) const;
};

/// What the client takes, the one it likes best first: by quality ("q"), then as written. Types with a quality of 0 and what cannot be read
/// are left out.
std::vector<MediaType> ReadAccept(std::string_view header);

}  // namespace qalam::apiserver
