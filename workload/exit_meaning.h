// What the end of a trial's program means. The same on every engine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace qalam::workload {

enum class ExitMeaning : std::uint8_t {
  kDone,        // exit code 0
  kTryAgain,    // exit code 75 (EX_TEMPFAIL): not the parameters' fault, another attempt may do better
  kInfeasible,  // exit code 65 (EX_DATAERR): no attempt with these parameters can do better
  kFailed,      // any other exit code, and every signal
};

inline constexpr int kTryAgainExitCode = 75;
inline constexpr int kInfeasibleExitCode = 65;

/// How often in a row a program may ask to be tried again, unless its specification says otherwise.
inline constexpr int kDefaultRequeues = 3;

/// `signal` is the one that ended the program, 0 when it ended by itself; then `exit_code` counts.
ExitMeaning MeaningOfExit(int exit_code, int signal);

/// "exit code 3", "exit code 65: the parameters are infeasible".
std::string ExitCodeText(int exit_code);

/// "killed by signal 9 (Killed)".
std::string SignalText(int signal);

/// Who sends this signal to a program that did not ask for it: "the program crashed: ...", "sent from outside: ...".
/// Empty for signals that say nothing.
std::string_view SignalOrigin(int signal);

}  // namespace qalam::workload
