// The inside of the launcher process. Internal to this room.
#pragma once

namespace qalam::workload {

/// Serves the launcher's end of the socket until a kShutdown or the end of the stream (qalam has ended,
/// however), ends everything that runs and exits. To be called in a fresh fork. Keeps the descriptors 0, 1,
/// 2, `control` and `lock`
/// (-1: none), closes all others, leaves the terminal's session, resets every signal.
[[noreturn]] void RunLauncher(int control, int lock);

}  // namespace qalam::workload
