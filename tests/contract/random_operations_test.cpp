// Runs the same random operations on the fake store and on MariaDB, and compares them after every step. A
// failure prints its seed: TASKQUEUE_SEED=… repeats it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <sstream>

#include "module/queue/due_task.h"
#include "module/queue/notification.h"
#include "tests/contract/store_under_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::IsEmpty;
using ::testing::StartsWith;

// One store, with the state of its client and runners. Ids differ between the stores, but indexes in these
// lists do not.
struct Side {
  std::unique_ptr<StoreUnderTest> world;
  std::vector<int> tasks;
  std::vector<int> runners;
  std::vector<std::vector<std::string>> classes;  // per runner
  std::vector<ClaimedRun> claimed;                // all runs ever claimed, including lost ones
  std::vector<std::size_t> claimedBy;

  Stores store() { return world->store(); }
};

template <typename List, typename Item>
std::ptrdiff_t placeOf(const List& list, const Item& item) {
  return std::find(list.begin(), list.end(), item) - list.begin();
}

std::string textOf(const std::optional<std::int64_t>& number) {
  return number ? std::to_string(*number) : "-";
}

std::string pictureOfRun(const Run& run, const Side& side) {
  std::ostringstream text;
  text << "  #" << run.attempt << " " << toString(run.status) << " started " << textOf(run.startedOn)
       << " ended " << textOf(run.finishedOn) << " percents " << run.percentsCompleted << " note "
       << run.progressNote << " code " << run.errorCode << " cancel " << textOf(run.cancelRequestedOn)
       << " ms " << textOf(run.runMs) << " bytes " << run.standardOutputBytes << " runner "
       << (run.taskRunnerId ? placeOf(side.runners, *run.taskRunnerId) : -1) << "\n";
  return text.str();
}

// Describes everything that the operations can change; both stores must give the same text.
std::string pictureOf(Side& side) {
  std::ostringstream text;
  for (std::size_t i = 0; i < side.tasks.size(); ++i) {
    const Task task = side.store().tasks.findTask(side.tasks[i]).value();
    text << "task " << i << " " << toString(task.lastStatus) << " failed " << task.taskRunsFailed << " next "
         << textOf(task.nextRunOn) << " parked '" << task.parkedReason << "' key "
         << task.uniqueKey.value_or("-") << " for " << task.concurrencyKey.value_or("-")
         << (task.superseded ? " superseded" : "")
         << (side.store().tasks.findNotification(task.id).taskId ? " told" : "") << "\n";
    for (const Run& run : side.store().tasks.runsOfTask(task.id)) text << pictureOfRun(run, side);
  }
  text << "notifications "
       << side.store().statistics.countUpTo({.taskHandlerClass = kMailHandler}, 1000).value << "\n";
  for (const Runner& runner : side.store().runners.findRunners(false, 1000)) {
    text << "runner " << placeOf(side.runners, runner.id) << " " << toString(runner.status) << " in hand "
         << runner.activeRuns << " heartbeat " << textOf(runner.lastHeartbeatOn) << "\n";
  }
  for (const HandlerDeclaration& handler : side.store().handlers.findHandlers()) {
    text << "handler " << handler.taskHandlerClass << " live " << handler.liveRunners << "\n";
  }
  return text.str();
}

class RandomOperations : public ::testing::TestWithParam<unsigned> {
 protected:
  using Operation = std::function<std::string(Side&)>;  // returns the store's answer as text

  RandomOperations() : seed_(chosenSeed()), random_(seed_) {
    sides_[0].world = makeStore(StoreKind::Fake);
    sides_[1].world = makeStore(StoreKind::MariaDb);
  }

  static unsigned chosenSeed() {
    const char* given = std::getenv("TASKQUEUE_SEED");
    if (given != nullptr) return static_cast<unsigned>(std::strtoul(given, nullptr, 10));
    return GetParam() == 0 ? std::random_device{}() : GetParam();
  }

  int upTo(int max) { return std::uniform_int_distribution<int>(0, max)(random_); }
  template <typename T>
  T oneOf(const std::vector<T>& choices) {
    return choices[static_cast<std::size_t>(upTo(static_cast<int>(choices.size()) - 1))];
  }
  std::size_t anyTask() {
    return static_cast<std::size_t>(upTo(static_cast<int>(sides_[0].tasks.size()) - 1));
  }
  std::size_t anyRunner() {
    return static_cast<std::size_t>(upTo(static_cast<int>(sides_[0].runners.size()) - 1));
  }

