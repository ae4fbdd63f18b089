#include "collect/output_pump.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <csignal>
#include <optional>
#include <string>

#include "base/asio_event_loop.h"

namespace qalam::collect {
namespace {

class OutputPumpTest : public testing::Test {
 protected:
  OutputPumpTest() : command_(MakePipe()), output_(MakePipe()) {
    signal(SIGPIPE, SIG_IGN);
    pump_.emplace(loop_, std::move(command_.read_end), output_.write_end.get(),
                  PumpHandlers{[this](std::string_view bytes) { Read(bytes); },
                               [this](int error) {
                                 end_ = error;
                                 loop_.Stop();
                               }});
  }
  void Read(std::string_view bytes) {
    seen_ += bytes;
    if (seen_.size() >= awaited_) loop_.Stop();
  }
  // Runs until so many bytes were seen in all, or the pump has ended.
  void Await(size_t bytes) {
    awaited_ = bytes;
    if (seen_.size() < awaited_) loop_.Run();
  }
  void Write(std::string_view text) {
    ASSERT_EQ(write(command_.write_end.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  std::string Passed(size_t bytes) {
    std::string text(bytes, '\0');
    size_t size = 0;
    while (size < bytes) {
      pollfd readable = {output_.read_end.get(), POLLIN, 0};
      poll(&readable, 1, -1);
      const ssize_t count = read(output_.read_end.get(), text.data() + size, bytes - size);
      if (count <= 0) break;
      size += static_cast<size_t>(count);
    }
    text.resize(size);
    return text;
  }

  AsioEventLoop loop_;
  Pipe command_, output_;
  std::string seen_;
  size_t awaited_ = SIZE_MAX;
  std::optional<int> end_;
  std::optional<OutputPump> pump_;
};

TEST_F(OutputPumpTest, PassesBytesOnUnchangedAndShowsThem) {
  const std::string text("loss=1\n\0\xff\r\n no end", 17);
  Write(text);
  Await(text.size());
  EXPECT_EQ(seen_, text);
  EXPECT_EQ(Passed(text.size()), text);
  EXPECT_EQ(end_, std::nullopt);
}

TEST_F(OutputPumpTest, EndsWhenThePipeIsClosed) {
  Write("last");
  command_.write_end.Close();
  loop_.Run();
  if (!end_) loop_.Run();
  EXPECT_EQ(seen_, "last");
  EXPECT_EQ(end_, 0);
}

TEST_F(OutputPumpTest, EndsAfterTheGraceWhenSomebodyKeepsThePipe) {
  Write("before");
  pump_->EndSoon(absl::Milliseconds(1));
  Await(SIZE_MAX);
  EXPECT_EQ(seen_, "before");
  EXPECT_EQ(end_, 0);
  EXPECT_EQ(Passed(6), "before");
}

TEST_F(OutputPumpTest, WhatWasWrittenBeforeTheEndIsPassedOnHoweverSlowTheReader) {
  // More than the pipe behind the pump holds, and nobody reads there yet.
  const std::string text(size_t{1} << 20, 'x');
  Write(text);
  Await(1);
  const size_t more = size_t{256} << 10;
  std::string rest(more, 'y');
  Write(rest);
  pump_->EndSoon(absl::ZeroDuration());
  EXPECT_EQ(Passed(text.size() + more), text + rest);
  Await(SIZE_MAX);
  EXPECT_EQ(end_, 0);
  EXPECT_EQ(seen_, text + rest);
}

TEST_F(OutputPumpTest, ClosesThePipeWhenNobodyReadsTheOutput) {
  output_.read_end.Close();
  Write("lost");
  Await(SIZE_MAX);
  if (!end_) loop_.Run();
  EXPECT_EQ(end_, EPIPE);
  EXPECT_EQ(seen_, "lost") << "it is looked at all the same";
  EXPECT_EQ(write(command_.write_end.get(), "x", 1), -1);
  EXPECT_EQ(errno, EPIPE) << "the command is told";
}

TEST_F(OutputPumpTest, CanBeDestroyedWhileNobodyReads) {
  Write(std::string(size_t{1} << 20, 'x'));
  Await(1);
  pump_.reset();
  EXPECT_EQ(end_, std::nullopt);
}

}  // namespace
}  // namespace qalam::collect
