// Makes the manual page and the shells' completions of a program from the table of its options, which --help
// shows.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace taskqueue::platform {

// In the format of man(7). `name` is the program's.
std::string manualPage(const CLI::App& app, const std::string& name);
std::string bashCompletion(const CLI::App& app, const std::string& name);
std::string zshCompletion(const CLI::App& app, const std::string& name);

}  // namespace taskqueue::platform
