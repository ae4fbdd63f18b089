#include "proto/grpc_status.h"

#include <gtest/gtest.h>

namespace qalam {
namespace {

TEST(ToGrpc, KeepsCodeAndMessage) {
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
  const grpc::Status status = ToGrpc(absl::OutOfRangeError("SpaceExhausted: all done"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(status.error_message(), "SpaceExhausted: all done");
}

TEST(ToGrpc, CutsBetweenCharacters) {
  std::string text = "x";
  while (text.size() < 3'000) text += "\xC3\xA9";  // the 2,000th byte is the second of such a pair
  const std::string message = ToGrpc(absl::InvalidArgumentError(text)).error_message();
  EXPECT_EQ(message, text.substr(0, 1'999) + "...");
}

}  // namespace
}  // namespace qalam
