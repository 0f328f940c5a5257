// Starting a program of ours from another: without a shell, without inherited descriptors.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace taskqueue::platform {

// Starts the program in a session of its own, its standard streams on /dev/null. Returns its PID, or nothing
// when it cannot be started (missing, not executable). It is not waited for.
std::optional<int> startInBackground(const std::vector<std::string>& command);

// Starts the program with our own standard output and error, in our session. Returns its PID, or nothing when
// it cannot be started; the caller waits for it.
std::optional<int> startInForeground(const std::vector<std::string>& command);

struct ProgramOutcome {
  bool ended = false;  // false: it could not be started or was killed at the limit
  int exitStatus = 0;
  std::string output;  // of standard output, at most 64 KiB
};

// Runs the program to its end, at most for `limit`. `onStarted` is called when it has been started, with a
// question whether it has ended already.
ProgramOutcome runToEnd(const std::vector<std::string>& command, std::chrono::seconds limit,
                        const std::function<void(const std::function<bool()>& hasEnded)>& onStarted = {});

}  // namespace taskqueue::platform
