// C++ plug-ins are built against the installed headers alone, and a broken one does not affect others.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/integration/stack_test.h"

namespace taskqueue::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kPlugins = kHome + "/plugins";

class PluginTest : public StackTest {
 protected:
  void SetUp() override { std::filesystem::create_directories(kPlugins); }
  void TearDown() override {
    std::filesystem::remove_all(kPlugins);
    restartRunners();
    StackTest::TearDown();
  }

  static void build(const std::string& source, const std::string& name) {
    const std::string command = "cd /tmp && g++ -std=c++20 -Wall -Wextra -Werror -shared -fPIC -I " + kHome +
                                "/program/include/taskqueue " + source + " -o " + kPlugins + "/" + name;
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  static void buildText(const std::string& text, const std::string& name) {
    const std::string path = kHome + "/" + name + ".cpp";
    std::ofstream(path) << "#include \"runner/handlers/plugin.h\"\nusing namespace taskqueue::handlers;\n"
                        << text;
    build(path, name);
    std::filesystem::remove(path);
  }
  static void restartRunners() {
    stack().control("restart task-runner:*");
    EXPECT_TRUE(eventually([] { return stack().runnerPids().size() >= 2; }, 30s));
  }
  static std::string findProblem(const std::string& host) {
    const auto answer = stack().api("GET", "health");
    for (const auto& check : answer.json["Checks"].GetArray()) {
      if (check["Subject"].GetString() == host) return check["Text"].GetString();
    }
    return "";
  }
};

TEST_F(PluginTest, TheExampleIsServedLikeAnyOtherHandler) {
  build(std::string(TASKQUEUE_CHECKOUT) + "/runner/examples/word_count.cpp", "word_count.so");
  restartRunners();
  const int id = stack().enqueue("WordCount", R"({"text":"one two, three"})");
  EXPECT_EQ(stack().finalStatus(id), "success");
  const auto run = stack().newestRun(id);
  EXPECT_EQ(run["Results"]["words"].GetInt(), 3);
  EXPECT_STREQ(run["ProgressNote"].GetString(), "3 words");
  EXPECT_EQ(stack().api("GET", "tasks/" + std::to_string(id)).json["Task"]["MaxRetries"].GetInt(), 5)
      << "what the sender says counts more than the handler";
  const auto defaulted =
      stack().api("POST", "tasks", R"({"TaskHandlerClass":"WordCount","TaskData":{"text":"a"}})");
  ASSERT_EQ(defaulted.status, 201);
  const int other = defaulted.json["Id"].GetInt();
  EXPECT_EQ(stack().finalStatus(other), "success");
  EXPECT_EQ(stack().api("GET", "tasks/" + std::to_string(other)).json["Task"]["MaxRetries"].GetInt(), 2);
  EXPECT_EQ(findProblem("word_count.so"), "");
  EXPECT_EQ(stack().api("POST", "tasks", R"({"TaskHandlerClass":"WordCount","TaskData":{}})").status, 422);
}

TEST_F(PluginTest, ABrokenOneIsNamedAndHarmsNobody) {
  log().expect("a worker pool is left out|is served by another (host|pool) already");
  std::ofstream(kPlugins + "/text.so") << "no shared object";
  std::ofstream(kPlugins + "/foreign.so") << "x";
  std::filesystem::permissions(kPlugins + "/foreign.so", std::filesystem::perms(0666));
  buildText("int nothing() { return 1; }", "stranger.so");
  buildText(
      "static const Plugin old{.version = 99}; extern \"C\" const Plugin* taskqueue_plugin() { return &old; "
      "}",
      "old.so");
  buildText(
      "[[maybe_unused]] static const bool dead = (__builtin_trap(), true); std::vector<HandlerEntry> none() "
      "{ return {}; } "
      "TASKQUEUE_PLUGIN(none)",
      "crash.so");
  buildText(
      "std::vector<HandlerEntry> fail() { throw TaskError(\"x\", \"no licence\"); } TASKQUEUE_PLUGIN(fail)",
      "fails.so");
  buildText(
      "struct H : ITaskHandler { void handleTaskRun(TaskRun&) override {} };\n"
      "std::vector<HandlerEntry> echo() { std::vector<HandlerEntry> v(1); v[0].taskHandlerClass = \"Echo\"; "
      "v[0].settings.priority = 77; v[0].handler = std::make_unique<H>(); return v; } TASKQUEUE_PLUGIN(echo)",
      "echo.so");
  restartRunners();
  const int id = stack().enqueue("Echo", R"({"message":"still here"})");
  EXPECT_EQ(stack().finalStatus(id), "success");
  EXPECT_STREQ(stack().newestRun(id)["Results"]["message"].GetString(), "still here");
  EXPECT_TRUE(eventually([] { return findProblem("crash.so") != ""; }, 20s));
  EXPECT_THAT(findProblem("crash.so"), HasSubstr("end before they are ready"));
  EXPECT_THAT(findProblem("text.so"), HasSubstr("cannot be loaded"));
  EXPECT_THAT(findProblem("foreign.so"), HasSubstr("can be written by others"));
  EXPECT_THAT(findProblem("stranger.so"), HasSubstr("no plug-in"));
  EXPECT_THAT(findProblem("old.so"), HasSubstr("version 99"));
  EXPECT_THAT(findProblem("fails.so"), HasSubstr("no licence"));
  EXPECT_THAT(findProblem("echo.so"),
              AllOf(HasSubstr("Echo is served by another pool"), HasSubstr("Priority")));
  const auto page = stack().page("/health");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, AllOf(HasSubstr("old.so"), HasSubstr("version 99"), HasSubstr("warning")));
  EXPECT_THAT(stack().page("/runners").body, Not(HasSubstr("Internal error")));
  EXPECT_EQ(stack().request("GET", "/readyz").status, 200);
}

}  // namespace
}  // namespace taskqueue::tests
