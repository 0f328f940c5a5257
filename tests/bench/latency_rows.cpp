#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

#include "module/platform/descriptor.h"
#include "tests/bench/bare_insert.h"
#include "tests/bench/http_load.h"
#include "tests/bench/rows.h"

namespace taskqueue::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kProbeLimit = 60s;
constexpr auto kAsleepAfter = 2500ms;  // after this time without work a runner polls once a second
constexpr int kRareShare = 10;         // one in this many probes; probes of an idle runner take long

// Durations of the tasks of one sample, in milliseconds.
using Sample = std::vector<double>;

// Pauses between 25 and 75 ms, so that the probes do not synchronize with our timers.
void pause() {
  static std::mt19937 random(4);
  std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution(25000, 75000)(random)));
}

// Enqueues tasks of class Stamp one by one. Measures the time from just before each enqueue to the start of
// its handler.
Sample probe(Stack& stack, int probes, const std::function<void()>& enqueue, Clock::duration apart = 0s) {
  const auto before = stack.eye().queryText("SELECT COALESCE(MAX(Id), 0) FROM inp_TaskQueue").at(0).integer();
  std::vector<Clock::time_point> starts;
  for (int i = 0; i < probes; ++i) {
    std::this_thread::sleep_for(apart);
    pause();
    starts.push_back(Clock::now());
    enqueue();
  }
  const std::string stamps =
      "SELECT r.Results FROM inp_TaskQueue t JOIN inp_TaskRuns r ON r.TaskQueueId = t.Id AND r.Status = "
      "'success' "
      "WHERE t.Id > " +
      std::to_string(before) + " AND t.TaskHandlerClass = 'Stamp' ORDER BY t.Id";
  std::vector<store::Row> rows;
  const auto deadline = Clock::now() + kProbeLimit;
  while ((rows = stack.eye().queryText(stamps)).size() < starts.size()) {
    if (Clock::now() > deadline) throw std::runtime_error("the tasks of class Stamp do not end");
    std::this_thread::sleep_for(20ms);
  }
  Sample sample;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const Clock::duration started(rows[i].integer());
    sample.push_back(
        std::chrono::duration<double, std::milli>(started - starts[i].time_since_epoch()).count());
  }
  return sample;
}

// One durable INSERT and one durable UPDATE, which the runner does not touch.
Sample probeBare(Stack& stack, int probes) {
  stack.store().handlers.setPaused(PauseKind::Queue, "default", true, 0);
  BareConnection connection(stack.bare());
  MYSQL_STMT* insert = connection.prepare(kBareInsert);
  MYSQL_STMT* update = connection.prepare("UPDATE inp_TaskQueue SET LastStatus = 'running' WHERE Id = ?");
  Sample sample;
  for (int i = 0; i < probes; ++i) {
    pause();
    const auto start = Clock::now();
    run(insert, kTaskData);
    run(update, std::to_string(mysql_stmt_insert_id(insert)));
    sample.push_back(1000 * secondsSince(start));
  }
  stack.empty();
  stack.store().handlers.setPaused(PauseKind::Queue, "default", false, 0);
  return sample;
}

// Adds low-priority tasks, enough to outlast the probes. All of them wait before the first one runs.
void addBacklog(Stack& stack, int tasks) {
  stack.store().handlers.setPaused(PauseKind::Queue, "default", true, 0);
  stack.fill(tasks, "Noop", 9);
  stack.store().handlers.setPaused(PauseKind::Queue, "default", false, 0);
  stack.wake();
}

// Removes the waiting tasks, so that the runner becomes idle.
void endBacklog(Stack& stack) {
  stack.eye().queryText("DELETE FROM inp_TaskQueue WHERE LastStatus = 'scheduled'");
  stack.waitUntilDone(kProbeLimit);
  stack.empty();
}

// A PHP program that enqueues a task of class Stamp for each line, and wakes the runners.
class PhpSite {
 public:
  explicit PhpSite(Stack& stack)
      : process_({"php", stack.directory() + "/bench-php/enqueue_on_demand.php",
                  stack.directory() + "/php/autoload.php", stack.bare().socket, Stack::kDatabase,
                  stack.directory()},
                 stack.directory() + "/php-site.log", input_.number()) {}

