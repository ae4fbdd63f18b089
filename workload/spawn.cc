#include "workload/spawn.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>

#include "fmt/format.h"

namespace qalam::workload {
namespace {

enum class Step : int { kCgroup, kDirectory, kLimit, kProgram };

struct Descriptor {
  int fd = -1;

  explicit Descriptor(int owned) : fd(owned) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  void Close() {
    if (fd >= 0) close(std::exchange(fd, -1));
  }
};

struct Failure {
  Step step = Step::kProgram;
  int error = 0;
};

// All that the child needs, made before the fork: after vfork it must not allocate.
struct Plan {
  char* const* argv = nullptr;
  char* const* environment = nullptr;
  const char* directory = nullptr;
  pid_t parent = 0;
  int input = -1, output = -1, cgroup = -1, failure_pipe = -1;
  bool limit_data = false, pin = false;
  rlimit data{};
  cpu_set_t cpus{};
};

[[noreturn]] void Fail(const Plan& plan, Step step) {
  const Failure failure{step, errno};
  [[maybe_unused]] const ssize_t written = write(plan.failure_pipe, &failure, sizeof(failure));
  _exit(126);
}

[[noreturn]] void RunChild(const Plan& plan) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != plan.parent) _exit(126);  // died before the line above
  setsid();
  if (plan.cgroup >= 0 && write(plan.cgroup, "0", 1) != 1) Fail(plan, Step::kCgroup);
  if (plan.limit_data && setrlimit(RLIMIT_DATA, &plan.data) != 0) Fail(plan, Step::kLimit);
  if (plan.pin && sched_setaffinity(0, sizeof(plan.cpus), &plan.cpus) != 0) Fail(plan, Step::kLimit);
  if (chdir(plan.directory) != 0) Fail(plan, Step::kDirectory);
  dup2(plan.input, STDIN_FILENO);
  dup2(plan.output, STDOUT_FILENO);
  dup2(plan.output, STDERR_FILENO);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvpe(plan.argv[0], plan.argv, plan.environment);
  Fail(plan, Step::kProgram);
}

// vfork: a copy of the page tables would be a third of a short trial's overhead. Kept apart from everything
// else, so that no local variable of a caller lives in a register across it.
[[gnu::noinline]] pid_t VforkChild(const Plan& plan) {
  const pid_t pid = vfork();
  if (pid == 0) RunChild(plan);
  return pid;
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

void PlanMemoryLimit(std::int64_t bytes, Plan& plan) {
  if (getrlimit(RLIMIT_DATA, &plan.data) != 0) return;
  plan.data.rlim_max = std::min(plan.data.rlim_max, static_cast<rlim_t>(bytes));
  plan.data.rlim_cur = plan.data.rlim_max;
  plan.limit_data = true;
}

void PlanPinning(double cpus, int first_cpu, Plan& plan) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return;
  std::vector<int> numbers;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) numbers.push_back(cpu);
  }
  if (std::ceil(cpus) >= static_cast<double>(numbers.size())) return;
  const auto count = static_cast<size_t>(std::ceil(cpus));
  CPU_ZERO(&plan.cpus);
  for (size_t i = 0; i < count; ++i) {
    CPU_SET(numbers[(static_cast<size_t>(first_cpu) + i) % numbers.size()], &plan.cpus);
  }
  plan.pin = true;
}

SpawnResult Explain(const ContainerRun& run, const Failure& failure) {
  SpawnResult result;
  const char* reason = std::strerror(failure.error);
  switch (failure.step) {
    case Step::kCgroup:
      result.message = fmt::format("cannot enter the cgroup for its limits: {}", reason);
      break;
    case Step::kDirectory:
      result.message = fmt::format("cannot enter the working directory {}: {}", run.working_dir, reason);
      break;
    case Step::kLimit:
      result.message = fmt::format("cannot set the resource limits: {}", reason);
      break;
    case Step::kProgram:
      result.code = failure.error == ENOENT || failure.error == ENOTDIR ? 127 : 126;
      result.message = fmt::format("cannot run '{}': {}", run.argv.front(), reason);
      break;
  }
  return result;
}

}  // namespace

SpawnResult Spawn(const ContainerRun& run, const std::string& cgroup_procs) {
  SpawnResult result;
  const std::vector<char*> argv = Pointers(run.argv), environment = Pointers(run.environment);
  Plan plan;
  plan.argv = argv.data();
  plan.environment = environment.data();
  plan.directory = run.working_dir.c_str();
  plan.parent = getpid();
  const Descriptor input(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Descriptor output(open(run.output_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (output.fd < 0) {
    result.message =
        fmt::format("cannot write the output file {}: {}", run.output_file, std::strerror(errno));
    return result;
  }
  const Descriptor cgroup(
      cgroup_procs.empty() ? -1 : open(cgroup_procs.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  if (cgroup_procs.empty()) {
    if (run.limits.memory_bytes) PlanMemoryLimit(*run.limits.memory_bytes, plan);
    if (run.limits.cpus) PlanPinning(*run.limits.cpus, run.first_cpu, plan);
  }
  int failure_pipe[2];
  if (pipe2(failure_pipe, O_CLOEXEC) != 0) {
    result.message = fmt::format("cannot run '{}': {}", run.argv.front(), std::strerror(errno));
    return result;
  }
  const Descriptor failure_read(failure_pipe[0]);
  Descriptor failure_write(failure_pipe[1]);
  plan.input = input.fd;
  plan.output = output.fd;
  plan.cgroup = cgroup.fd;
  plan.failure_pipe = failure_write.fd;

  // execvpe looks programs up in the caller's PATH.
  char** const own_environment = std::exchange(environ, const_cast<char**>(environment.data()));
  result.pid = VforkChild(plan);
  const int fork_error = errno;
  environ = own_environment;
  failure_write.Close();
  Failure failure;
  // The pipe closes by itself when the program runs: nothing to read is success.
  bool failed = result.pid >= 0 && read(failure_read.fd, &failure, sizeof(failure)) == sizeof(failure);
  if (result.pid < 0) {
    failed = true;
    failure = {Step::kProgram, fork_error};
  }
  if (failed) {
    result = Explain(run, failure);
    const std::string line = fmt::format("qalam: {}\n", result.message);
    [[maybe_unused]] const ssize_t written = write(output.fd, line.data(), line.size());
  }
  return result;
}

}  // namespace qalam::workload