  Operation anyOperation();
  Operation enqueue();
  Operation insertRow();
  Operation advance();
  Operation registerRunner();
  Operation sync();
  Operation control();
  Operation oversee();
  Operation limit();
  Operation runnerEnds();
  Operation beat();
  Operation putBackAndClaim();

  void step(const std::string& name, const Operation& operation);
  void lookAgainAtFreeKeys(Side& side);

  unsigned seed_;
  std::mt19937 random_;
  Side sides_[2];
};

RandomOperations::Operation RandomOperations::enqueue() {
  std::vector<NewTask> tasks;
  const UnixSeconds now = sides_[0].store().clock.now();
  for (int i = upTo(2); i >= 0; --i) {
    NewTask task;
    task.taskHandlerClass = oneOf<std::string>({"Echo", "Echo", "Other", "Unheard"});
    task.maxRetries = 1 + upTo(2);
    task.priority = upTo(2);
    if (upTo(2) == 0) task.scheduledOn = now + oneOf<int>({-10, 5, 20});
    if (upTo(2) == 0) task.uniqueKey = oneOf<std::string>({"a", "b"});
    if (task.uniqueKey && upTo(1) == 0) task.uniqueSeconds = oneOf<int>({5, 20});
    if (upTo(1) == 0) task.concurrencyKey = oneOf<std::string>({"x", "y"});
    if (upTo(2) == 0) {
      task.notifyOn = oneOf<NotifyOn>({NotifyOn::Success, NotifyOn::Failure, NotifyOn::Both});
      task.notifyTo = "ada@example.com";
    }
    tasks.push_back(task);
  }
  // Two tasks of one request must not supersede each other.
  if (tasks.size() == 1 && tasks[0].uniqueKey && upTo(1) == 0) tasks[0].uniqueMode = UniqueMode::Replace;
  return [tasks](Side& side) {
    std::string answer;
    for (const AddedTask& added : side.store().tasks.insertTasks(tasks, std::nullopt).tasks) {
      if (added.created) side.tasks.push_back(added.id);
      answer += std::to_string(placeOf(side.tasks, added.id)) + (added.created ? " new, " : " live, ");
      if (added.replacedId) answer += "for " + std::to_string(placeOf(side.tasks, *added.replacedId)) + ", ";
    }
    return answer;
  };
}

RandomOperations::Operation RandomOperations::insertRow() {
  PlainRow row;
  row.taskHandlerClass = oneOf<std::string>({"Echo", "Other"});
  row.maxRetries = 1 + upTo(2);
  if (upTo(1) == 0) row.scheduledOn = sides_[0].store().clock.now() + oneOf<int>({-10, 10});
  return [row](Side& side) {
    side.tasks.push_back(side.world->insertRow(row));
    return "";
  };
}

RandomOperations::Operation RandomOperations::advance() {
  const std::chrono::seconds by{oneOf<int>({1, 5, 10, 40})};
  return [by](Side& side) {
    side.world->advance(by);
    return "";
  };
}

RandomOperations::Operation RandomOperations::registerRunner() {
  const auto classes =
      oneOf<std::vector<std::string>>({{"Echo"}, {"Echo", "Other"}, {"Other"}, {"Echo", "Unheard"}});
  NewRunner runner;
  runner.identity.processId = static_cast<int>(sides_[0].runners.size()) + 1;
  runner.identity.bootId = "boot";
  return [classes, runner](Side& side) {
    std::vector<HandlerDeclaration> handlers;
    for (const std::string& name : classes) handlers.push_back({.taskHandlerClass = name, .kind = "cpp"});
    side.runners.push_back(side.store().runners.registerRunner(runner, handlers));
    side.classes.push_back(classes);
    return "";
  };
}

