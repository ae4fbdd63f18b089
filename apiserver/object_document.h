// Between the documents that clients write and the resources that are stored.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "api/resource.h"
#include "apiserver/managed_fields.h"
#include "apiserver/request_info.h"
#include "apiserver/resource_type.h"
#include "apiserver/write_options.h"
#include "base/status.h"

namespace qalam::apiserver {

/// The document as clients see the resource.
nlohmann::json ToDocument(const ResourceType& type, const api::Resource& stored);

/// Fills apiVersion and kind (of built-in kinds) and the namespace from the request where `document` has
/// none. Failure 400 for those that are something else than the request says, for a document of a custom
/// resource without apiVersion or kind, and for what is no object. `named`: the name stands in the URL, and
/// must be the document's.
absl::Status CheckIdentity(const ResourceType& type, const RequestInfo& info, bool named,
                           nlohmann::json& document);

/// Reads a document that CheckIdentity has seen. Fields that the kind does not have are dropped: into
/// `warnings`, one sentence each, or with Failure 400 when `validation` is strict. Failure 400 for values of
/// the wrong type, for experiments in the words of Katib's webhook.
absl::StatusOr<std::shared_ptr<api::Resource>> ToResource(const ResourceType& type,
                                                          const nlohmann::json& document,
                                                          FieldValidation validation,
                                                          std::vector<std::string>& warnings);

/// `written` as it should be stored over `live`: free-form parts that say the same keep their text, and what
/// nobody changed keeps its managers with their times, so that a write that changes nothing is none. `live`
/// is null on creation. `applied`: its managedFields are final; otherwise they follow from the difference.
void SettleFields(const api::Resource* live, const FieldWriter& writer, bool applied,
                  std::shared_ptr<api::Resource>& written);

}  // namespace qalam::apiserver
