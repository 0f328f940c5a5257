// The PHP client checks TaskData as the queue does: both give the same verdict and the same words.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

#include "module/json/read.h"
#include "module/json/task_data.h"

namespace taskqueue {
namespace {

constexpr const char* kSchemaCases = TASKQUEUE_SOURCE_DIRECTORY "/tests/support/schema/cases.json";

json::Document documentOf(const std::string& text) {
  auto parsed = json::read(text, {.bytes = 1 << 20, .depth = 32, .members = 100000});
  if (const auto* problem = std::get_if<json::Problem>(&parsed)) throw std::runtime_error(problem->text);
  return std::move(std::get<json::Document>(parsed));
}

std::string verdictsOfPhp() {
  const std::string command =
      "php " TASKQUEUE_SOURCE_DIRECTORY "/tests/support/php/schema_verdicts.php " + std::string(kSchemaCases);
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string text;
  std::array<char, 4096> buffer;
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe.get()))
    text.append(buffer.data(), size);
  return text;
}

std::string inWords(const json::Value& verdict) {
  if (!verdict.IsArray()) return "taken";
  return std::string(json::textOf(verdict[0])) + " " + std::string(json::textOf(verdict[1]));
}

TEST(TaskDataAgainstPhp, GivesTheSameVerdicts) {
  std::ifstream file(kSchemaCases);
  std::stringstream text;
  text << file.rdbuf();
  const auto cases = documentOf(text.str());
  const auto verdicts = documentOf(verdictsOfPhp());
  ASSERT_GT(cases.Size(), 200U);
  ASSERT_EQ(cases.Size(), verdicts.Size());
  for (unsigned i = 0; i < cases.Size(); ++i) {
    const std::string schema = json::write(cases[i]["schema"]);
    const std::string data = json::write(cases[i]["data"]);
    const auto errors = json::checkTaskData(data, schema, {.bytes = 1 << 20, .depth = 32, .members = 10000});
    const std::string ours = errors.empty() ? "taken" : errors[0].member + " " + errors[0].problem;
    EXPECT_EQ(inWords(verdicts[i]), ours) << schema << " and " << data;
  }
}

}  // namespace
}  // namespace taskqueue
