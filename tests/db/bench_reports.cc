// How many points a second a DBManager takes. Starts the program after --, which serves on the given address, reports to it
// from several clients at once while others read, and checks at the end that all of it is there.
//
//   bench_reports [--clients N] [--batch N] [--seconds N] [--readers N] ADDRESS -- build/release/qalam serve ...
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "proto/api.grpc.pb.h"

namespace {

namespace wire = ::api::v1::beta1;
using Clock = std::chrono::steady_clock;

constexpr int kReportsPerTrial = 50;

struct Options {
  int clients = 32, batch = 100, seconds = 10, readers = 2;
  double reads_per_second = 20;  // of one reader
  std::string address;
  char** server = nullptr;
};

struct Totals {
  std::atomic<std::int64_t> reports = 0, reads = 0, points_read = 0, failures = 0;
};

std::string TrialName(int client, int trial) { return fmt::format("experiment-{}-trial-{}", client, trial); }

// A program that logs two metrics every tenth of a second.
void Fill(wire::ReportObservationLogRequest& request, int client, int report, int batch) {
  request.set_trial_name(TrialName(client, report / kReportsPerTrial));
  wire::ObservationLog& log = *request.mutable_observation_log();
  while (log.metric_logs_size() < batch) log.add_metric_logs();
  for (int i = 0; i < batch; ++i) {
    const int number = (report % kReportsPerTrial) * batch + i, tick = number / 2;
    wire::MetricLog& entry = *log.mutable_metric_logs(i);
    entry.set_time_stamp(fmt::format("2024-03-04T{:02}:{:02}:{:02}.{}Z", 10 + tick / 36'000, tick / 600 % 60,
                                     tick / 10 % 60, tick % 10));
    entry.mutable_metric()->set_name(number % 2 == 0 ? "loss" : "accuracy");
    entry.mutable_metric()->set_value(fmt::format("0.{:06}", (number * 7'919 + client) % 1'000'000));
  }
}

class Client {
 public:
  explicit Client(const Options& options, int channel) {
    grpc::ChannelArguments arguments;
    arguments.SetInt("bench.channel", channel);  // channels with the same arguments share a connection
    arguments.SetMaxReceiveMessageSize(-1);
    channel_ = grpc::CreateCustomChannel(options.address, grpc::InsecureChannelCredentials(), arguments);
    stub_ = wire::DBManager::NewStub(channel_);
  }

  bool Connect() {
    return channel_->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10));
  }

  // The number of reports that were acknowledged.
  int ReportUntil(Clock::time_point end, int client, const Options& options, Totals& totals) {
    wire::ReportObservationLogRequest request;
    wire::ReportObservationLogReply reply;
    int reports = 0;
    for (; Clock::now() < end; ++reports) {
      Fill(request, client, reports, options.batch);
      grpc::ClientContext context;
      const grpc::Status status = stub_->ReportObservationLog(&context, request, &reply);
      if (!status.ok()) {
        fmt::print(stderr, "report: {}\n", status.error_message());
        ++totals.failures;
        break;
      }
      ++totals.reports;
    }
    return reports;
  }

  std::int64_t Read(const std::string& trial, const std::string& metric) {
    wire::GetObservationLogRequest request;
    request.set_trial_name(trial);
    request.set_metric_name(metric);
    wire::GetObservationLogReply reply;
    grpc::ClientContext context;
    if (const grpc::Status status = stub_->GetObservationLog(&context, request, &reply); !status.ok()) {
      fmt::print(stderr, "read: {}\n", status.error_message());
      return -1;
    }
    return reply.observation_log().metric_logs_size();
  }

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<wire::DBManager::Stub> stub_;
};

void ReadUntil(Clock::time_point end, int reader, const Options& options, Totals& totals) {
  Client client(options, 1'000 + reader);
  std::mt19937 random(static_cast<unsigned>(reader));
  const auto pause = std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(1 / options.reads_per_second));
  for (auto next = Clock::now(); next < end; next += pause) {
    std::this_thread::sleep_until(next);
    const int trials = static_cast<int>(totals.reports / options.clients / kReportsPerTrial) + 1;
    std::uniform_int_distribution<int> any_client(0, options.clients - 1), any_trial(0, trials - 1);
    const std::string trial = TrialName(any_client(random), any_trial(random));
    const std::int64_t points = client.Read(trial, "loss");
    totals.failures += points < 0;
    ++totals.reads;
    totals.points_read += std::max<std::int64_t>(0, points);
  }
}

double CpuSeconds(int who) {
  rusage usage = {};
  getrusage(who, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

int Run(const Options& options) {
  const pid_t server = fork();
  if (server == 0) {
    execv(options.server[0], options.server);
    _exit(127);
  }
  std::vector<std::unique_ptr<Client>> clients;
  for (int c = 0; c < options.clients; ++c) clients.push_back(std::make_unique<Client>(options, c % 4));
  if (!clients[0]->Connect()) {
    fmt::print(stderr, "{} does not answer on {}\n", options.server[0], options.address);
    kill(server, SIGTERM);
    return 1;
  }
  Totals totals;
  std::vector<int> reports(static_cast<size_t>(options.clients));
  const double client_cpu = CpuSeconds(RUSAGE_SELF);
  const auto begin = Clock::now(), end = begin + std::chrono::seconds(options.seconds);
  {
    std::vector<std::thread> threads;
    for (int c = 0; c < options.clients; ++c) {
      threads.emplace_back([&, c] {
        const auto index = static_cast<size_t>(c);
        reports[index] = clients[index]->ReportUntil(end, c, options, totals);
      });
    }
    for (int r = 0; r < options.readers; ++r)
      threads.emplace_back([&, r] { ReadUntil(end, r, options, totals); });
    for (std::thread& thread : threads) thread.join();
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const double client_seconds = CpuSeconds(RUSAGE_SELF) - client_cpu;
  std::int64_t missing = 0;
  for (int c = 0; c < options.clients; ++c) {
    const int last = (reports[static_cast<size_t>(c)] - 1) / kReportsPerTrial;
    const std::int64_t expected =
        std::int64_t{reports[static_cast<size_t>(c)] - last * kReportsPerTrial} * options.batch;
    missing += expected - clients[0]->Read(TrialName(c, last), "");
  }
  kill(server, SIGTERM);
  int status = 0;
  waitpid(server, &status, 0);
  const auto points = static_cast<double>(totals.reports * options.batch);
  fmt::print(
      "{:.0f} points/s: {:.0f} points in {} reports of {} in {:.1f} s from {} clients; {} reads of {} "
      "points\n",
      points / seconds, points, totals.reports.load(), options.batch, seconds, options.clients,
      totals.reads.load(), totals.points_read.load());
  fmt::print("cpu per point: server {:.2f} us, clients {:.2f} us; failures {}, missing {}\n",
             1e6 * CpuSeconds(RUSAGE_CHILDREN) / points, 1e6 * client_seconds / points,
             totals.failures.load(), missing);
  return totals.failures == 0 && missing == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto number = [&](const char* flag, int& into) {
      if (word != flag || i + 1 >= argc) return false;
      into = std::max(0, std::atoi(argv[++i]));
      return true;
    };
    if (number("--clients", options.clients) || number("--batch", options.batch) ||
        number("--seconds", options.seconds) || number("--readers", options.readers)) {
      continue;
    }
    if (word == "--" && i + 1 < argc) {
      options.server = argv + i + 1;
      break;
    }
    options.address = word;
  }
  if (options.address.empty() || options.server == nullptr || options.clients < 1 || options.batch < 1) {
    fmt::print(
        stderr,
        "usage: bench_reports [--clients N] [--batch N] [--seconds N] [--readers N] ADDRESS -- SERVER...\n");
    return 2;
  }
  return Run(options);
}
