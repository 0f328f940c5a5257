#include "module/command_line/run_command.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>

namespace taskqueue::command_line {

bool runCommand(const std::vector<std::string>& words) {
  std::cout << "$ " << commandText(words) << std::endl;
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int problem = ::posix_spawnp(&pid, arguments.front(), nullptr, nullptr, arguments.data(), environ);
  if (problem != 0) {
    std::cerr << "taskqueue: cannot run " << words.front() << ": " << std::strerror(problem) << "\n";
    return false;
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string commandText(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    const bool isPlain = word.find_first_of(" '\"*;$") == std::string::npos;
    text += (text.empty() ? "" : " ") + (isPlain ? word : "'" + word + "'");
  }
  return text;
}

}  // namespace taskqueue::command_line
