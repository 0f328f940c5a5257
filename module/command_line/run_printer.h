// Shows a runner's lines of JSON to a developer: one readable line for each run, and its warnings.
#pragma once

#include <string>
#include <string_view>

namespace taskqueue::command_line {

// Returns the readable line of a run that is over (runner/run_report.h), with its line end. Colours are
// escape sequences for a terminal. A line that is no JSON is returned as text that is safe for a terminal.
std::string readableRun(std::string_view line, bool hasColours);

// Returns the readable line of an entry of the runner's log, with its line end. The text is empty for entries
// that tell a developer nothing.
std::string readableLog(std::string_view line, bool hasColours);

}  // namespace taskqueue::command_line
