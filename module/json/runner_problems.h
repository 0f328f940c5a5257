// Converts a runner's problems to and from the stored JSON: [{"Pool":…,"Problem":…}].
#pragma once

#include <string>
#include <vector>

#include "module/json/writer.h"
#include "module/queue/runner.h"

namespace taskqueue::json {

void writeRunnerProblems(Writer& to, const std::vector<RunnerProblem>& problems);
// Returns no problems if the text is not such a list.
std::vector<RunnerProblem> readRunnerProblems(const std::string& text);

}  // namespace taskqueue::json
