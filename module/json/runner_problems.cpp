#include "module/json/runner_problems.h"

#include "module/json/read.h"

namespace taskqueue::json {

void writeRunnerProblems(Writer& to, const std::vector<RunnerProblem>& problems) {
  to.startArray();
  for (const RunnerProblem& problem : problems) {
    to.startObject().member("Pool", problem.pool).member("Problem", problem.problem).endObject();
  }
  to.endArray();
}

std::vector<RunnerProblem> readRunnerProblems(const std::string& text) {
  std::vector<RunnerProblem> problems;
  if (text.empty()) return problems;
  const auto parsed = read(text, {.bytes = 1 << 20, .depth = 3, .members = 10000});
  const auto* list = std::get_if<Document>(&parsed);
  if (list == nullptr || !list->IsArray()) return problems;
  for (const auto& item : list->GetArray()) {
    const auto pool = textMember(item, "Pool");
    const auto problem = textMember(item, "Problem");
    if (pool && problem) problems.push_back({std::string(*pool), std::string(*problem)});
  }
  return problems;
}

}  // namespace taskqueue::json
