// Lines of JSON about runs that are over. `taskqueue work` shows them to a developer.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "runner/active_run.h"

namespace taskqueue::runner {

// Returns how the run ended, in one word: a status, "released", "snoozed", or "lost".
std::string_view outcomeOf(const RunVerdict& verdict);

// Returns one line without its line end, of less than PIPE_BUF bytes. `age` counts from the worker's start.
std::string runLine(const ClaimedRun& run, const RunVerdict& verdict, std::chrono::milliseconds age,
                    UnixSeconds now);

// Writes the line to standard output. A line that finds no room in a pipe is lost: the loop must not wait.
void printRunLine(const ClaimedRun& run, const RunVerdict& verdict, std::chrono::milliseconds age);

}  // namespace taskqueue::runner
