// Asks the FastCGI program for healthz over its socket, as nginx does.
#pragma once

#include <chrono>
#include <string>

namespace taskqueue::command_line::doctor {

struct ProbeAnswer {
  bool isWell = false;
  int error = 0;        // errno of the connection; 0: it was taken
  std::string problem;  // says what went wrong
};

// `basePath` is web.base_path. Waits for the answer for at most `limit`.
ProbeAnswer probeFastCgi(const std::string& socketPath, const std::string& basePath,
                         std::chrono::seconds limit);

}  // namespace taskqueue::command_line::doctor
