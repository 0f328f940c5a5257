#include "tests/support/shell.h"

#include <sys/wait.h>

#include <array>
#include <cstdio>

namespace taskqueue::test_support {

CommandAnswer runShell(const std::string& command) {
  CommandAnswer answer;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return answer;
  std::array<char, 4096> buffer{};
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe))
    answer.output.append(buffer.data(), size);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) answer.exitStatus = WEXITSTATUS(status);
  return answer;
}

}  // namespace taskqueue::test_support
