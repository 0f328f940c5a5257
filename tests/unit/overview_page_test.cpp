// The overview shows what its links open.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "module/queue/task_state.h"
#include "tests/unit/web_under_test.h"

namespace taskqueue::web::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Adds tasks of every status at every place: `times` of the first, one more of each further one.
void addTasksOfAllKinds(WebUnderTest& web) {
  int times = 1;
  for (const RunStatus status : kAllStatuses) {
    for (const TaskPlace place : {TaskPlace::Parked, TaskPlace::Claimable, TaskPlace::Idle}) {
      for (int i = 0; i < times; ++i) {
        const int id = web.store().tables.insertRow({.taskHandlerClass = "Echo"});
        Task& task = web.store().tables.tasks.at(id).task;
        task.lastStatus = status;
        task.nextRunOn = place == TaskPlace::Claimable ? std::optional<UnixSeconds>(5) : std::nullopt;
        task.parkedReason = place == TaskPlace::Parked ? "paused" : "";
      }
      ++times;
    }
  }
}

std::size_t rowsOf(const std::string& page) {
  static const std::regex row("<tr data-key=");
  return static_cast<std::size_t>(std::distance(std::sregex_iterator(page.begin(), page.end(), row), {}));
}

TEST(Overview, ATileOpensExactlyWhatItCounts) {
  WebUnderTest web;
  addTasksOfAllKinds(web);
  const std::string page = web.answer(web.get("")).body;
  static const std::regex tile(
      R"rx(<a href="[^"]*(tasks\?State=([a-z]+))"><span class="value">([0-9]+)</span>)rx");
  std::set<std::string> seen;
  for (std::sregex_iterator at(page.begin(), page.end(), tile); at != std::sregex_iterator(); ++at) {
    const std::string list = web.answer(web.get((*at)[1].str() + "&limit=500")).body;
    EXPECT_EQ(std::to_string(rowsOf(list)), (*at)[3].str()) << (*at)[1];
    seen.insert((*at)[2].str());
  }
  EXPECT_EQ(seen, (std::set<std::string>{"waiting", "retrying", "parked", "running", "failed", "lost"}));
}

TEST(Overview, ATabOfTheListOpensExactlyWhatItCounts) {
  WebUnderTest web;
  addTasksOfAllKinds(web);
  const std::string page = web.answer(web.get("tasks")).body;
  static const std::regex tab(
      R"rx(<a href="[^"]*(tasks\?State=[a-z]+)">[^<]*<span class="count">([0-9]+)<)rx");
  int tabs = 0;
  for (std::sregex_iterator at(page.begin(), page.end(), tab); at != std::sregex_iterator(); ++at, ++tabs) {
    const std::string list = web.answer(web.get((*at)[1].str() + "&limit=500")).body;
    EXPECT_EQ(std::to_string(rowsOf(list)), (*at)[2].str()) << (*at)[1];
  }
  EXPECT_EQ(tabs, static_cast<int>(kAllTaskStates.size()));
}

TEST(Overview, TheLongestWaitLeadsToTheTaskThatWaits) {
  WebUnderTest web;
  const int id = web.store().tables.insertRow({.taskHandlerClass = "Echo"});
  EXPECT_THAT(web.answer(web.get("")).body, HasSubstr("tasks/" + std::to_string(id) + "\""));
}

}  // namespace
}  // namespace taskqueue::web::tests
