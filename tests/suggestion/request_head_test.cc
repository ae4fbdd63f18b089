#include "suggestion/request_head.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include "suggestion/suggester.h"
#include "tests/suggestion/requests.h"

namespace qalam::suggestion {
namespace {

using testing::KatibExperiment;
using testing::RequestOf;
using testing::TrialOf;

// Blocks of 3 bytes: every field is cut somewhere.
absl::StatusOr<RequestHead> Read(const std::string& bytes) {
  google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()), 3);
  return ReadHead(stream);
}

wire::GetSuggestionsRequest Example() {
  wire::GetSuggestionsRequest request =
      RequestOf(KatibExperiment("random", {{"random_state", "71"}}), 2, 1'000'000);
  for (int i = 0; i < 20; ++i) {
    *request.add_trials() =
        TrialOf("t" + std::to_string(i), {{"param-1", "1"}}, wire::TrialStatus::RUNNING, {});
  }
  return request;
}

TEST(ReadHead, ReadsAllButTheTrials) {
  wire::GetSuggestionsRequest request = Example();
  const auto head = Read(request.SerializeAsString());
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_EQ(head->trials, 20);
  request.clear_trials();
  EXPECT_EQ(head->request.SerializeAsString(), request.SerializeAsString());
}

TEST(ReadHead, ReadsNegativeNumbersAndSkipsUnknownFields) {
  std::string bytes = RequestOf({}, -3, -2'000'000'000).SerializeAsString();
  bytes += std::string("\x1A\x02hi\x78\x01", 6);  // field 3, a text, and field 15, a number
  const auto head = Read(bytes);
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_EQ(head->request.current_request_number(), -3);
  EXPECT_EQ(head->request.total_request_number(), -2'000'000'000);
}

TEST(ReadHead, AcceptsTheEmptyRequest) { EXPECT_EQ(Read("")->trials, 0); }

TEST(ReadHead, RefusesEveryTruncation) {
  const std::string bytes = Example().SerializeAsString();
  wire::GetSuggestionsRequest whole;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::string part = bytes.substr(0, size);
    EXPECT_EQ(Read(part).ok(), whole.ParseFromString(part)) << size;
  }
}

TEST(ReadHead, RefusesLengthsBeyondTheEnd) {
  for (const char* bytes :
       {"\x0A\x7F", "\x12\x7F", "\x0A\xFF\xFF\xFF\xFF\x0F", "\x12\xFF\xFF\xFF\xFF\x0F", "\x0C"}) {
    EXPECT_EQ(Read(bytes).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

// Not even bytes that are no trial are noticed by an algorithm that needs none.
TEST(GetSuggestions, DoesNotReadTrialsThatNobodyNeeds) {
  const wire::GetSuggestionsRequest request = RequestOf(KatibExperiment("random"), 2, 5);
  std::string bytes = request.SerializeAsString() + std::string("\x12\x03\xFF\xFF\xFF", 5);
  const OpenBytes open = [&] {
    return std::make_unique<google::protobuf::io::ArrayInputStream>(bytes.data(),
                                                                    static_cast<int>(bytes.size()));
  };
  const auto from_bytes = GetSuggestions(open), from_message = GetSuggestions(request);
  ASSERT_TRUE(from_bytes.ok() && from_message.ok()) << from_bytes.status();
  EXPECT_EQ(from_bytes->SerializeAsString(), from_message->SerializeAsString());
}

}  // namespace
}  // namespace qalam::suggestion
