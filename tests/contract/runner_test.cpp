// Runners: their rows, heartbeats and handlers.
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Runners : public Contract {
 protected:
  Runner row(int id) {
    for (const Runner& each : store().runners.findRunners(false, 100)) {
      if (each.id == id) return each;
    }
    throw std::logic_error("no such runner");
  }
  std::vector<std::string> knownClasses() {
    std::vector<std::string> names;
    for (const HandlerDeclaration& handler : store().handlers.findHandlers())
      names.push_back(handler.taskHandlerClass);
    return names;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, Runners, bothStores(), nameOf);

TEST_P(Runners, ARegisteredRunnerCarriesItsIdentity) {
  NewRunner made;
  made.identity = {.processId = 77,
                   .hostName = "web1",
                   .bootId = "b-1",
                   .pidNamespace = 4026531836,
                   .processStartTicks = 5'000'000'000};
  made.version = "1.2.3";
  made.queues = {"fast", "default"};
  made.slots = 8;
  const Runner runner = row(store().runners.registerRunner(made, {}));
  EXPECT_EQ(runner.identity.processId, 77);
  EXPECT_EQ(runner.identity.hostName, "web1");
  EXPECT_EQ(runner.identity.bootId, "b-1");
  EXPECT_EQ(runner.identity.pidNamespace, 4026531836);
  EXPECT_EQ(runner.identity.processStartTicks, 5'000'000'000);
  EXPECT_EQ(runner.version, "1.2.3");
  EXPECT_EQ(runner.queues, "fast,default");
  EXPECT_EQ(runner.slots, 8);
  EXPECT_EQ(runner.status, RunnerStatus::Running);
  EXPECT_EQ(runner.startedOn, store().clock.now());
  EXPECT_EQ(runner.lastHeartbeatOn, store().clock.now());
  EXPECT_EQ(runner.finishedOn, std::nullopt);
}

TEST_P(Runners, AProcessHasOneRunningRow) {
  NewRunner made;
  made.identity = {
      .processId = 77, .hostName = "web1", .bootId = "b-1", .pidNamespace = 1, .processStartTicks = 5};
  const int first = store().runners.registerRunner(made, {});
  const int second = store().runners.registerRunner(made, {});
  EXPECT_EQ(row(first).status, RunnerStatus::Success);
  EXPECT_EQ(row(second).status, RunnerStatus::Running);
  made.identity.processStartTicks = 6;  // the same PID, reused
  store().runners.registerRunner(made, {});
  EXPECT_EQ(row(second).status, RunnerStatus::Running);
}

TEST_P(Runners, AHeartbeatRenewsTheLease) {
  const int id = runner();
  world().advance(40s);
  EXPECT_EQ(row(id).heartbeatAgeSeconds, 40);
  const HeartbeatResult result = store().runners.heartbeat(id, {.memoryKb = 1234});
  EXPECT_TRUE(result.runnerAlive);
  EXPECT_FALSE(result.drainRequested);
  EXPECT_FALSE(result.stopRequested);
  EXPECT_EQ(row(id).heartbeatAgeSeconds, 0);
  EXPECT_EQ(row(id).memoryKb, 1234);
}

TEST_P(Runners, AHeartbeatTellsTheRunsThatTheDatabaseHoldsForUs) {
  add();
  const ClaimedRun mine = claimOne();
  const int other = addRunner();
  add();
  store().runners.sync(syncOf(other, 1));
  const HeartbeatResult result = store().runners.heartbeat(runner(), {.memoryKb = 0});
  ASSERT_EQ(result.owned.size(), 1U);
  EXPECT_EQ(result.owned[0].runId, mine.owned.runId);
  EXPECT_EQ(result.owned[0].taskQueueId, mine.owned.taskQueueId);
  EXPECT_EQ(result.owned[0].runToken, mine.owned.runToken);
  EXPECT_THAT(result.cancelRequested, IsEmpty());
  finish(mine, RunStatus::Success);
  EXPECT_THAT(store().runners.heartbeat(runner(), {.memoryKb = 0}).owned, IsEmpty());
}

TEST_P(Runners, AHeartbeatTellsWhenTheRunnerShallDrain) {
  world().requestDrain(runner());
  EXPECT_TRUE(store().runners.heartbeat(runner(), {.memoryKb = 0}).drainRequested);
  EXPECT_TRUE(row(runner()).drainRequestedOn);
}

TEST_P(Runners, AHeartbeatTellsWhenTheRunnerShallStopAlsoWhenItDrains) {
  EXPECT_TRUE(store().runners.requestDrain(runner()));
  EXPECT_FALSE(store().runners.heartbeat(runner(), {.memoryKb = 0}).stopRequested);
  const auto drainedOn = row(runner()).drainRequestedOn;
  EXPECT_TRUE(store().runners.requestStop(runner()));
  EXPECT_TRUE(store().runners.heartbeat(runner(), {.memoryKb = 0}).stopRequested);
  EXPECT_TRUE(store().runners.heartbeat(runner(), {.memoryKb = 0}).drainRequested);
  EXPECT_TRUE(row(runner()).stopRequestedOn);
  EXPECT_EQ(row(runner()).drainRequestedOn, drainedOn);
  store().runners.endRunner(runner());
  EXPECT_FALSE(store().runners.requestStop(runner()));
}

TEST_P(Runners, ARunnerThatWasTimedOutIsToldSo) {
  add();
  claimOne();
  store().runners.timeOutRunner(runner(), {});
  const UnixSeconds before = row(runner()).lastHeartbeatOn.value();
  world().advance(5s);
  const HeartbeatResult result = store().runners.heartbeat(runner(), {.memoryKb = 0});
  EXPECT_FALSE(result.runnerAlive);
  EXPECT_THAT(result.owned, IsEmpty());
  EXPECT_EQ(row(runner()).lastHeartbeatOn, before);
  EXPECT_FALSE(store().runners.heartbeat(4711, {.memoryKb = 0}).runnerAlive);
}

TEST_P(Runners, ARunnerEndsByItsOwnWill) {
  const int id = runner();
  world().advance(3s);
  store().runners.endRunner(id);
  EXPECT_EQ(row(id).status, RunnerStatus::Success);
  EXPECT_EQ(row(id).finishedOn, store().clock.now());
  world().advance(3s);
  store().runners.endRunner(id);
  EXPECT_EQ(row(id).finishedOn, store().clock.now() - 3);
}

TEST_P(Runners, ATimedOutRunnerDoesNotBecomeASuccess) {
  store().runners.timeOutRunner(runner(), {});
  store().runners.endRunner(runner());
  EXPECT_EQ(row(runner()).status, RunnerStatus::Timeout);
}

TEST_P(Runners, RunningRunnersAreListedNewestFirst) {
  const int first = addRunner();
  const int second = addRunner();
  const int third = addRunner();
  store().runners.endRunner(second);
  const auto running = store().runners.findRunners(true, 100);
  ASSERT_EQ(running.size(), 2U);
  EXPECT_EQ(running[0].id, third);
  EXPECT_EQ(running[1].id, first);
  EXPECT_EQ(store().runners.findRunners(false, 100).size(), 3U);
  EXPECT_EQ(store().runners.findRunners(false, 1).at(0).id, third);
}

TEST_P(Runners, TheActiveRunsAreCounted) {
  add();
  add();
  claim(2);
  EXPECT_EQ(row(runner()).activeRuns, 2);
}

TEST_P(Runners, TheClassesOfLivingRunnersAreKnown) {
  addRunner({"B", "A"});
  addRunner({"A", "C"});
  EXPECT_THAT(knownClasses(), ElementsAre("A", "B", "C"));
  EXPECT_EQ(store().handlers.findHandler("A").value().liveRunners, 2);
  EXPECT_EQ(store().handlers.findHandler("B").value().liveRunners, 1);
  EXPECT_FALSE(store().handlers.findHandler("D"));
  EXPECT_FALSE(store().handlers.findHandler("a"));
  EXPECT_FALSE(store().handlers.findHandler("A "));
}

TEST_P(Runners, ADeclarationIsKeptWhole) {
  NewRunner made;
  made.identity.processId = 5;
  const std::vector<HandlerDeclaration> handlers{{.taskHandlerClass = "Import\\Products",
                                                  .kind = "command",
                                                  .dataSchema = R"({"type":"object"})",
                                                  .settings = {.timeLimitSeconds = 90,
                                                               .maxRetries = 7,
                                                               .retryDelaySeconds = 0,
                                                               .retryDelayLimitSeconds = 50,
                                                               .retryDelays = {10, 60, 300},
                                                               .onCrash = OnCrash::Fail,
                                                               .queue = "slow",
                                                               .priority = 0,
                                                               .maxRunning = 3,
                                                               .maxRunningPerKey = 1,
                                                               .uniqueSeconds = 3600}}};
  store().runners.registerRunner(made, handlers);
  const HandlerDeclaration known = store().handlers.findHandler("Import\\Products").value();
  EXPECT_EQ(known.kind, "command");
  EXPECT_EQ(known.dataSchema, R"({"type":"object"})");
  EXPECT_EQ(known.settings, handlers[0].settings);
  EXPECT_EQ(known.liveRunners, 1);
}

TEST_P(Runners, TheRunnerLimitIsASettingOfTheCms) {
  EXPECT_EQ(store().handlers.taskRunnerLimit(), 2);
  world().setRunnerLimit("7");
  EXPECT_EQ(store().handlers.taskRunnerLimit(), 7);
  for (const char* odd : {"", "many", "-3"}) {
    world().setRunnerLimit(odd);
    EXPECT_EQ(store().handlers.taskRunnerLimit(), 0) << odd;
  }
}

}  // namespace
}  // namespace taskqueue::contract
