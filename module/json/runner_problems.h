// A runner's problems as they are stored and shown: [{"Host":…,"Problem":…}].
#pragma once

#include <string>
#include <vector>

#include "module/json/writer.h"
#include "module/queue/runner.h"

namespace taskqueue::json {

void writeRunnerProblems(Writer& to, const std::vector<RunnerProblem>& problems);
// What is no such list is read as none.
std::vector<RunnerProblem> readRunnerProblems(const std::string& text);

}  // namespace taskqueue::json
