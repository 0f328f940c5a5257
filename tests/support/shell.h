// Runs a command line in a user's shell.
#pragma once

#include <string>

namespace taskqueue::test_support {

struct CommandAnswer {
  int exitStatus = -1;  // -1: a signal ended it, or it could not start
  std::string output;   // standard output; also standard error if the command redirects it
};

CommandAnswer runShell(const std::string& command);

}  // namespace taskqueue::test_support
