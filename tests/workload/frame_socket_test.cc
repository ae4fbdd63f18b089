#include "workload/frame_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>

namespace qalam::workload {
namespace {

class FrameSocketTest : public testing::Test {
 protected:
  void SetUp() override {
    int sockets[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    near = std::make_unique<FrameSocket>(sockets[0]);
    far = std::make_unique<FrameSocket>(sockets[1]);
  }

  static Message Stop(RunId id) { return {MessageType::kStop, id, {}, {}}; }
  static Message Large() {
    Message message{MessageType::kStart, 1, {}, {}};
    message.run.argv = {std::string(4 << 20, 'x')};
    return message;
  }

  std::unique_ptr<FrameSocket> near, far;
};

TEST_F(FrameSocketTest, AwaitsRoomOnlyWhileSomethingIsUnsent) {
  EXPECT_EQ(near->awaited().fd, near->fd());
  EXPECT_EQ(near->awaited().events, POLLIN);
  near->Send(Large());
  EXPECT_TRUE(near->unsent());
  EXPECT_EQ(near->awaited().events, POLLIN | POLLOUT);
}

TEST_F(FrameSocketTest, KeepsWhatTheOtherEndDoesNotTakeAtOnce) {
  near->Send(Large());
  near->Send(Stop(2));
  while (near->unsent()) {
    far->Receive();
    near->Flush();
  }
  far->Receive();
  const std::optional<Message> first = far->Next(), second = far->Next();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->run.argv, Large().run.argv);
  EXPECT_EQ(second->id, 2u);
  EXPECT_FALSE(far->Next());
}

TEST_F(FrameSocketTest, DeliversWhatWasSentBeforeTheEnd) {
  near->Send(Stop(1));
  near.reset();
  while (!far->ended()) far->Receive();
  ASSERT_TRUE(far->Next());
  EXPECT_EQ(far->awaited().fd, -1);
}

TEST_F(FrameSocketTest, ReceivesAfterItsOwnEndSending) {
  near->EndSending();
  far->Receive();
  EXPECT_TRUE(far->ended());
  far->Send(Stop(1));
  near->Receive();
  EXPECT_TRUE(near->Next());
}

TEST_F(FrameSocketTest, DropsWhatNobodyIsLeftToTake) {
  near->Send(Large());
  ASSERT_TRUE(near->unsent());
  far.reset();
  near->Flush();
  EXPECT_FALSE(near->unsent());
}

TEST_F(FrameSocketTest, PassesOverFramesItDoesNotUnderstand) {
  const std::string nonsense("\x03\0\0\0abc", 7);
  ASSERT_EQ(send(near->fd(), nonsense.data(), nonsense.size(), 0), 7);
  near->Send(Stop(4));
  far->Receive();
  const std::optional<Message> message = far->Next();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->id, 4u);
}

}  // namespace
}  // namespace qalam::workload
