// Collecting what is wrong, and the parts that Validate is made of. Internal to this room.
#pragma once

#include <string>
#include <string_view>

#include "api/node.h"
#include "api/validate.h"

namespace qalam::api {

class Checks {
 public:
  explicit Checks(FieldErrors& errors) : errors_(errors) {}

  void Required(std::string field, std::string detail) {
    errors_.push_back({FieldErrorType::kRequired, std::move(field), "", std::move(detail)});
  }
  void Invalid(std::string field, std::string_view value, std::string detail) {
    errors_.push_back({FieldErrorType::kInvalid, std::move(field), Shortened(value), std::move(detail)});
  }
  void Forbidden(std::string field, std::string detail) {
    errors_.push_back({FieldErrorType::kForbidden, std::move(field), "", std::move(detail)});
  }
  std::size_t count() const { return errors_.size(); }

 private:
  FieldErrors& errors_;
};

/// metadata.name or generateName, from which names of trials and services are made.
void CheckName(const ObjectMeta& metadata, Checks& checks);
void CheckObjective(const ObjectiveSpec& objective, Checks& checks);
void CheckParameters(const ExperimentSpec& spec, Checks& checks);
void CheckTemplate(const ExperimentSpec& spec, const ValidationContext& context, Checks& checks);
void CheckCollector(const MetricsCollectorSpec& collector, Checks& checks);

}  // namespace qalam::api