// A runner's actions on each run that it ever had, including runs that it no longer owns.
RandomOperations::Operation RandomOperations::sync() {
  struct SyncedRun {
    std::size_t run;
    int kind;
    RunStatus status;
    std::int64_t delay;
    int percents;
    bool giveUp;
  };
  const std::size_t runner = anyRunner();
  std::vector<SyncedRun> operations;
  for (std::size_t i = 0; i < sides_[0].claimed.size(); ++i) {
    const bool recent = i + 12 > sides_[0].claimed.size();
    if (sides_[0].claimedBy[i] != runner || !recent || upTo(1) == 0) continue;
    operations.push_back(
        {i, upTo(4),
         oneOf<RunStatus>({RunStatus::Success, RunStatus::Error, RunStatus::Timeout, RunStatus::Cancelled}),
         oneOf<int>({0, 0, 10}), upTo(120) - 10, upTo(9) == 0});
  }
  // A claim takes nothing or all that is due. Which tasks a smaller one takes from behind tasks that cannot
  // run depends on how many rows MariaDB reads (CLAIM-26); the tests of the claim cursor hold that.
  const int claimLimit = upTo(4) == 0 ? 0 : 1000;
  return [=](Side& side) {
    SyncRequest request;
    request.taskRunnerId = side.runners[runner];
    request.claimLimit = claimLimit;
    request.queues = {"default"};
    request.handlers = side.classes[runner];
    for (const SyncedRun& operation : operations) {
      const RunOwnership& owned = side.claimed[operation.run].owned;
      if (operation.kind <= 1) {
        RunEnd end;
        end.owned = owned;
        end.status = operation.status;
        end.retryDelaySeconds = operation.delay;
        end.percentsCompleted = operation.percents;
        end.giveUp = operation.giveUp;
        end.errorCode = isFailure(operation.status) ? "broke" : "";
        end.standardOutput = {.kept = "text", .totalBytes = 4};
        end.hadLiveOutput = true;
        request.ends.push_back(end);
      } else if (operation.kind == 2) {
        request.releases.push_back({owned, operation.delay});
      } else if (operation.kind == 3) {
        request.progress.push_back({owned, operation.percents, "note " + std::to_string(operation.percents)});
      } else {
        OutputChunk chunk;
        chunk.owned = owned;
        chunk.content = "live";
        request.output.push_back(chunk);
      }
    }
    const SyncResult result = side.store().runners.sync(request);
    std::ostringstream answer;
    // A timed-out runner that only asks may or may not be informed.
    const auto alive = side.store().runners.findRunners(/*onlyRunning=*/true, 1000);
    const bool mayClaim = std::any_of(alive.begin(), alive.end(),
                                      [&](const Runner& one) { return one.id == request.taskRunnerId; });
    if (mayClaim) answer << "due in " << textOf(result.secondsUntilDue);
    answer << " claimed";
    for (const ClaimedRun& claimed : result.claimed) {
      answer << " " << placeOf(side.tasks, claimed.owned.taskQueueId) << "#" << claimed.attempt;
      side.claimed.push_back(claimed);
      side.claimedBy.push_back(runner);
    }
    answer << " lost " << result.lostRuns.size();
    return answer.str();
  };
}

RandomOperations::Operation RandomOperations::control() {
  const std::size_t task = anyTask();
  if (upTo(1) == 0) {
    return [task](Side& side) {
      return std::to_string(static_cast<int>(side.store().tasks.cancelTask(side.tasks[task])));
    };
  }
  return [task](Side& side) {
    return std::to_string(static_cast<int>(side.store().tasks.retryTask(side.tasks[task])));
  };
}

RandomOperations::Operation RandomOperations::oversee() {
  const std::size_t task = anyTask();
  const int limit = 1 + upTo(5);
  return [task, limit](Side& side) {
    std::string answer;
    for (const int id : side.store().maintenance.findTasksMissingRun(limit)) {
      answer += std::to_string(placeOf(side.tasks, id)) +
                (side.store().maintenance.createRunIfAllowed(id) ? "+ " : "- ");
    }
    return answer + (side.store().maintenance.createRunIfAllowed(side.tasks[task]) ? "+" : "-");
  };
}

RandomOperations::Operation RandomOperations::runnerEnds() {
  const std::size_t runner = anyRunner();
  const RescuePolicy policy{
      .retry = {.delay = std::chrono::seconds(10), .delayLimit = std::chrono::seconds(60), .jitter = 0}};
  return [runner, policy](Side& side) {
    return std::to_string(side.store().runners.timeOutRunner(side.runners[runner], policy));
  };
}

RandomOperations::Operation RandomOperations::limit() {
  const std::string name = oneOf<std::string>({"Echo", "Other"});
  const int max = oneOf<int>({0, 0, 2});
  const auto maxPerKey = oneOf<std::optional<int>>({0, 1, 1, 2, std::nullopt});
  return [=](Side& side) {
    side.store().handlers.setHandlerLimit(name, max, maxPerKey, -1);
    return std::string();
  };
}

