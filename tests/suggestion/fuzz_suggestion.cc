// Any bytes as a GetSuggestionsRequest: never a crash, and the lazy reader agrees with the whole message.

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <cstdlib>

#include "suggestion/proto_convert.h"
#include "suggestion/suggester.h"

using qalam::suggestion::wire::GetSuggestionsRequest;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const qalam::suggestion::OpenBytes open = [&] {
    return std::make_unique<google::protobuf::io::ArrayInputStream>(data, static_cast<int>(size));
  };
  GetSuggestionsRequest request;
  if (!request.ParseFromArray(data, static_cast<int>(size))) {
    (void)qalam::suggestion::GetSuggestions(open);
    return 0;
  }
  (void)qalam::suggestion::ValidateAlgorithmSettings(request.experiment());
  if (const auto problem = qalam::suggestion::ToProblem(request.experiment()); problem.ok()) {
    (void)qalam::suggestion::ToHistory(request.trials(), *problem);
  }
  if (request.current_request_number() > 1'000) return 0;  // right, but slow
  const auto lazy = qalam::suggestion::GetSuggestions(open),
             whole = qalam::suggestion::GetSuggestions(request);
  if (lazy.status() != whole.status()) std::abort();
  if (lazy.ok()) {
    if (lazy->SerializeAsString() != whole->SerializeAsString()) std::abort();
    if (lazy->parameter_assignments_size() != std::max(0, request.current_request_number())) std::abort();
  }
  return 0;
}
