// The options of our programs: what is given is taken as it is, or refused by its name.
#pragma once

#include <CLI/CLI.hpp>

namespace taskqueue::platform {

// Parses like CLI::App::parse, and throws what that throws. Besides, no option is empty, given twice or other
// than UTF-8, and a number has decimal digits only: CLI11 takes 0x10 and 010 for 16 and 8, and the next word
// for the value of `--queue=`.
void parseStrictly(CLI::App& app, int argc, const char* const* argv);

}  // namespace taskqueue::platform