RandomOperations::Operation RandomOperations::beat() {
  const std::size_t runner = anyRunner();
  return [runner](Side& side) {
    const HeartbeatResult result = side.store().runners.heartbeat(side.runners[runner], {.memoryKb = 7});
    return std::to_string(result.runnerAlive) + " owns " + std::to_string(result.owned.size()) +
           " to cancel " + std::to_string(result.cancelRequested.size());
  };
}

// The CMS's editor restores the row of a running task; the next claim must detect it.
RandomOperations::Operation RandomOperations::putBackAndClaim() {
  const std::size_t task = anyTask();
  const std::size_t runner = anyRunner();
  return [task, runner](Side& side) {
    const bool runs = side.store().tasks.findTask(side.tasks[task])->lastStatus == RunStatus::Running;
    if (!runs || !side.store().runners.heartbeat(side.runners[runner], {.memoryKb = 0}).runnerAlive)
      return std::string();
    side.world->putBackNextRunOn(side.tasks[task], 1);
    SyncRequest request;
    request.taskRunnerId = side.runners[runner];
    request.claimLimit = 1000;
    request.queues = {"default"};
    request.handlers = {"Echo", "Other", "Unheard"};
    std::string answer;
    for (const ClaimedRun& claimed : side.store().runners.sync(request).claimed) {
      answer += std::to_string(placeOf(side.tasks, claimed.owned.taskQueueId)) + " ";
      side.claimed.push_back(claimed);
      side.claimedBy.push_back(runner);
    }
    return answer;
  };
}

RandomOperations::Operation RandomOperations::anyOperation() {
  switch (upTo(16)) {
    case 0:
    case 1:
      return enqueue();
    case 2:
      return insertRow();
    case 3:
    case 4:
      return advance();
    case 5:
      return registerRunner();
    case 6:
    case 7:
      return control();
    case 8:
      return oversee();
    case 9:
      return upTo(2) == 0 ? runnerEnds() : beat();
    case 10:
      return upTo(1) == 0 ? limit() : sync();
    case 11:
      return upTo(3) == 0 ? putBackAndClaim() : sync();
    default:
      return sync();
  }
}

void RandomOperations::step(const std::string& name, const Operation& operation) {
  const std::string byFake = operation(sides_[0]);
  const std::string byMaria = operation(sides_[1]);
  ASSERT_EQ(byFake, byMaria) << name << " of seed " << seed_;
  ASSERT_EQ(pictureOf(sides_[0]), pictureOf(sides_[1])) << "after " << name << " of seed " << seed_;
}

// A task that was given the room of a key may wait for its runner. The repair then looks again at the tasks
// that are parked behind it, and at no others.
void RandomOperations::lookAgainAtFreeKeys(Side& side) {
  for (std::size_t i = 0; i <= side.tasks.size(); ++i) {
    const std::vector<int> found = side.store().maintenance.findInconsistentTasks(1000);
    if (found.empty()) return;
    for (const int id : found) {
      EXPECT_THAT(side.store().tasks.findTask(id)->parkedReason, StartsWith(kKeyAtLimitReason))
          << "task " << placeOf(side.tasks, id) << " of seed " << seed_;
      side.store().maintenance.recountTask(id);
    }
  }
  ADD_FAILURE() << "the repair finds tasks without end; seed " << seed_;
}

TEST_P(RandomOperations, TheFakeAndMariaDbAgreeAndNoInvariantBreaks) {
  constexpr int kSteps = 150;
  constexpr std::size_t kMaxTasks = 30;
  RecordProperty("seed", std::to_string(seed_));
  std::cout << "seed " << seed_ << std::endl;
  step("the first runner", registerRunner());
  step("the first task", enqueue());
  for (int i = 0; i < kSteps && !HasFatalFailure(); ++i) {
    const std::string name = "step " + std::to_string(i);
    step(name, sides_[0].tasks.size() < kMaxTasks ? anyOperation() : sync());
    ASSERT_THAT(sides_[1].world->brokenInvariants(), IsEmpty()) << "after " << name << " of seed " << seed_;
  }
  for (Side& side : sides_) {
    lookAgainAtFreeKeys(side);
    const std::string before = pictureOf(side);
    for (const int id : side.tasks) side.store().maintenance.recountTask(id);
    EXPECT_EQ(pictureOf(side), before) << "a recount must change nothing; seed " << seed_;
  }
}

// 0 means a different seed at each run.
INSTANTIATE_TEST_SUITE_P(Seeds, RandomOperations, ::testing::Values(0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U));

}  // namespace
}  // namespace taskqueue::contract
