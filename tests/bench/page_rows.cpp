#include "tests/bench/history.h"
#include "tests/bench/http_load.h"
#include "tests/bench/rows.h"

namespace taskqueue::bench {
namespace {

struct Page {
  std::string name;
  std::string path;
  bool isForPeople = true;
};

// Median and tail of a page's response time in milliseconds, with one request at a time.
struct Times {
  std::vector<double> middle;
  std::vector<double> tail;
};

Times measure(Stack& stack, const Sizes& sizes, const Page& page) {
  HttpLoad load(stack.port());
  const std::string request = httpGet(std::string(Stack::kPath) + page.path,
                                      page.isForPeople ? stack.personHeader() : stack.apiHeader());
  load.run(1, 1, request, 200);
  Times times;
  for (int i = 0; i < sizes.repetitions; ++i) {
    const auto answers = load.run(sizes.pageRequests, 1, request, 200);
    times.middle.push_back(1000 * quantile(answers.seconds, 0.5));
    times.tail.push_back(1000 * quantile(answers.seconds, 0.99));
  }
  return times;
}

}  // namespace

void addPageRows(Stack& stack, const Sizes& sizes, Table& table) {
  stack.startWeb();
  fillHistory(stack.eye(), std::min(sizes.fewRows, sizes.pageTasks));
  const std::string first =
      std::to_string(stack.eye().queryText("SELECT MIN(Id) FROM inp_TaskQueue").at(0).integer());
  const std::vector<Page> pages{{"API, status of a task", "api/v1/tasks/" + first, false},
                                {"API, list of tasks", "api/v1/tasks?limit=50", false},
                                {"page, overview", ""},
                                {"page, list of tasks", "tasks"},
                                {"page, list of failed tasks", "tasks?State=failed"},
                                {"page, task", "tasks/" + first}};
  std::vector<Times> few;
  for (const Page& page : pages) few.push_back(measure(stack, sizes, page));
  fillHistory(stack.eye(), sizes.pageTasks);
  const std::string of = " of " + std::to_string(sizes.pageTasks) + " tasks";
  for (std::size_t i = 0; i < pages.size(); ++i) {
    Times many = measure(stack, sizes, pages[i]);
    const std::string baseline = std::to_string(sizes.fewRows) + " tasks";
    table.add(
        {pages[i].name + of + ", p50", "ms", std::move(many.middle), baseline, few[i].middle, Better::Lower});
    table.add(
        {pages[i].name + of + ", p99", "ms", std::move(many.tail), baseline, few[i].tail, Better::Lower});
  }
}

}  // namespace taskqueue::bench
