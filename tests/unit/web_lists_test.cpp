// Lists as pages, as files and over the API: an incomplete answer says how to get the rest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "module/json/read.h"
#include "tests/unit/web_under_test.h"

namespace taskqueue::web::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

void addTasks(WebUnderTest& web, int count, const std::string& title = "") {
  for (int i = 0; i < count; ++i) web.store().tables.insertRow({.taskHandlerClass = "Noop", .title = title});
}

std::string headerOf(const Response& response, const std::string& wanted) {
  for (const auto& [name, value] : response.headers) {
    if (name == wanted) return value;
  }
  return "";
}

// Returns the link with this attribute, below the base path, or an empty text.
std::string linkOf(const std::string& page, const std::string& attribute) {
  const std::regex link("<a [^>]*" + attribute + "[^>]*href=\"[^\"]*/(tasks\\?[^\"]*)\"");
  std::smatch found;
  if (!std::regex_search(page, found, link)) return "";
  return std::regex_replace(found[1].str(), std::regex("&amp;"), "&");
}

TEST(WebLists, ASearchThatHasFoundNothingSaysHowFarItCameAndLeadsOn) {
  WebUnderTest web;
  addTasks(web, 1, "needle");
  addTasks(web, 500);
  web.store().tables.gridBatch = 100;
  std::string target = "tasks?TaskHandlerClass=Noop&q=needle";
  std::string page = web.answer(web.get(target)).body;
  EXPECT_THAT(page, AllOf(HasSubstr("No task matches so far."), Not(HasSubstr("No task matches.")),
                          HasSubstr("Searched as far as task 402."), HasSubstr("Continue searching")));
  int requests = 1;
  for (; linkOf(page, "data-search-on") != "" && requests < 10; ++requests) {
    EXPECT_NE(linkOf(page, "data-search-on"), target) << "it does not move on";
    target = linkOf(page, "data-search-on");
    page = web.answer(web.get(target)).body;
  }
  EXPECT_EQ(requests, 6);
  EXPECT_THAT(page, AllOf(HasSubstr("data-key=\"1\""), Not(HasSubstr("data-search-on"))));
}

TEST(WebLists, TasksWithoutATimeComeBehindTheOthersAndAreWalkedThrough) {
  WebUnderTest web;
  addTasks(web, 5);
  for (int id = 2; id <= 5; ++id) web.store().tables.tasks.at(id).task.nextRunOn.reset();
  for (const std::string sort : {"NextRunOn", "-NextRunOn"}) {
    std::string target = "tasks?limit=2&sort=" + sort;
    std::vector<std::string> keys;
    for (int requests = 0; target != "" && requests < 5; ++requests) {
      const std::string page = web.answer(web.get(target)).body;
      const std::regex key("<tr data-key=\"(\\d+)\"");
      for (std::sregex_iterator at(page.begin(), page.end(), key); at != std::sregex_iterator(); ++at)
        keys.push_back((*at)[1].str());
      target = linkOf(page, "rel=\"next\"");
      if (!keys.empty() && keys.size() == 2) {
        EXPECT_THAT(target, HasSubstr("after=none.")) << sort;
      }
    }
    const std::vector<std::string> down{"1", "5", "4", "3", "2"};
    const std::vector<std::string> up{"1", "2", "3", "4", "5"};
    EXPECT_EQ(keys, sort[0] == '-' ? down : up);
  }
}

TEST(WebLists, AFileThatIsCutSaysSoInItsLastLineAndContinuesFromThere) {
  WebUnderTest web;
  addTasks(web, 250, "x");
  web.store().tables.gridBatch = 100;
  const Response whole = web.answer(web.get("tasks/export?format=csv&q=x"));
  EXPECT_THAT(whole.body, Not(HasSubstr("more,")));
  EXPECT_EQ(headerOf(whole, "Link"), "");
  EXPECT_THAT(headerOf(whole, "Content-Disposition"), HasSubstr("\"tasks.csv\""));
  addTasks(web, 10'000, "x");
  web.store().tables.gridBatch = INT32_MAX;
  // The time limit may decide where an answer is cut, but all parts together are complete.
  std::string target = "tasks/export?format=csv&q=x";
  std::ptrdiff_t tasks = 0;
  int parts = 0;
  for (bool more = true; more && parts < 1000; ++parts) {
    const Response part = web.answer(web.get(target));
    const std::string link = headerOf(part, "Link");
    more = !link.empty();
    tasks += std::count(part.body.begin(), part.body.end(), '\n') - (more ? 2 : 1);
    if (!more) break;
    const auto from = link.find("tasks/export?");
    ASSERT_NE(from, std::string::npos);
    target = link.substr(from, link.find('>') - from);
    EXPECT_TRUE(part.body.find("\r\nmore,\"/") != std::string::npos);
    EXPECT_TRUE(part.body.find(target) != std::string::npos);
    EXPECT_THAT(headerOf(part, "Content-Disposition"), HasSubstr("tasks-part.csv"));
  }
  EXPECT_GE(parts, 1);
  EXPECT_EQ(tasks, 10'250);
  const Response json = web.answer(web.get("tasks/export?format=json&q=x"));
  EXPECT_TRUE(json.body.find("{\"More\":\"/") != std::string::npos);
}

TEST(WebLists, TheApiLeadsOnWhileASearchHasNotComeToItsEnd) {
  WebUnderTest web;
  addTasks(web, 1, "needle");
  addTasks(web, 500);
  web.store().tables.gridBatch = 100;
  std::string after;
  for (int requests = 0; requests < 10; ++requests) {
    Request request = web.get("api/v1/tasks?q=needle" + after);
    request.authorization = "Bearer the api token";
    const Response response = web.answer(request);
    ASSERT_EQ(response.status, 200) << response.body;
    auto parsed = json::read(response.body, {});
    const auto& answer = std::get<json::Document>(parsed);
    if (answer["Tasks"].Size() > 0) {
      EXPECT_EQ(answer["Tasks"][0]["Id"].GetInt(), 1);
      EXPECT_TRUE(answer["After"].IsNull());
      return;
    }
    ASSERT_TRUE(answer["After"].IsInt()) << response.body;
    after = "&after=" + std::to_string(answer["After"].GetInt());
  }
  FAIL() << "the search has no end";
}

TEST(WebLists, AMetricCountsTheWaitOfARowThatNoRunnerHasLookedAt) {
  WebUnderTest web;
  web.store().tables.insertRow({.taskHandlerClass = "Noop",
                                .scheduledOn = web.store().clock.now() - 3600,
                                .queuedOn = web.store().clock.now(),
                                .queue = "nobody"});
  EXPECT_THAT(web.answer(web.get("")).body, HasSubstr("1 h"));
  EXPECT_THAT(web.answer(web.get("queues")).body, HasSubstr("1 h"));
}

}  // namespace
}  // namespace taskqueue::web::tests
