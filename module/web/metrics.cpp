#include "module/web/metrics.h"
#include "module/platform/terminal_text.h"
#include "module/queue/time_units.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace taskqueue::web {
namespace {

// Limits the counting of tasks: a backlog of millions must not be counted at every scrape.
constexpr int kMaxCountedInMetrics = 100'000;
constexpr int kMaxRunnersInMetrics = 1000;
constexpr int kMaxHandlers = 1000;  // most handlers with a label

using Labels = std::vector<std::pair<const char*, std::string>>;

// Quotes a label's value. The format escapes backslashes and quotes, and a collector refuses the whole answer
// when a value is not UTF-8. Rows written by SQL may hold any bytes.
std::string quoted(const std::string& value) {
  std::string text = "\"";
  for (const char c : platform::terminalText(value)) {
    if (c == '\\' || c == '"') text += '\\';
    text += c;
  }
  return text + "\"";
}

class Metrics {
 public:
  void begin(const std::string& name, const char* type, const char* help) {
    name_ = "taskqueue_" + name;
    text_ += "# HELP " + name_ + " " + help + "\n# TYPE " + name_ + " " + type + "\n";
  }
  void add(std::int64_t value, const Labels& labels = {}) {
    text_ += name_;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      text_ += (i == 0 ? "{" : ",") + std::string(labels[i].first) + "=" + quoted(labels[i].second);
    }
    text_ += (labels.empty() ? " " : "} ") + std::to_string(value) + "\n";
  }
  std::string take() { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

void addTasks(const Stores& stores, Metrics& to) {
  const QueueNumbers numbers = stores.statistics.readQueueNumbers(kMaxCountedInMetrics);
  to.begin("tasks", "gauge", "Tasks that wait and tasks that run. Counting stops at 100000.");
  to.add(numbers.waiting.value, {{"status", "waiting"}});
  to.add(numbers.running.value, {{"status", "running"}});
  to.begin("oldest_wait_seconds", "gauge", "Seconds for which the oldest due task has waited.");
  to.add(numbers.oldestDue ? std::max<std::int64_t>(numbers.now - *numbers.oldestDue, 0) : 0);
}

void addRuns(const Stores& stores, Metrics& to) {
  const auto handlers = stores.statistics.readHandlerStats(stores.clock.now() - kHourSeconds);
  to.begin("runs_ended_last_hour", "gauge",
           "Runs that ended within the last hour. The current minute is not counted.");
  const auto addOf = [&to](const std::string& name, const MinuteStats& sums) {
    to.add(sums.succeeded, {{"handler", name}, {"outcome", "succeeded"}});
    to.add(sums.failed, {{"handler", name}, {"outcome", "failed"}});
    to.add(sums.cancelled, {{"handler", name}, {"outcome", "cancelled"}});
  };
  int named = 0;
  MinuteStats others;
  for (const auto& [name, of] : handlers) {
    if (named++ < kMaxHandlers) {
      addOf(name, of.sums);
    } else {
      others.succeeded += of.sums.succeeded;
      others.failed += of.sums.failed;
      others.cancelled += of.sums.cancelled;
    }
  }
  if (named > kMaxHandlers) addOf("", others);
}

void addRunners(const Stores& stores, Metrics& to) {
  to.begin("runners_alive", "gauge", "Runners with the status running.");
  to.add(static_cast<std::int64_t>(
      stores.runners.findRunners(/*onlyRunning=*/true, kMaxRunnersInMetrics).size()));
  to.begin("runners_expected", "gauge", "The setting TaskRunnerLimit.");
  to.add(stores.handlers.taskRunnerLimit());
  const OverseerFacts facts = stores.maintenance.findOverseerFacts();
  if (!facts.overseerPassedOn) return;
  to.begin("overseer_age_seconds", "gauge", "Seconds since task-queue:OnProcess was last called.");
  to.add(std::max<std::int64_t>(facts.now - *facts.overseerPassedOn, 0));
}

int levelOf(health::Health state) {
  switch (state) {
    case health::Health::Ok:
      return 0;
    case health::Health::Warning:
      return 1;
    case health::Health::Failed:
      return 2;
  }
  return 2;
}

// Adds the worst state of each check, and a value for each subject that is not ok.
void addHealth(const Stores& stores, const std::vector<health::HealthCheck>& checks, Metrics& to) {
  std::map<std::string, int> worst;
  for (const health::HealthCheck& check : checks)
    worst[check.name] = std::max(worst[check.name], levelOf(check.state));
  to.begin("health", "gauge", "State of each health check: 0 ok, 1 warning, 2 failed.");
  for (const auto& [name, level] : worst) to.add(level, {{"check", name}});
  const auto addOf = [&](const auto& valueOf) {
    for (const health::HealthCheck& check : checks) {
      const auto value = valueOf(check);
      if (check.state != health::Health::Ok && value)
        to.add(*value, {{"check", check.name}, {"subject", check.subject}});
    }
  };
  to.begin("health_count", "gauge",
           "Number of tasks, runs or runners that a failing health check has found.");
  addOf([](const health::HealthCheck& check) { return check.count; });
  const UnixSeconds now = stores.clock.now();
  to.begin("health_age_seconds", "gauge",
           "Seconds for which a health check has not been ok, if this is known.");
  addOf([now](const health::HealthCheck& check) {
    return check.since ? std::optional(std::max<std::int64_t>(now - *check.since, 0)) : std::nullopt;
  });
}

const char* helpOf(Counter counter) {
  switch (counter) {
    case Counter::RefusedWrites:
      return "Writes that were refused because the runner no longer owned the run.";
    case Counter::LostRuns:
      return "Runs that a running runner lost, for example to an edit of the rows.";
    case Counter::UnknownRuns:
      return "Runs that a runner found as its own without a claim, and released.";
    case Counter::RescuedRuns:
      return "Runs that were ended because their runner had died.";
  }
  return "";
}

}  // namespace

std::string metricsText(const Stores& stores, const std::vector<health::HealthCheck>& checks) {
  Metrics metrics;
  addTasks(stores, metrics);
  addRuns(stores, metrics);
  addRunners(stores, metrics);
  addHealth(stores, checks, metrics);
  for (const auto& [counter, value] : stores.statistics.readCounters()) {
    metrics.begin(std::string(toString(counter)) + "_total", "counter", helpOf(counter));
    metrics.add(value);
  }
  return metrics.take();
}

}  // namespace taskqueue::web
