// Starts one of TaskQueue's programs from another, without a shell and without inherited descriptors.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace taskqueue::platform {

// Starts the program in its own session with standard streams on /dev/null, and does not wait for it. Returns
// the PID, or nothing if it cannot be started (missing, not executable).
std::optional<int> startInBackground(const std::vector<std::string>& command);

// Starts the program in the caller's session with the caller's standard output and error. Returns the PID, or
// nothing if it cannot be started. The caller must wait for it.
std::optional<int> startInForeground(const std::vector<std::string>& command);

struct PipedProcess {
  int processId = 0;
  int output = -1;  // the read end of its standard output; the caller closes it
  int errors = -1;  // the same of its standard error
};

// Starts the program in a process group of its own, so that the terminal's Ctrl-C does not reach it, with
// both streams in pipes. It never waits for a reader: what finds no room in a pipe is lost. Returns nothing
// if it cannot be started. The caller must wait for it.
std::optional<PipedProcess> startWithPipes(const std::vector<std::string>& command);

struct ProgramOutcome {
  bool ended = false;  // false: it could not be started or was killed at the limit
  int exitStatus = 0;
  std::string output;  // the standard output, at most 64 KiB
};

// Runs the program until it ends, but at most for `limit`. Calls `onStarted` after the start; `hasEnded`
// tells whether the program has ended meanwhile.
ProgramOutcome runToEnd(const std::vector<std::string>& command, std::chrono::seconds limit,
                        const std::function<void(const std::function<bool()>& hasEnded)>& onStarted = {});

}  // namespace taskqueue::platform
