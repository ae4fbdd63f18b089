// Real programs through a real launcher. /bin/sh and python3 are the programs.
#include "workload/launcher.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "fmt/format.h"
#include "temporary_directory.h"
#include "workload/launcher_runner.h"
#include "workload/process_tree.h"

namespace qalam::workload {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
using testing::UnorderedElementsAre;
using testing::UnorderedElementsAreArray;

constexpr absl::Duration kTestTimeout = absl::Seconds(60);

// Every process that carries the variable MARK=<mark> in the environment it was started with.
std::vector<pid_t> ProcessesMarked(const std::string& mark) {
  std::vector<pid_t> result;
  const std::string wanted = "MARK=" + mark;
  for (const ProcessInfo& process : ListProcesses()) {
    if (ReadFile(fmt::format("/proc/{}/environ", process.pid)).find(wanted) != std::string::npos) {
      result.push_back(process.pid);
    }
  }
  return result;
}

std::vector<pid_t> ChildrenOf(pid_t parent) {
  std::vector<pid_t> result;
  for (const ProcessInfo& process : ListProcesses()) {
    if (process.parent == parent) result.push_back(process.pid);
  }
  return result;
}

size_t DescriptorsOf(pid_t process) {
  const std::filesystem::directory_iterator open(fmt::format("/proc/{}/fd", process));
  return static_cast<size_t>(std::distance(begin(open), end(open)));
}

class LauncherTest : public testing::Test {
 protected:
  void SetUp() override { StartLauncher(); }

  void StartLauncher() {
    auto launcher = Launcher::Start({.lock_file = directory / "launcher.lock"});
    ASSERT_TRUE(launcher.ok()) << launcher.status();
    launcher_pid = (*launcher)->pid();
    runner = std::make_unique<LauncherRunner>(loop, *std::move(launcher));
    runner->SetExitHandler([this](RunId id, const ContainerExit& exit) {
      exits[id] = exit;
      loop.Stop();
    });
  }

  ContainerRun Run(const std::vector<std::string>& argv) const {
    ContainerRun run;
    run.argv = argv;
    run.environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "MARK=" + mark};
    run.working_dir = directory.path();
    run.output_file = directory / "output.log";
    run.grace = absl::Seconds(20);
    run.short_grace = absl::Milliseconds(200);
    return run;
  }
  ContainerRun Shell(const std::string& script) const { return Run({"/bin/sh", "-c", script}); }

  RunId Start(const ContainerRun& run) {
    const absl::Status status = runner->Start(++last_id, run);
    EXPECT_TRUE(status.ok()) << status;
    return last_id;
  }

  ContainerExit Await(RunId id) {
    bool late = false;
    const EventLoop::TimerId timer = loop.PostAfter(kTestTimeout, [&] {
      late = true;
      loop.Stop();
    });
    while (!exits.contains(id) && !late) loop.Run();
    loop.Cancel(timer);
    EXPECT_FALSE(late) << "run " << id << " did not end";
    return exits[id];
  }

  ContainerExit RunToEnd(const ContainerRun& run) { return Await(Start(run)); }

