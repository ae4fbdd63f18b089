#include "apiserver/endpoints.h"

#include <fmt/format.h>

#include "api/trial.h"
#include "apiserver/failure.h"
#include "apiserver/log_options.h"
#include "apiserver/responses.h"
#include "apiserver/watch_options.h"

namespace qalam::apiserver {
namespace {

// The row of a request that there is an endpoint for; null otherwise.
const ResourceType* Route(const RequestInfo& info) {
  const ResourceType* type = FindResourceType(info.group, info.version, info.resource);
  if (type == nullptr) return nullptr;
  const bool whole_type = info.name.empty() || info.verb == "list" || info.verb == "watch";
  if (type->namespaced) {
    if (info.namespace_name.empty() && !whole_type) return nullptr;
  } else if (!info.namespace_name.empty()) {
    // Who may do something in a namespace is asked about namespaces/NAME itself, and about no other of its
    // type.
    const bool itself = type->plural == "namespaces" && !whole_type && info.name == info.namespace_name;
    if (!itself) return nullptr;
  }
  if (info.subresource.empty()) return type;
  if (info.subresource == "status" && type->has_status) return type;
  return info.subresource == "log" && type->plural == "pods" ? type : nullptr;
}

bool IsAllowed(const ResourceType& type, const RequestInfo& info) {
  const std::string& verb = info.verb;
  if (verb == "get") return true;
  if (info.subresource == "log") return false;
  if (verb == "list" || verb == "watch") return info.subresource.empty();
  if (type.writable == Writable::kNo) return false;
  if (verb == "update" || verb == "patch") return !info.name.empty();
  if (!info.subresource.empty()) return false;
  if (verb == "create") return info.name.empty();
  // Of one namespace at a time, as in Kubernetes: what is in all of them is more than anybody means.
  if (verb == "deletecollection") {
    return info.name.empty() && (!type.namespaced || !info.namespace_name.empty());
  }
  return verb == "delete" && !info.name.empty();
}

absl::Status CheckTimeout(const http::Query& query) {
  const std::string_view text = query.Find("timeout").value_or("");
  absl::Duration timeout;
  if (text.empty() || absl::ParseDuration({text.data(), text.size()}, &timeout)) return absl::OkStatus();
  return Failure(
      400, "BadRequest",
      fmt::format("invalid timeout specified in the request URL: \"{}\"; it should be like \"30s\"", text));
}

ObjectFormat FormatOf(const http::Request& request) {
  return ReadObjectFormat(request.headers.Joined("Accept"), request.query.Find("includeObject").value_or(""));
}

}  // namespace

Endpoints::Endpoints(api::ResourceStore& store, AdmissionRules rules, PodLogs& logs,
                     std::function<absl::Time()> now)
    : store_(store),
      now_(now),
      logs_(logs),
      lists_(store, now),
      writer_(store, std::move(rules), now),
      watches_(store) {}

void Endpoints::Answer(const RequestInfo& info, std::shared_ptr<http::Exchange> exchange, const May& may) {
  const ResourceType* type = Route(info);
  if (type == nullptr) return exchange->Respond(PageNotFound());
  absl::Status status;
  if (!IsAllowed(*type, info)) {
    status =
        Failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource",
                {.name = info.name, .group = info.group, .kind = info.resource});
  } else {
    status = CheckTimeout(exchange->request().query);
  }
  if (status.ok() && info.verb == "watch") {
    status = Watch(*type, info, exchange);
  } else if (status.ok() && info.subresource == "log") {
    status = Log(*type, info, exchange);
  } else if (status.ok()) {
    absl::StatusOr<http::Response> response = Object(*type, info, exchange->request(), may);
    if (response.ok()) return exchange->Respond(*std::move(response));
    status = response.status();
  }
  if (!status.ok()) exchange->Respond(ToResponse(status));
}

absl::StatusOr<http::Response> Endpoints::Object(const ResourceType& type, const RequestInfo& info,
                                                 const http::Request& request, const May& may) {
  const ObjectFormat format = FormatOf(request);
  const auto one = [&](const api::Resource& object, int code = 200,
                       const std::vector<std::string>& warnings = {}) {
    return JsonResponse(code, FormatObject(type, object, format, now_()), warnings);
  };
  if (info.verb == "get") {
    QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr found, FindObject(store_, type, KeyOf(type, info)));
    QALAM_RETURN_IF_ERROR(CheckReached(store_, request.query.Find("resourceVersion").value_or("")));
    return one(*found);
  }
  if (info.verb == "list") {
    QALAM_ASSIGN_OR_RETURN(const ListPage page, lists_.List(type, info, request));
    return JsonResponse(200, FormatList(type, page.items, page.metadata, format, now_()));
  }
  if (info.verb == "delete") {
    QALAM_ASSIGN_OR_RETURN(const ObjectWriter::Deleted deleted, writer_.Delete(type, info, request));
    if (!deleted.gone) return one(*deleted.object);
    return JsonResponse(200, DeletedJson(type, deleted.object->metadata));
  }
  if (info.verb == "deletecollection") {
    QALAM_ASSIGN_OR_RETURN(const auto deleted, writer_.DeleteCollection(type, info, request));
    return JsonResponse(200, FormatList(type, deleted, {}, format, now_()));
  }
  absl::StatusOr<Written> written;
  if (info.verb == "create") {
    written = writer_.Create(type, info, request, may);
  } else if (info.verb == "update") {
    written = writer_.Update(type, info, request, may);
  } else {
    written = writer_.Patch(type, info, request, may);
  }
  if (!written.ok()) return written.status();
  return one(*written->object, written->created ? 201 : 200, written->warnings);
}

absl::Status Endpoints::Watch(const ResourceType& type, const RequestInfo& info,
                              const std::shared_ptr<http::Exchange>& exchange) {
  const http::Request& request = exchange->request();
  QALAM_ASSIGN_OR_RETURN(Selection selection, ReadSelection(type, info, request));
  QALAM_ASSIGN_OR_RETURN(WatchOptions options, ReadWatchOptions(request.query));
  QALAM_RETURN_IF_ERROR(CheckReached(store_, options.resource_version));
  options.format = FormatOf(request);
  watches_.Watch(exchange, std::move(selection), std::move(options));
  return absl::OkStatus();
}

absl::Status Endpoints::Log(const ResourceType& type, const RequestInfo& info,
                            const std::shared_ptr<http::Exchange>& exchange) {
  QALAM_ASSIGN_OR_RETURN(LogOptions options, ReadLogOptions(exchange->request().query));
  QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr found, FindObject(store_, type, KeyOf(type, info)));
  if (found->kind() != api::Kind::kTrial) return NotFound(type, info.name);
  logs_.Send(static_cast<const api::Trial&>(*found), options, exchange);
  return absl::OkStatus();
}

}  // namespace qalam::apiserver
