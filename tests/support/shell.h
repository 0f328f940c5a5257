// A command line as a user's shell runs it.
#pragma once

#include <string>

namespace taskqueue::test_support {

struct CommandAnswer {
  int exitStatus = -1;  // -1: it was ended by a signal, or could not be started
  std::string output;   // standard output; standard error, too, where the command joins them
};

CommandAnswer runShell(const std::string& command);

}  // namespace taskqueue::test_support