  // Programs say that they are where the test wants them by making a file in `directory`.
  void AwaitFile(const std::string& name) const {
    const absl::Time deadline = absl::Now() + kTestTimeout;
    while (!std::filesystem::exists(directory / name) && absl::Now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    EXPECT_TRUE(std::filesystem::exists(directory / name)) << name;
  }

  // Idle ones too: those have no children.
  std::vector<pid_t> Shims() const { return ChildrenOf(launcher_pid); }
  pid_t OnlyShim() const {
    const std::vector<pid_t> shims = Shims();
    EXPECT_EQ(shims.size(), 1u);
    return shims.empty() ? -1 : shims.front();
  }

  std::string Output() const { return ReadFile(directory / "output.log"); }

  const TemporaryDirectory directory;
  const std::string mark = directory.path();
  AsioEventLoop loop;
  pid_t launcher_pid = 0;
  std::unique_ptr<LauncherRunner> runner;
  RunId last_id = 0;
  std::map<RunId, ContainerExit> exits;
};

TEST_F(LauncherTest, ReportsExitCodes) {
  for (const int code : {0, 1, 3, 255}) {
    const ContainerExit exit = RunToEnd(Shell(fmt::format("exit {}", code)));
    EXPECT_EQ(exit.kind, ContainerExit::Kind::kExited);
    EXPECT_EQ(exit.code, code);
    EXPECT_GT(exit.pid, 0);
  }
}

TEST_F(LauncherTest, ReportsSignals) {
  for (const int signal : {SIGKILL, SIGSEGV, SIGTERM}) {
    const ContainerExit exit = RunToEnd(Shell(fmt::format("kill -{} $$", signal)));
    EXPECT_EQ(exit.kind, ContainerExit::Kind::kSignalled);
    EXPECT_EQ(exit.code, signal);
  }
}

TEST_F(LauncherTest, ReportsResourcesUsed) {
  const ContainerExit exit = RunToEnd(Run({"python3", "-c", "x = bytearray(64 << 20); sum(range(3000000))"}));
  EXPECT_EQ(exit.code, 0);
  EXPECT_GT(exit.max_rss_bytes, 64 << 20);
  EXPECT_GT(exit.user_seconds, 0);
}

TEST_F(LauncherTest, AppendsOutputAndErrorsInTheOrderOfWriting) {
  RunToEnd(Shell("echo one; echo two >&2; printf 'nul\\000byte'"));
  RunToEnd(Shell("echo; echo three"));
  EXPECT_EQ(Output(), std::string("one\ntwo\nnul\0byte\nthree\n", 23));
}

TEST_F(LauncherTest, ReadsNothingFromStandardInput) { EXPECT_EQ(RunToEnd(Shell("read line")).code, 1); }

TEST_F(LauncherTest, GivesExactlyTheEnvironmentArgumentsAndDirectory) {
  ContainerRun run = Run({"/usr/bin/env", "-0"});
  run.environment = {"A=1", "B=", "MARK=" + mark, "C=a\nb"};
  EXPECT_EQ(RunToEnd(run).code, 0);
  EXPECT_EQ(Output(), std::string("A=1\0B=\0MARK=", 12) + mark + std::string("\0C=a\nb\0", 7));
  run = Run({"python3", "-c",
             "import sys, os; sys.exit(sys.argv[1:] != ['', 'a b', '\"$x'] or os.getcwd() != '/usr')", "",
             "a b", "\"$x"});
  run.working_dir = "/usr";
  EXPECT_EQ(RunToEnd(run).code, 0);
}

TEST_F(LauncherTest, CarriesMegabytesOfEnvironment) {
  ContainerRun run = Shell("true");
  // The kernel takes 128 KiB per text and a quarter of the stack limit in all.
  for (int i = 0; i < 15; ++i) run.environment.push_back(fmt::format("V{}={}", i, std::string(120'000, 'x')));
  run.argv[2] = "test ${#V14} = 120000";
  EXPECT_EQ(RunToEnd(run).code, 0);
}

TEST_F(LauncherTest, ReportsArgumentsTheKernelRefuses) {
  const ContainerExit exit = RunToEnd(Run({"true", std::string(8 << 20, 'x')}));
  EXPECT_EQ(exit.kind, ContainerExit::Kind::kNotStarted);
  EXPECT_EQ(exit.code, 126);
  EXPECT_THAT(exit.message, HasSubstr("Argument list too long"));
}

TEST_F(LauncherTest, NamesAProgramThatDoesNotExist) {
  const ContainerExit exit = RunToEnd(Run({"no-such-program", "x"}));
  EXPECT_EQ(exit.kind, ContainerExit::Kind::kNotStarted);
  EXPECT_EQ(exit.code, 127);
  EXPECT_EQ(exit.message, "cannot run 'no-such-program': No such file or directory");
  EXPECT_EQ(Output(), "qalam: cannot run 'no-such-program': No such file or directory\n");
}

TEST_F(LauncherTest, NamesAProgramThatMayNotRun) {
  WriteFile(directory / "script.sh", "#!/bin/sh\n");
  const ContainerExit exit = RunToEnd(Run({"./script.sh"}));
  EXPECT_EQ(exit.kind, ContainerExit::Kind::kNotStarted);
  EXPECT_EQ(exit.code, 126);
  EXPECT_EQ(exit.message, "cannot run './script.sh': Permission denied");
}

TEST_F(LauncherTest, NamesAWorkingDirectoryThatDoesNotExist) {
  ContainerRun run = Shell("true");
  run.working_dir = "/no/such/directory";
  const ContainerExit exit = RunToEnd(run);
  EXPECT_EQ(exit.code, 126);
  EXPECT_THAT(exit.message,
              AllOf(HasSubstr("working directory /no/such/directory"), HasSubstr("No such file")));
}

TEST_F(LauncherTest, NamesAnOutputFileThatCannotBeWritten) {
  ContainerRun run = Shell("true");
  run.output_file = "/no/such/directory/output.log";
  EXPECT_THAT(RunToEnd(run).message, HasSubstr("/no/such/directory/output.log"));
}

TEST_F(LauncherTest, LooksProgramsUpInThePathOfTheRun) {
  std::filesystem::create_directory(directory / "bin");
  WriteFile(directory / "bin/mine", "#!/bin/sh\nexit 42\n");
  std::filesystem::permissions(directory / "bin/mine", std::filesystem::perms::all);
  ContainerRun run = Run({"mine"});
  run.environment = {"PATH=" + (directory / "bin")};
  EXPECT_EQ(RunToEnd(run).code, 42);
}

// Ignores a signal while it lives; also those that the C library keeps for itself.
class IgnoredSignal {
 public:
  explicit IgnoredSignal(int signal) : signal_(signal) {
    const KernelAction ignore = {reinterpret_cast<std::uintptr_t>(SIG_IGN), {}};
    syscall(SYS_rt_sigaction, signal_, &ignore, &before_, 8);
  }
  ~IgnoredSignal() { syscall(SYS_rt_sigaction, signal_, &before_, nullptr, 8); }

 private:
  struct KernelAction {
    std::uintptr_t handler;
    std::array<std::uintptr_t, 7> rest;
  };
  const int signal_;
  KernelAction before_ = {};
};

TEST_F(LauncherTest, StartsProgramsWithCleanSignalsDescriptorsAndSession) {
  const IgnoredSignal hangup(SIGHUP), cancel(32), set_ids(33);
  runner.reset();
  StartLauncher();
  const ContainerExit exit = RunToEnd(Run({"python3", "-c", R"(
import os, signal
assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == set()
assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL and signal.getsignal(signal.SIGHUP) == signal.SIG_DFL
ignored = open('/proc/self/status').read().split('SigIgn:')[1].split()[0]
assert ignored in ('0000000000000000', '0000000001001000'), ignored  # python itself ignores SIGPIPE and SIGXFSZ
assert os.getsid(0) == os.getpid() == os.getpgid(0)
fds = os.listdir('/proc/self/fd')
assert set(fds) <= {'0', '1', '2', '3'}, fds
)"}));
  EXPECT_EQ(exit.code, 0) << Output();
}

TEST_F(LauncherTest, StopsTheProgramAndItsDescendantsWithTerm) {
  const RunId id = Start(Shell("trap 'echo term; exit 5' TERM; sleep 1000 & sleep 1000 & touch ready; wait"));
  AwaitFile("ready");
  runner->Stop(id);
  const ContainerExit exit = Await(id);
  EXPECT_EQ(exit.code, 5);
  EXPECT_THAT(Output(), HasSubstr("term"));
  EXPECT_THAT(ProcessesMarked(mark), IsEmpty());
}

TEST_F(LauncherTest, KillsWhatIgnoresTermAfterTheGracePeriod) {
  ContainerRun run = Shell("trap '' TERM; touch ready; while :; do sleep 1000; done");
  run.grace = absl::Milliseconds(100);
  const RunId id = Start(run);
  AwaitFile("ready");
  runner->Stop(id);
  const ContainerExit exit = Await(id);
  EXPECT_EQ(exit.kind, ContainerExit::Kind::kSignalled);
  EXPECT_EQ(exit.code, SIGKILL);
  EXPECT_THAT(ProcessesMarked(mark), IsEmpty());
}

TEST_F(LauncherTest, StopsAProgramThatIsSuspended) {
  const RunId id = Start(Shell("touch ready; kill -STOP $$"));
  AwaitFile("ready");
  runner->Stop(id);
  EXPECT_EQ(Await(id).code, SIGTERM);
}

TEST_F(LauncherTest, IgnoresAStopAfterTheEndAndOfUnknownRuns) {
  const RunId id = Start(Shell("exit 3"));
  EXPECT_EQ(Await(id).code, 3);
  runner->Stop(id);
  runner->Stop(12345);
  EXPECT_EQ(RunToEnd(Shell("exit 4")).code, 4);
}

// A daemon as the textbook makes it, deaf to TERM.
constexpr const char* kDaemon = R"(
import os, signal, sys, time
if os.fork():
    sys.exit(0)
os.setsid()
if os.fork():
    os._exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
open('daemon', 'w').close()
time.sleep(1000)
)";

TEST_F(LauncherTest, LeavesNoDaemonBehindWhenTheProgramEnds) {
  const ContainerExit exit = RunToEnd(Run(
      {"/bin/sh", "-c", "python3 -c \"$0\"; while ! [ -e daemon ]; do sleep 0.01; done; exit 6", kDaemon}));
  EXPECT_EQ(exit.kind, ContainerExit::Kind::kExited);
  EXPECT_EQ(exit.code, 6);
  EXPECT_THAT(ProcessesMarked(mark), IsEmpty());
}

TEST_F(LauncherTest, LeavesNoDaemonBehindOnStop) {
  ContainerRun run = Run({"/bin/sh", "-c", "python3 -c \"$0\"; sleep 1000", kDaemon});
  const RunId id = Start(run);
  AwaitFile("daemon");
  runner->Stop(id);
  EXPECT_EQ(Await(id).code, SIGTERM);
  EXPECT_THAT(ProcessesMarked(mark), IsEmpty());
}

TEST_F(LauncherTest, LeavesNoZombies) {
  RunToEnd(Shell("for i in 1 2 3 4 5; do (true &); done"));
  for (int i = 0; i < 20; ++i) RunToEnd(Shell("true"));
  EXPECT_THAT(ChildrenOf(OnlyShim()), IsEmpty());
  EXPECT_THAT(ChildrenOf(getpid()), ElementsAre(launcher_pid));
}

TEST_F(LauncherTest, GivesTheNextRunToAnIdleShim) {
  RunToEnd(Shell("echo $PPID"));
  RunToEnd(Run({"no-such-program"}));
  RunToEnd(Shell("echo $PPID"));
  const pid_t shim = OnlyShim();
  EXPECT_THAT(Output(), AllOf(StartsWith(fmt::format("{}\n", shim)), EndsWith(fmt::format("\n{}\n", shim))));
}

TEST_F(LauncherTest, RunsSideBySideUnderShimsOfTheirOwn) {
  const std::string wait = "while ! [ -e go ]; do sleep 0.01; done";
  const RunId first = Start(Shell("echo $PPID > first; touch ready1; " + wait));
  const RunId second = Start(Shell("echo $PPID > second; touch ready2; " + wait));
  AwaitFile("ready1");
  AwaitFile("ready2");
  const std::vector<pid_t> shims = Shims();
  EXPECT_THAT(shims, UnorderedElementsAre(std::stoi(ReadFile(directory / "first")),
                                          std::stoi(ReadFile(directory / "second"))));
  WriteFile(directory / "go", "");
  Await(first);
  Await(second);
  EXPECT_EQ(DescriptorsOf(shims[0]), DescriptorsOf(shims[1])) << "one holds a copy of the other's socket";
  RunToEnd(Shell("true"));
  EXPECT_THAT(Shims(), UnorderedElementsAreArray(shims));
}

TEST_F(LauncherTest, KeepsNothingOfARunForTheNext) {
  const ContainerRun look = Run({"python3", "-c", R"(
import os, resource
mask = os.umask(0)
print(sorted(os.environ), os.getcwd(), mask, os.sched_getaffinity(0), resource.getrlimit(resource.RLIMIT_DATA))
)"});
  EXPECT_EQ(RunToEnd(look).code, 0);
  const std::string before = Output();
  const size_t descriptors = DescriptorsOf(OnlyShim());

  ContainerRun limited = Shell("umask 0; ulimit -n 100; kill -9 $$");
  limited.environment.emplace_back("A=1");
  limited.working_dir = "/usr";
  limited.limits = {.cpus = 0.5, .memory_bytes = 1 << 30};
  RunToEnd(limited);
  RunToEnd(Run({"no-such-program"}));
  for (ContainerRun broken : {limited, limited}) {
    broken.working_dir = "/no/such/directory";
    RunToEnd(broken);
    broken.output_file = "/no/such/directory/output.log";
    RunToEnd(broken);
  }
  EXPECT_EQ(DescriptorsOf(OnlyShim()), descriptors);
  std::filesystem::remove(directory / "output.log");
  EXPECT_EQ(RunToEnd(look).code, 0);
  EXPECT_EQ(Output(), before);
}

TEST_F(LauncherTest, RunsManyProgramsAtOnce) {
  std::vector<RunId> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(Start(Shell(fmt::format("echo {}; exit {}", i, i))));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Await(ids[static_cast<size_t>(i)]).code, i);
  const std::string output = Output();
  EXPECT_EQ(std::count(output.begin(), output.end(), '\n'), 100);
}

TEST_F(LauncherTest, BoundsTheMemoryOfAProcessWithoutCgroup) {
  ContainerRun run = Run({"python3", "-c", "x = bytearray(512 << 20)"});
  EXPECT_EQ(RunToEnd(run).code, 0);
  run.limits.memory_bytes = 256 << 20;
  EXPECT_EQ(RunToEnd(run).code, 1);
  EXPECT_THAT(Output(), HasSubstr("MemoryError"));
}

TEST_F(LauncherTest, PinsToWholeCpusWithoutCgroup) {
  ContainerRun run = Run({"python3", "-c", "import os; print(len(os.sched_getaffinity(0)))"});
  run.limits.cpus = 0.5;
  run.first_cpu = 1'000'003;
  EXPECT_EQ(RunToEnd(run).code, 0);
  EXPECT_EQ(Output(), "1\n");
}

TEST_F(LauncherTest, EntersACgroupAndReportsThatItRanOutOfMemory) {
  const std::string cgroups = directory / "cgroups";
  std::filesystem::create_directory(cgroups);
  ContainerRun run = Shell("cd cgroups/qalam-*; cat memory.max; echo oom_kill 1 > memory.events; kill -9 $$");
  run.limits = {.cpus = 2, .memory_bytes = 4096};
  run.cgroup_root = cgroups;
  const RunId id = Start(run);
  const ContainerExit exit = Await(id);
  EXPECT_TRUE(exit.out_of_memory);
  EXPECT_EQ(exit.code, SIGKILL);
  const std::string cgroup = fmt::format("{}/qalam-{}-{}", cgroups, launcher_pid, id);
  EXPECT_EQ(ReadFile(cgroup + "/cgroup.procs"), "0");
  EXPECT_EQ(ReadFile(cgroup + "/cpu.max"), "200000 100000");
  EXPECT_EQ(Output(), "4096");
}

TEST_F(LauncherTest, FallsBackToProcessLimitsWhenTheCgroupCannotBeMade) {
  ContainerRun run =
      Run({"python3", "-c", "import resource; print(resource.getrlimit(resource.RLIMIT_DATA)[0])"});
  run.limits.memory_bytes = 1 << 30;
  run.cgroup_root = "/no/such/cgroup";
  EXPECT_EQ(RunToEnd(run).code, 0);
  EXPECT_EQ(Output(), "1073741824\n");
}

TEST_F(LauncherTest, ReportsARunAsLostWhenItsShimIsKilledAndEndsWhatItLeft) {
  const RunId other = Start(Shell("touch ready; while ! [ -e go ]; do sleep 0.01; done; exit 8"));
  AwaitFile("ready");
  const pid_t other_shim = OnlyShim();
  const RunId id = Start(Run({"/bin/sh", "-c", "python3 -c \"$0\"; sleep 1000", kDaemon}));
  AwaitFile("daemon");
  for (const pid_t child : ChildrenOf(launcher_pid)) {
    if (child != other_shim) kill(child, SIGKILL);
  }
  EXPECT_EQ(Await(id).kind, ContainerExit::Kind::kLost);
  // What is left carries the mark because it belongs to the other run.
  for (const pid_t pid : ProcessesMarked(mark)) {
    const std::vector<pid_t> tree = Descendants(ListProcesses(), other_shim);
    EXPECT_TRUE(std::find(tree.begin(), tree.end(), pid) != tree.end() || kill(pid, 0) != 0) << pid;
  }
  WriteFile(directory / "go", "");
  EXPECT_EQ(Await(other).code, 8);
  EXPECT_EQ(RunToEnd(Shell("exit 9")).code, 9);
}

TEST_F(LauncherTest, ReplacesAnIdleShimThatWasKilled) {
  RunToEnd(Shell("true"));
  const pid_t killed = OnlyShim();
  kill(killed, SIGKILL);
  const absl::Time deadline = absl::Now() + kTestTimeout;
  while (kill(killed, 0) == 0 && absl::Now() < deadline) std::this_thread::yield();
  EXPECT_EQ(RunToEnd(Shell("exit 7")).code, 7);
  EXPECT_NE(OnlyShim(), killed);
  EXPECT_THAT(exits, SizeIs(2));
}

TEST_F(LauncherTest, ReportsEverythingAsLostWhenTheLauncherIsKilled) {
  const RunId first = Start(Run({"/bin/sh", "-c", "python3 -c \"$0\"; sleep 1000", kDaemon}));
  const RunId second = Start(Shell("trap '' TERM; touch ready; while :; do sleep 1000; done"));
  AwaitFile("daemon");
  AwaitFile("ready");
  EXPECT_EQ(RunToEnd(Shell("true")).code, 0);
  EXPECT_THAT(Shims(), SizeIs(3));  // the third is idle
  kill(launcher_pid, SIGKILL);
  EXPECT_EQ(Await(first).kind, ContainerExit::Kind::kLost);
  EXPECT_EQ(Await(second).kind, ContainerExit::Kind::kLost);
  EXPECT_THAT(ProcessesMarked(mark), IsEmpty());
  EXPECT_THAT(ChildrenOf(getpid()), IsEmpty());
  EXPECT_EQ(runner->Start(99, Shell("true")).code(), absl::StatusCode::kUnavailable);
}

TEST_F(LauncherTest, SurvivesTheKillOfLauncherAndShim) {
  const RunId id = Start(Run({"/bin/sh", "-c", "python3 -c \"$0\"; sleep 1000", kDaemon}));
  AwaitFile("daemon");
  const pid_t shim = OnlyShim();
  kill(launcher_pid, SIGSTOP);
  kill(shim, SIGKILL);
  kill(launcher_pid, SIGKILL);
  EXPECT_EQ(Await(id).kind, ContainerExit::Kind::kLost);
  EXPECT_THAT(ProcessesMarked(mark), IsEmpty());
}

TEST_F(LauncherTest, EndsEverythingOnDestruction) {
  Start(Shell("touch ready; sleep 1000"));
  Start(Run({"/bin/sh", "-c", "python3 -c \"$0\"; sleep 1000", kDaemon}));
  AwaitFile("ready");
  AwaitFile("daemon");
  EXPECT_EQ(RunToEnd(Shell("true")).code, 0);
  EXPECT_THAT(Shims(), SizeIs(3));  // the third is idle
  const absl::Time begin = absl::Now();
  runner.reset();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(15)) << "waited for the grace period of nobody";
  EXPECT_THAT(ProcessesMarked(mark), IsEmpty());
  EXPECT_THAT(ChildrenOf(getpid()), IsEmpty());
}

TEST_F(LauncherTest, CanBeStartedAgainAfterDestructionButNotTwice) {
  EXPECT_EQ(Launcher::Start({}).status().code(), absl::StatusCode::kFailedPrecondition);
  runner.reset();
  StartLauncher();
  EXPECT_EQ(RunToEnd(Shell("exit 9")).code, 9);
}

TEST_F(LauncherTest, EndsWithoutDelayWhenTheLauncherWasKilled) {
  kill(launcher_pid, SIGKILL);
  runner.reset();
  EXPECT_THAT(ChildrenOf(getpid()), IsEmpty());
}

// What stands in for qalam is killed without a chance to clean up.
class KilledParent : public testing::Test {
 protected:
  // Runs `body` in a child process that is then killed with -9 once `files` exist.
  template <class Body>
  void KillParentOnce(const std::vector<std::string>& files, Body body) {
    const pid_t parent = fork();
    if (parent == 0) {
      body();
      while (true) pause();
    }
    const absl::Time deadline = absl::Now() + kTestTimeout;
    for (const std::string& file : files) {
      while (!std::filesystem::exists(directory / file) && absl::Now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
      EXPECT_TRUE(std::filesystem::exists(directory / file)) << file;
    }
    kill(parent, SIGKILL);
    waitpid(parent, nullptr, 0);
  }

  void StartPrograms() const {
    static AsioEventLoop loop;
    auto launcher = Launcher::Start({.lock_file = directory / "launcher.lock"});
    if (!launcher.ok()) _exit(1);
    static LauncherRunner* runner = new LauncherRunner(loop, *std::move(launcher));
    const std::vector<std::vector<std::string>> programs = {
        {"/bin/sh", "-c", "touch ready; sleep 1000"},
        {"/bin/sh", "-c", "touch ended"},
        {"/bin/sh", "-c", "trap '' TERM HUP; touch deaf; while :; do sleep 1000; done"},
        {"/bin/sh", "-c", "python3 -c \"$0\"; sleep 1000", kDaemon}};
    for (size_t i = 0; i < programs.size(); ++i) {
      ContainerRun run;
      run.argv = programs[i];
      run.environment = {"PATH=/usr/bin:/bin", "MARK=" + directory.path()};
      run.working_dir = directory.path();
      run.output_file = directory / "output.log";
      run.short_grace = absl::Milliseconds(100);
      if (!runner->Start(i + 1, run).ok()) _exit(1);
    }
  }

  const TemporaryDirectory directory;
};

TEST_F(KilledParent, LeavesNothingAndTheNextLauncherWaitsForThat) {
  KillParentOnce({"ready", "ended", "deaf", "daemon"}, [this] { StartPrograms(); });
  // The lock is free when launcher and shims are gone, which is after everything else.
  auto launcher =
      Launcher::Start({.lock_file = directory / "launcher.lock", .predecessor_timeout = kTestTimeout});
  ASSERT_TRUE(launcher.ok()) << launcher.status();
  EXPECT_THAT(ProcessesMarked(directory.path()), IsEmpty());
}

TEST_F(KilledParent, LeavesNothingWhenTheLauncherIsKilledToo) {
  KillParentOnce({"ready", "ended", "deaf", "daemon"}, [this] {
    StartPrograms();
    const std::vector<pid_t> children = ChildrenOf(getpid());
    WriteFile(directory / "launcher-pid", fmt::format("{}", children.at(0)));
  });
  kill(std::stoi(ReadFile(directory / "launcher-pid")), SIGKILL);
  auto launcher =
      Launcher::Start({.lock_file = directory / "launcher.lock", .predecessor_timeout = kTestTimeout});
  ASSERT_TRUE(launcher.ok()) << launcher.status();
  EXPECT_THAT(ProcessesMarked(directory.path()), IsEmpty());
}

TEST_F(KilledParent, MakesTheNextLauncherSayWhoIsInTheWay) {
  const int fd = open((directory / "launcher.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  ASSERT_EQ(flock(fd, LOCK_EX), 0);
  const auto launcher = Launcher::Start(
      {.lock_file = directory / "launcher.lock", .predecessor_timeout = absl::Milliseconds(20)});
  EXPECT_EQ(launcher.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(launcher.status().message()), HasSubstr(directory / "launcher.lock"));
  close(fd);
  EXPECT_TRUE(Launcher::Start({.lock_file = directory / "launcher.lock"}).ok());
}

}  // namespace
}  // namespace qalam::workload
