// Runs a command of the system in the foreground.
#pragma once

#include <string>
#include <vector>

namespace taskqueue::command_line {

// Prints the command and runs it with this process's streams. Returns whether it exited with 0.
bool runCommand(const std::vector<std::string>& words);

// Returns the words as a shell takes them.
std::string commandText(const std::vector<std::string>& words);

}  // namespace taskqueue::command_line