  void enqueue() const {
    if (::write(toSite_.number(), "\n", 1) != 1) throw std::runtime_error("the PHP program has ended");
  }

 private:
  static std::array<int, 2> makePipe() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    return ends;
  }

  std::array<int, 2> ends_ = makePipe();
  platform::Descriptor input_{ends_[0]};
  platform::Descriptor toSite_{ends_[1]};
  Process process_;
};

// Three rows: median and tail of each sample, next to those of the baseline.
class LatencyRows {
 public:
  LatencyRows(const std::string& name, const std::string& baseline) {
    for (const auto& [share, word] : {std::pair(0.5, "p50"), {0.95, "p95"}, {0.99, "p99"}}) {
      shares_.push_back(share);
      figures_.push_back(
          {.row = name + ", " + word, .unit = "ms", .baselineName = baseline, .better = Better::Lower});
    }
  }

  void add(const Sample& ours, const Sample& baseline) {
    for (std::size_t i = 0; i < figures_.size(); ++i) {
      figures_[i].ours.push_back(quantile(ours, shares_[i]));
      figures_[i].baseline.push_back(quantile(baseline, shares_[i]));
    }
  }

  void addTo(Table& table) {
    for (Figure& figure : figures_) table.add(std::move(figure));
  }

 private:
  std::vector<double> shares_;
  std::vector<Figure> figures_;
};

}  // namespace

void addLatencyRows(Stack& stack, const Sizes& sizes, Table& table) {
  stack.startRunners(1, "plugins_directory=" + stack.directory() + "/plugins");
  stack.startWeb();
  HttpLoad load(stack.port());
  const std::string request =
      httpPost(std::string(Stack::kPath) + "api/v1/tasks",
               R"({"TaskHandlerClass":"Stamp","Priority":0,"TaskData":{}})", stack.apiHeader());
  const auto overHttp = [&] { load.run(1, 1, request, 201); };
  BareConnection site(stack.bare());
  const auto overSql = [&] {
    site.say(
        "INSERT INTO inp_TaskQueue (TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, Priority) VALUES "
        "('Stamp', '{}', UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), 0)");
  };
  const std::string bare = "INSERT and UPDATE";
  LatencyRows http("start of a handler after an enqueue over HTTP, idle", bare);
  LatencyRows sql("the same after an enqueue by SQL, idle", bare);
  LatencyRows php("the same after addTask() of PHP over PDO, idle", "over HTTP, idle");
  LatencyRows busyHttp("over HTTP, while " + std::to_string(sizes.backlog) + " of low priority wait", "idle");
  LatencyRows busySql("by SQL, while " + std::to_string(sizes.backlog) + " of low priority wait", "idle");
  const PhpSite phpSite(stack);
  probe(stack, 1, [&] { phpSite.enqueue(); });  // it has connected
  const int rareProbes = std::max(1, sizes.probes / kRareShare);
  for (int i = 0; i < sizes.repetitions; ++i) {
    const Sample baseline = probeBare(stack, sizes.probes);
    const Sample idleHttp = probe(stack, sizes.probes, overHttp);
    php.add(probe(stack, sizes.probes, [&] { phpSite.enqueue(); }), idleHttp);
    const Sample idleSql = probe(stack, rareProbes, overSql, kAsleepAfter);
    http.add(idleHttp, baseline);
    sql.add(idleSql, baseline);
    for (const bool isHttp : {true, false}) {
      addBacklog(stack, sizes.backlog);
      const Sample busy = isHttp ? probe(stack, sizes.probes, overHttp) : probe(stack, sizes.probes, overSql);
      (isHttp ? busyHttp : busySql).add(busy, isHttp ? idleHttp : idleSql);
      endBacklog(stack);
    }
  }
  for (LatencyRows* rows : {&http, &php, &sql, &busyHttp, &busySql}) rows->addTo(table);
}

}  // namespace taskqueue::bench
