#include "cli/enqueue_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/extensions.h"
#include "cli/db_read_store.h"
#include "cli/exit_code.h"
#include "cli/extension_flags.h"
#include "cli/lookup.h"
#include "cli/running_session.h"
#include "cli/writable_store.h"
#include "controller/wire_convert.h"
#include "suggestion/suggester.h"

namespace qalam::cli {
namespace {

// A value with blanks in it reaches us as one word.
std::string Quoted(const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos || assignment.find_first_of(" \t\r\n,;\"") == std::string::npos)
    return assignment;
  if (assignment.substr(equals + 1).starts_with('"')) return assignment;
  std::string text = assignment.substr(0, equals + 1) + '"';
  for (const char c : assignment.substr(equals + 1)) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

absl::Status Enqueue(const EnqueueOptions& options) {
  std::vector<std::string> values;
  for (const std::string& value : options.values) values.push_back(Quoted(value));
  QALAM_ASSIGN_OR_RETURN(const WritableStore opened, OpenWritableStore(options.data_directory));
  db::EmbeddedResourceStore& store = *opened.store;
  QALAM_ASSIGN_OR_RETURN(const auto experiment,
                         api::Get<api::Experiment>(store, {options.namespace_name, options.name}));
  api::Experiment changed = *experiment;
  const auto before = changed.metadata.annotations;
  AddExtensions({fmt::format("{}", fmt::join(values, " "))}, {}, changed);
  if (changed.metadata.annotations == before) {
    return absl::AlreadyExistsError(
        fmt::format("experiment {} has this point enqueued already", options.name));
  }
  QALAM_RETURN_IF_ERROR(suggestion::ValidateAlgorithmSettings(controller::ToWire(changed, {})));
  return store.Update(changed).status();
}

}  // namespace

int RunEnqueue(const EnqueueOptions& options, Streams& streams) {
  const auto present = OpenDataDirectory(options.data_directory);
  if (!present.ok()) return ReportError(present.status(), streams);
  if (const auto found = (*present)->Experiment(options.namespace_name, options.name); !found.ok())
    return ReportError(found.status(), streams);
  const std::optional<RunningSession> session = FindRunningSession(options.data_directory);
  if (session && session->runs_all) {
    return ReportError(
        absl::AlreadyExistsError(fmt::format(
            "qalam serve (process {}) writes in {}; add the point to annotation {} of "
            "the experiment: kubectl edit experiment {} -n {}",
            session->pid, options.data_directory, kEnqueueExtension, options.name, options.namespace_name)),
        streams);
  }
  if (session) {
    return ReportError(absl::AlreadyExistsError(
                           fmt::format("process {} writes in {}; stop it first (\"qalam stop {}\"), and go "
                                       "on with \"qalam run {}\" afterwards",
                                       session->pid, options.data_directory, options.name, options.name)),
                       streams);
  }
  if (const absl::Status status = Enqueue(options); !status.ok()) return ReportError(status, streams);
  streams.err << fmt::format("enqueued {} in {}; it is tried when the experiment goes on\n",
                             fmt::join(options.values, " "), options.name);
  return ToInt(ExitCode::kOk);
}

}  // namespace qalam::cli
