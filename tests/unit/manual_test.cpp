// The manual page and the completions have what --help shows.
#include "module/platform/manual.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "tests/support/shell.h"

namespace taskqueue::platform {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Manual : public ::testing::Test {
 protected:
  Manual() {
    app_.add_option("--config", text_, "configuration file")->default_val("/etc/x.ini");
    auto* list = app_.add_subcommand("list", "list what isn't done: all of it");
    list->add_flag("--json", flag_, "print JSON [as is]");
    auto* schedule = app_.add_subcommand("schedule", "plan work");
    schedule->add_subcommand("add", "add a plan")->add_option("name", text_, "its name")->required();
  }

  CLI::App app_{"Does things. Exit codes: 0 done."};
  std::string text_;
  bool flag_ = false;
};

TEST_F(Manual, ThePageHasEachCommandAndOptionWithItsDefault) {
  const std::string page = manualPage(app_, "taskqueue");
  for (const char* part :
       {".TH taskqueue 1 ", "taskqueue \\- Does things\n", "\\-\\-config", "(default: /etc/x.ini)",
        ".SS list\n", "\\-\\-json", "schedule add", "\\fIname\\fR", "(required)"})
    EXPECT_THAT(page, HasSubstr(part));
  EXPECT_THAT(manualPage(app_, "task-runner"), HasSubstr(".TH task-runner 8 "));
}

TEST_F(Manual, AWordOfTheTextIsNoRequestOfTheFormat) {
  app_.description(".so /etc/passwd \\fB");
  EXPECT_THAT(manualPage(app_, "x"), HasSubstr("\\&.so /etc/passwd \\efB"));
}

TEST_F(Manual, BashCompletesCommandsAndTheirOptions) {
  const std::string script = "/tmp/taskqueue-completion-" + std::to_string(::getpid());
  std::ofstream(script) << bashCompletion(app_, "taskqueue");
  const auto complete = [&](const std::string& words, int at) {
    return test_support::runShell("bash -c '. " + script + "; COMP_WORDS=(" + words + "); COMP_CWORD=" +
                                  std::to_string(at) + "; _taskqueue; echo ${COMPREPLY[*]}'")
        .output;
  };
  EXPECT_EQ(complete("taskqueue li", 1), "list\n");
  EXPECT_EQ(complete("taskqueue --c", 1), "--config\n");
  EXPECT_EQ(complete("taskqueue list --j", 2), "--json\n");
  EXPECT_EQ(complete("taskqueue list --c", 2), "\n") << "an option of another place";
  EXPECT_EQ(complete("taskqueue schedule a", 2), "add\n");
  std::remove(script.c_str());
}

TEST_F(Manual, ZshIsGivenTextsWithoutItsOwnSigns) {
  const std::string script = zshCompletion(app_, "taskqueue");
  EXPECT_THAT(script, HasSubstr("#compdef taskqueue\n"));
  EXPECT_THAT(script, HasSubstr(R"('list:list what isn'\''t done\: all of it')"));
  EXPECT_THAT(script, HasSubstr(R"('--json[print JSON \[as is\]]')"));
  EXPECT_THAT(script, HasSubstr("'--config[configuration file (default\\: /etc/x.ini)]:value:_files'"));
}

}  // namespace
}  // namespace taskqueue::platform
