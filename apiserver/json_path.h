// Single values out of JSON text, by the simple paths that columns name. Nothing is parsed that is not on the
// way.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace qalam::apiserver {

/// ".a.b", ".a['b.c/d']" and ".a[\"b\"]" for members, "[0]" and "[-1:]" for the elements of a list; counted
/// from the end when negative.
class JsonPath {
 public:
  /// A text that is no such path leads nowhere.
  explicit JsonPath(std::string_view text);

  /// The value as it stands in `json`, a valid JSON text without blanks between its tokens; empty when there
  /// is none. Keys with escapes are not found. Never reads beyond the text, whatever it is.
  std::string_view Find(std::string_view json) const;

 private:
  struct Step {
    std::string key;  // of a member, when `index` does not count
    bool is_index = false;
    int index = 0;
  };
  // Appends the step that `text` begins with. Its length; 0 when there is none.
  std::size_t ReadStep(std::string_view text);

  std::vector<Step> steps_;
  bool readable_ = true;
};

}  // namespace qalam::apiserver
