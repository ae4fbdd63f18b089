// What Prometheus may want to know of the services.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/unary_service.h"

namespace qalam::server {

/// Threads: all functions may be called from any; readings are taken on the one that calls Text.
class ServiceMetrics {
 public:
  ServiceMetrics();
  ~ServiceMetrics();

  void Began(std::string_view method);
  void Ended(const CallRecord& record);

  enum class Type { kCounter, kGauge };

  /// A number that somebody else counts. Readings of one name are added one after
  /// another; `label` is "key=value" or empty. `read` does not call this.
  void AddReading(Type type, const std::string& name, const std::string& help, const std::string& label,
                  std::function<double()> read);

  /// All of it in Prometheus' text format, version 0.0.4.
  std::string Text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// "OK", "INVALID_ARGUMENT", ...
const char* CodeName(int code);

}  // namespace qalam::server
