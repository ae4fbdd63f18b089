// A shim whose launcher is the test.
#include "workload/shim.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "temporary_directory.h"
#include "workload/frame_socket.h"

namespace qalam::workload {
namespace {

constexpr int kTestTimeoutMilliseconds = 60'000;

class ShimTest : public testing::Test {
 protected:
  void SetUp() override {
    int sockets[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    shim = fork();
    if (shim == 0) {
      close(sockets[0]);
      sigset_t all;
      sigfillset(&all);
      sigprocmask(SIG_SETMASK, &all, nullptr);
      sigset_t child;
      sigemptyset(&child);
      sigaddset(&child, SIGCHLD);
      RunShim(sockets[1], signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK), getppid());
    }
    close(sockets[1]);
    socket = std::make_unique<FrameSocket>(sockets[0]);
  }

  void TearDown() override {
    socket.reset();
    if (shim > 0) {
      kill(shim, SIGKILL);
      waitpid(shim, nullptr, 0);
    }
  }

  Message Start(RunId id, const std::string& script) const {
    Message message{MessageType::kStart, id, {}, {}};
    message.run.argv = {"/bin/sh", "-c", script};
    message.run.environment = {"PATH=/usr/bin:/bin"};
    message.run.working_dir = directory.path();
    message.run.output_file = directory / "output.log";
    message.run.grace = absl::Seconds(20);
    message.run.short_grace = absl::Milliseconds(100);
    return message;
  }
  static Message Stop(RunId id) { return {MessageType::kStop, id, {}, {}}; }

  // So that the shim receives them together.
  void SendAtOnce(const std::vector<Message>& messages) const {
    std::string frames;
    for (const Message& message : messages) frames += EncodeMessage(message);
    ASSERT_EQ(send(socket->fd(), frames.data(), frames.size(), 0), static_cast<ssize_t>(frames.size()));
  }

  // The next message; a kShutdown when the shim sends no more.
  Message Receive() {
    while (true) {
      if (const std::optional<Message> message = socket->Next()) return *message;
      pollfd watched = socket->awaited();
      if (socket->ended() || poll(&watched, 1, kTestTimeoutMilliseconds) <= 0) return {};
      socket->Receive();
    }
  }

  int AwaitExit() {
    int status = -1;
    EXPECT_EQ(waitpid(shim, &status, 0), shim);
    shim = 0;
    return status;
  }

  const TemporaryDirectory directory;
  pid_t shim = 0;
  std::unique_ptr<FrameSocket> socket;
};

TEST_F(ShimTest, RunsOneAfterTheOther) {
  for (const int code : {0, 7}) {
    const auto id = static_cast<RunId>(code + 100);
    socket->Send(Start(id, "exit " + std::to_string(code)));
    const Message report = Receive();
    EXPECT_EQ(report.type, MessageType::kExit);
    EXPECT_EQ(report.id, id);
    EXPECT_EQ(report.exit.code, code);
  }
}

TEST_F(ShimTest, IgnoresAStopOfARunThatHasEnded) {
  socket->Send(Start(1, "exit 3"));
  EXPECT_EQ(Receive().exit.code, 3);
  SendAtOnce({Stop(1), Start(2, "trap 'exit 9' TERM; sleep 0.1; exit 4"), Stop(1)});
  const Message report = Receive();
  EXPECT_EQ(report.id, 2u);
  EXPECT_EQ(report.exit.kind, ContainerExit::Kind::kExited);
  EXPECT_EQ(report.exit.code, 4);
}

TEST_F(ShimTest, ObeysAStopThatComesWithItsStart) {
  SendAtOnce({Start(1, "sleep 1000"), Stop(1)});
  const Message report = Receive();
  EXPECT_EQ(report.exit.kind, ContainerExit::Kind::kSignalled);
  EXPECT_EQ(report.exit.code, SIGTERM);
}

TEST_F(ShimTest, ExitsWhenTheStreamEndsWhileItIsIdle) {
  socket->Send(Start(1, "exit 3"));
  EXPECT_EQ(Receive().exit.code, 3);
  socket->EndSending();
  EXPECT_EQ(AwaitExit(), 0);
}

TEST_F(ShimTest, EndsItsRunAndReportsItWhenTheStreamEnds) {
  socket->Send(Start(1, "trap '' TERM; sleep 1000 & echo; while :; do sleep 1000; done"));
  while (ReadFile(directory / "output.log").empty()) usleep(1000);
  socket->EndSending();
  const Message report = Receive();
  EXPECT_EQ(report.type, MessageType::kExit);
  EXPECT_EQ(report.exit.code, SIGKILL);
  EXPECT_EQ(AwaitExit(), 0);
}

}  // namespace
}  // namespace qalam::workload
