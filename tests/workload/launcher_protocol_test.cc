#include "workload/launcher_protocol.h"

#include <gtest/gtest.h>

namespace qalam::workload {
namespace {

Message StartMessage() {
  Message message{MessageType::kStart, 7, {}, {}};
  message.run.argv = {"program", "", std::string("a\0b", 3)};
  message.run.environment = {"A=1", "B=" + std::string(3 << 20, 'x')};
  message.run.working_dir = "/work";
  message.run.output_file = "/out";
  message.run.limits = {.cpus = 0.5, .memory_bytes = 1LL << 40};
  message.run.first_cpu = 3;
  message.run.cgroup_root = "/cgroup";
  message.run.grace = absl::Milliseconds(1500);
  message.run.short_grace = absl::ZeroDuration();
  return message;
}

std::string FrameOf(const Message& message) { return EncodeMessage(message).substr(4); }

TEST(LauncherProtocol, CarriesARunWithMegabytesOfEnvironment) {
  const Message sent = StartMessage();
  const std::optional<Message> got = DecodeMessage(FrameOf(sent));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->id, 7u);
  EXPECT_EQ(got->run.argv, sent.run.argv);
  EXPECT_EQ(got->run.environment, sent.run.environment);
  EXPECT_EQ(got->run.working_dir, "/work");
  EXPECT_EQ(got->run.output_file, "/out");
  EXPECT_EQ(got->run.limits, sent.run.limits);
  EXPECT_EQ(got->run.first_cpu, 3);
  EXPECT_EQ(got->run.cgroup_root, "/cgroup");
  EXPECT_EQ(got->run.grace, absl::Milliseconds(1500));
  EXPECT_EQ(got->run.short_grace, absl::ZeroDuration());
}

TEST(LauncherProtocol, CarriesAnExit) {
  Message sent{MessageType::kExit, 9, {}, {}};
  sent.exit = {.kind = ContainerExit::Kind::kSignalled,
               .code = 9,
               .out_of_memory = true,
               .machine_out_of_memory = true,
               .message = "why",
               .pid = 1234,
               .user_seconds = 1.5,
               .system_seconds = 0.25,
               .max_rss_bytes = 1LL << 33};
  const std::optional<Message> got = DecodeMessage(FrameOf(sent));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->exit.kind, ContainerExit::Kind::kSignalled);
  EXPECT_EQ(got->exit.code, 9);
  EXPECT_TRUE(got->exit.out_of_memory);
  EXPECT_TRUE(got->exit.machine_out_of_memory);
  EXPECT_EQ(got->exit.message, "why");
  EXPECT_EQ(got->exit.pid, 1234);
  EXPECT_EQ(got->exit.user_seconds, 1.5);
  EXPECT_EQ(got->exit.system_seconds, 0.25);
  EXPECT_EQ(got->exit.max_rss_bytes, 1LL << 33);
}

TEST(LauncherProtocol, KeepsExitFramesWithinAnEmptySocket) {
  Message sent{MessageType::kExit, 9, {}, {}};
  sent.exit.message.assign(100'000, 'm');
  const std::string frame = EncodeMessage(sent);
  EXPECT_LE(frame.size(), 4096u);
  EXPECT_TRUE(DecodeMessage(frame.substr(4)));
}

TEST(LauncherProtocol, RefusesFramesThatAreCutOrTooLong) {
  Message small = StartMessage();
  small.run.environment.clear();
  const std::string frame = FrameOf(small);
  for (size_t size = 0; size < frame.size(); ++size)
    EXPECT_FALSE(DecodeMessage(frame.substr(0, size))) << size;
  EXPECT_FALSE(DecodeMessage(frame + "x"));
  EXPECT_FALSE(DecodeMessage(std::string(64, '\xff')));
}

TEST(FrameBuffer, FindsFramesHoweverTheBytesArrive) {
  const std::string stream = EncodeMessage({MessageType::kStop, 1, {}, {}}) +
                             EncodeMessage({MessageType::kStop, 2, {}, {}}) +
                             EncodeMessage({MessageType::kShutdown, 3, {}, {}});
  for (size_t piece = 1; piece <= stream.size(); ++piece) {
    FrameBuffer buffer;
    std::vector<RunId> ids;
    for (size_t at = 0; at < stream.size(); at += piece) {
      buffer.Append(std::string_view(stream).substr(at, piece));
      while (const auto frame = buffer.Next()) ids.push_back(DecodeMessage(*frame)->id);
    }
    EXPECT_EQ(ids, (std::vector<RunId>{1, 2, 3})) << piece;
  }
}

}  // namespace
}  // namespace qalam::workload
