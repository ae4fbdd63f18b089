#include "suggestion/suggester.h"

#include <fmt/format.h>
#include <google/protobuf/arena.h>

#include <algorithm>

#include "algorithms/registry.h"
#include "suggestion/proto_convert.h"

namespace qalam::suggestion {
namespace {

constexpr std::int64_t kMaxValues = 1'000'000;      // a reply of some 30 MB
constexpr std::int64_t kMaxArchitectures = 10'000;  // each is described by some kB

absl::Status CheckSize(int count, const algorithms::Problem& problem) {
  if (problem.architecture) {
    if (count <= kMaxArchitectures) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format(
        "current_request_number must be at most {} for architectures, got {}", kMaxArchitectures, count));
  }
  const algorithms::SearchSpace& space = problem.space;
  const std::int64_t most = kMaxValues / std::max<std::int64_t>(1, static_cast<std::int64_t>(space.size()));
  if (count <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "current_request_number must be at most {} for {} parameters, got {}", most, space.size(), count));
}

int EarlierTrials(const algorithms::History& history) {
  size_t trials = 0;
  for (const algorithms::EarlierExperiment& earlier : history.earlier) trials += earlier.trials.size();
  return static_cast<int>(trials);
}

using HistorySource = std::function<absl::StatusOr<algorithms::History>(const algorithms::Problem&)>;

absl::StatusOr<wire::GetSuggestionsReply> Answer(const wire::GetSuggestionsRequest& head, int trials,
                                                 const HistorySource& read_history,
                                                 const std::function<bool()>& stop_requested) {
  wire::GetSuggestionsReply reply;
  const int count = head.current_request_number();
  if (count <= 0) return reply;
  QALAM_ASSIGN_OR_RETURN(const algorithms::AlgorithmInfo* info,
                         algorithms::FindAlgorithm(head.experiment().spec().algorithm().algorithm_name()));
  QALAM_ASSIGN_OR_RETURN(algorithms::Problem problem, ToProblem(head.experiment()));
  algorithms::AdaptProblem(*info, problem);
  QALAM_RETURN_IF_ERROR(CheckSize(count, problem));
  QALAM_ASSIGN_OR_RETURN(const std::unique_ptr<algorithms::Algorithm> algorithm,
                         algorithms::CreateAlgorithm(*info, problem));
  algorithms::History history;
  if (algorithm->uses_history()) {
    QALAM_ASSIGN_OR_RETURN(history, read_history(problem));
  }
  QALAM_ASSIGN_OR_RETURN(
      const algorithms::Suggestions suggestions,
      algorithm->Suggest(history, {HandedOut(head, trials - EarlierTrials(history)), count, stop_requested}));
  ToWire(suggestions, problem.space, reply);
  return reply;
}

}  // namespace

absl::StatusOr<wire::GetSuggestionsReply> GetSuggestions(const wire::GetSuggestionsRequest& request,
                                                         const std::function<bool()>& stop_requested) {
  const auto read_history = [&](const algorithms::Problem& problem) {
    return ToHistory(request.trials(), problem);
  };
  return Answer(request, request.trials_size(), read_history, stop_requested);
}

absl::StatusOr<wire::GetSuggestionsReply> GetSuggestions(const OpenBytes& request,
                                                         const std::function<bool()>& stop_requested) {
  QALAM_ASSIGN_OR_RETURN(const RequestHead head, ReadHead(*request()));
  return GetSuggestions(head, request, stop_requested);
}

absl::StatusOr<wire::GetSuggestionsReply> GetSuggestions(const RequestHead& head, const OpenBytes& request,
                                                         const std::function<bool()>& stop_requested) {
  const auto read_history = [&](const algorithms::Problem& problem) -> absl::StatusOr<algorithms::History> {
    google::protobuf::Arena arena;
    auto* whole = google::protobuf::Arena::CreateMessage<wire::GetSuggestionsRequest>(&arena);
    if (!whole->ParseFromZeroCopyStream(request().get())) {
      return absl::InvalidArgumentError("the trials of the GetSuggestionsRequest cannot be read");
    }
    return ToHistory(whole->trials(), problem);
  };
  return Answer(head.request, head.trials, read_history, stop_requested);
}

absl::Status ValidateAlgorithmSettings(const wire::Experiment& experiment) {
  QALAM_ASSIGN_OR_RETURN(const algorithms::AlgorithmInfo* info,
                         algorithms::FindAlgorithm(experiment.spec().algorithm().algorithm_name()));
  QALAM_ASSIGN_OR_RETURN(const algorithms::Problem problem, ToProblem(experiment));
  return algorithms::ValidateProblem(*info, problem);
}

}  // namespace qalam::suggestion
