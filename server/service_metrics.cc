#include "server/service_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <mutex>
#include <vector>

#include "base/number_text.h"

namespace qalam::server {
namespace {

// Upper bounds of the histogram's buckets: from a twentieth of a millisecond, a small call over loopback, to Katib's
// deadline.
constexpr double kSeconds[] = {0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                               0.05,    0.1,    0.25,    0.5,    1,     2.5,    5,     10,   60};

// The names of gRPC's codes.
constexpr const char* kCodes[] = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

struct MethodCounts {
  std::int64_t under_way = 0;
  std::map<int, std::uint64_t> by_code;
  std::array<std::uint64_t, std::size(kSeconds) + 1> by_duration =
      {};  // not cumulative; the last has no bound
  double seconds = 0;
};

// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
class Exposition {
 public:
  void Family(std::string_view name, std::string_view type, std::string_view help) {
    text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }

  void Sample(std::string_view name, const std::vector<std::pair<std::string_view, std::string>>& labels,
              double value) {
    text_ += name;
    char before = '{';
    for (const auto& [key, label] : labels) {
      text_ += fmt::format("{}{}=\"{}\"", before, key, Escaped(label));
      before = ',';
    }
    text_ += fmt::format("{}{}\n", labels.empty() ? " " : "} ", NumberText(value));
  }

  std::string Take() { return std::move(text_); }

 private:
  static std::string Escaped(std::string_view label) {
    std::string escaped;
    for (const char c : label) {
      if (c == '\\' || c == '"') escaped += '\\';
      escaped += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    return escaped;
  }

  std::string text_;
};

}  // namespace

const char* CodeName(int code) {
  return code >= 0 && code < static_cast<int>(std::size(kCodes)) ? kCodes[code] : "UNKNOWN";
}

struct ServiceMetrics::State {
  struct Reading {
    Type type;
    std::string name, help, label;
    std::function<double()> read;
  };

  mutable std::mutex mutex;
  std::map<std::string, MethodCounts, std::less<>> methods;
  std::vector<Reading> readings;

  MethodCounts& Of(std::string_view method) {
    const auto found = methods.find(method);
    return found != methods.end() ? found->second : methods[std::string(method)];
  }

  void WriteMethods(Exposition& out) const {
    out.Family("qalam_calls_total", "counter", "Calls answered");
    for (const auto& [method, counts] : methods) {
      for (const auto& [code, count] : counts.by_code) {
        out.Sample("qalam_calls_total", {{"code", CodeName(code)}, {"method", method}},
                   static_cast<double>(count));
      }
    }
    out.Family("qalam_calls_under_way", "gauge", "Calls not answered yet");
    for (const auto& [method, counts] : methods) {
      out.Sample("qalam_calls_under_way", {{"method", method}}, static_cast<double>(counts.under_way));
    }
    out.Family("qalam_call_seconds", "histogram",
               "Time from the arrival of a request to its answer, waiting included");
    for (const auto& [method, counts] : methods) WriteHistogram(method, counts, out);
  }

  static void WriteHistogram(const std::string& method, const MethodCounts& counts, Exposition& out) {
    std::uint64_t sum = 0;
    for (size_t i = 0; i < counts.by_duration.size(); ++i) {
      sum += counts.by_duration[i];
      out.Sample("qalam_call_seconds_bucket",
                 {{"method", method}, {"le", i < std::size(kSeconds) ? NumberText(kSeconds[i]) : "+Inf"}},
                 static_cast<double>(sum));
    }
    out.Sample("qalam_call_seconds_sum", {{"method", method}}, counts.seconds);
    out.Sample("qalam_call_seconds_count", {{"method", method}}, static_cast<double>(sum));
  }

  void WriteReadings(Exposition& out) const {
    std::string_view family;
    for (const Reading& reading : readings) {
      if (reading.name != family) {
        out.Family(reading.name, reading.type == Type::kCounter ? "counter" : "gauge", reading.help);
      }
      family = reading.name;
      const size_t equals = reading.label.find('=');
      if (equals == std::string::npos) {
        out.Sample(reading.name, {}, reading.read());
      } else {
        const std::string_view label = reading.label;
        out.Sample(reading.name, {{label.substr(0, equals), reading.label.substr(equals + 1)}},
                   reading.read());
      }
    }
  }
};

ServiceMetrics::ServiceMetrics() : state_(std::make_unique<State>()) {}
ServiceMetrics::~ServiceMetrics() = default;

void ServiceMetrics::Began(std::string_view method) {
  const std::lock_guard lock(state_->mutex);
  ++state_->Of(method).under_way;
}

void ServiceMetrics::Ended(const CallRecord& record) {
  const double seconds = absl::ToDoubleSeconds(record.duration);
  const auto bucket =
      std::lower_bound(std::begin(kSeconds), std::end(kSeconds), seconds) - std::begin(kSeconds);
  const std::lock_guard lock(state_->mutex);
  MethodCounts& counts = state_->Of(record.method);
  --counts.under_way;
  ++counts.by_code[record.code];
  ++counts.by_duration[static_cast<size_t>(bucket)];
  counts.seconds += seconds;
}

void ServiceMetrics::AddReading(Type type, const std::string& name, const std::string& help,
                                const std::string& label, std::function<double()> read) {
  const std::lock_guard lock(state_->mutex);
  state_->readings.push_back({type, name, help, label, std::move(read)});
}

std::string ServiceMetrics::Text() const {
  Exposition out;
  const std::lock_guard lock(state_->mutex);
  state_->WriteMethods(out);
  state_->WriteReadings(out);
  return out.Take();
}

}  // namespace qalam::server
