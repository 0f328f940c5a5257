// Parses the options of the programs strictly: a value is used exactly as given, or refused with its option's
// name.
#pragma once

#include <CLI/CLI.hpp>

namespace taskqueue::platform {

// Parses like CLI::App::parse and throws the same exceptions. Options must not be empty, repeated or invalid
// UTF-8, and numbers have decimal digits only. CLI11 alone reads 0x10 and 010 as 16 and 8, and the word after
// `--queue=` as its value.
void parseStrictly(CLI::App& app, int argc, const char* const* argv);

}  // namespace taskqueue::platform
