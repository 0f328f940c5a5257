// The page of who did what.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/web_under_test.h"

namespace taskqueue::web::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(WebActivity, ABulkActionIsOneLineWithItsPerson) {
  WebUnderTest web;
  const HandlerDeclaration handler{.taskHandlerClass = "BulkCancel", .kind = "cpp"};
  web.store().runners.registerRunner({.queues = {"default"}}, std::span(&handler, 1));
  for (int i = 0; i < 3; ++i)
    web.store().tables.insertRow({.taskHandlerClass = "Echo", .nextRunOn = web.store().clock.now()});
  web.answer(web.post("tasks/bulk", "action=cancel&task=1&task=2&task=3&confirmed=1"));
  web.store().audit.actAs({"task 4", "bulk"});
  for (int id = 1; id <= 3; ++id) web.store().tasks.cancelTask(id);
  const std::string shown = web.answer(web.get("activity", "viewer")).body;
  EXPECT_THAT(shown, AllOf(HasSubstr("<td data-label=\"Who\">ada</td>"), HasSubstr("BulkCancel"),
                           HasSubstr("tasks/4\""), Not(HasSubstr("tasks/2\""))));
  EXPECT_THAT(web.answer(web.get("activity?parts=1")).body, HasSubstr("tasks/2\""));
  EXPECT_THAT(web.answer(web.get("activity?source=bulk&task=3")).body,
              AllOf(HasSubstr("tasks/3\""), Not(HasSubstr("tasks/2\""))));
}

TEST(WebActivity, ItIsFilteredAndPaged) {
  WebUnderTest web;
  for (int i = 0; i < 130; ++i) {
    web.answer(web.post("queues/default/pause"));
    web.answer(web.post("queues/default/resume"));
  }
  const std::string first = web.answer(web.get("activity?action=pause")).body;
  EXPECT_THAT(first, AllOf(HasSubstr("activity?action=pause&amp;before="), HasSubstr("queue default"),
                           Not(HasSubstr(">resume</td>"))));
  const auto at = first.find("before=");
  const std::string before = first.substr(at + 7, first.find('"', at) - at - 7);
  const std::string second = web.answer(web.get("activity?action=pause&before=" + before)).body;
  EXPECT_THAT(second, AllOf(HasSubstr(">pause</td>"), Not(HasSubstr("rel=\"next\"")), HasSubstr("First")));
  EXPECT_THAT(web.answer(web.get("activity?by=bob")).body, HasSubstr("No changes"));
  EXPECT_EQ(web.answer(web.get("activity?task=x")).status, 400);
  EXPECT_EQ(web.answer(web.get("activity?who=ada")).status, 400);
}

}  // namespace
}  // namespace taskqueue::web::tests
