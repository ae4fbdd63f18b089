// Awkward requests to Suggestion: an answer of the promised form or a refusal, in bounded time and memory.

#include <chrono>
#include <cstdlib>

#include "suggestion/proto_convert.h"
#include "suggestion/suggester.h"
#include "tests/suggestion/request_choices.h"

using qalam::suggestion::wire::GetSuggestionsReply;
using qalam::suggestion::wire::GetSuggestionsRequest;

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckReply(const GetSuggestionsRequest& request, const GetSuggestionsReply& reply) {
  Require(reply.parameter_assignments_size() == std::max(0, request.current_request_number()));
  const auto problem = qalam::suggestion::ToProblem(request.experiment());
  for (const auto& point : reply.parameter_assignments()) {
    Require(point.assignments_size() == static_cast<int>(problem->space.size()));
    for (int i = 0; i < point.assignments_size(); ++i) {
      const auto& parameter = problem->space.parameters()[i];
      Require(point.assignments(i).name() == parameter.name());
      Require(parameter.Parse(point.assignments(i).value()).has_value());  // inside the bounds or in the list
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  qalam::suggestion::testing::RequestChoices choices(data, size);
  GetSuggestionsRequest request;
  choices.Fill(*request.mutable_experiment());
  choices.Fill(*request.mutable_trials(), request.experiment().spec());
  request.set_current_request_number(choices.Count());
  request.set_total_request_number(choices.Count());

  const absl::Status valid = qalam::suggestion::ValidateAlgorithmSettings(request.experiment());
  Require(valid.ok() || valid.code() == absl::StatusCode::kInvalidArgument);

  // A caller who waits for a second: what goes on beyond that is found by -timeout.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  const auto reply =
      qalam::suggestion::GetSuggestions(request, [&] { return std::chrono::steady_clock::now() > end; });
  if (reply.ok()) {
    CheckReply(request, *reply);
  } else {
    const absl::StatusCode code = reply.status().code();
    Require(code == absl::StatusCode::kInvalidArgument || code == absl::StatusCode::kOutOfRange ||
            code == absl::StatusCode::kCancelled);
  }
  return 0;
}
