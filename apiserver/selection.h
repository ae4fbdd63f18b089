// Which objects a list or a watch is about.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/resource_type.h"
#include "base/status.h"

namespace qalam::apiserver {

/// "a=b,c!=d,e in (f,g),h notin (i),j,!k,l>5,m<6": requirements that all must hold.
class LabelSelector {
 public:
  /// Failure 400 that quotes what cannot be read.
  static absl::StatusOr<LabelSelector> Parse(std::string_view text);
  bool Matches(const api::StringMap& labels) const;

 private:
  enum class Operator { kIn, kNotIn, kExists, kAbsent, kGreater, kLess };
  struct Requirement {
    std::string key;
    Operator op;
    std::vector<std::string> values;
  };
  std::vector<Requirement> requirements_;
};

/// "metadata.name=x,status.phase!=Running".
class FieldSelector {
 public:
  /// Failure 400 for text that cannot be read.
  static absl::StatusOr<FieldSelector> Parse(std::string_view text);
  /// Failure 400 when objects of this type cannot be selected by one of the paths.
  absl::Status Check(const ResourceType& type) const;
  bool Matches(const Projection& projection, const api::Resource& resource) const;
  /// The name that metadata.name must equal, if it is asked for.
  std::optional<std::string_view> name() const;

 private:
  struct Requirement {
    std::string path, value;
    bool equal;
  };
  std::vector<Requirement> requirements_;
};

/// What of a resource type a list or a watch shows.
struct Selection {
  const ResourceType* type;
  std::string namespace_name;  // empty: all
  LabelSelector labels;
  FieldSelector fields;

  /// Whether an object of the type is there and selected.
  bool Shows(const api::Resource& resource) const;
};

}  // namespace qalam::apiserver
