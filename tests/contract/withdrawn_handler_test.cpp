// Handlers that no runner offers stay known, and their tasks wait. Contract for both stores.
#include "module/queue/due_task.h"
#include "module/queue/retention.h"
#include "module/queue/waiting.h"
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class WithdrawnHandlers : public Contract {
 protected:
  int register_(const std::vector<HandlerDeclaration>& handlers) {
    NewRunner made;
    made.identity.processId = ++processes_;
    made.queues = {"default"};
    return store().runners.registerRunner(made, handlers);
  }
  void announce(int runnerId, const std::vector<std::string>& classes) {
    std::vector<HandlerDeclaration> handlers;
    for (const std::string& name : classes) handlers.push_back({.taskHandlerClass = name, .kind = "php"});
    store().runners.announceHandlers(runnerId, handlers);
  }
  HandlerDeclaration known(const std::string& name) {
    return store().handlers.findHandler(name).value_or(HandlerDeclaration{});
  }
  std::vector<std::string> knownClasses() {
    std::vector<std::string> classes;
    for (const HandlerDeclaration& handler : store().handlers.findHandlers())
      classes.push_back(handler.taskHandlerClass);
    return classes;
  }
  // A runner that offers only Echo tries to claim the task.
  int parked(const std::string& name) {
    const int id = add({.taskHandlerClass = name});
    claim();
    EXPECT_EQ(task(id).parkedReason, kNoRunnerReason + name);
    return id;
  }
  WaitReason reasonOf(int id) { return findWaitReason(store().tasks.findWaitFacts(id).value()).value(); }

 private:
  int processes_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Stores, WithdrawnHandlers, bothStores(), nameOf);

TEST_P(WithdrawnHandlers, AClassStaysKnownByWhatItDeclaredLastWhenNoRunnerOffersIt) {
  const HandlerDeclaration away{.taskHandlerClass = "Away",
                                .kind = "php",
                                .dataSchema = R"({"required":["File"]})",
                                .settings = {.timeLimitSeconds = 7, .maxRetries = 3, .queue = "slow"}};
  const int gone = register_({away});
  world().advance(50s);
  store().runners.endRunner(gone);
  const UnixSeconds end = store().clock.now();
  world().advance(50s);
  register_({{.taskHandlerClass = "Other", .kind = "cpp"}});
  EXPECT_EQ(known("Away").dataSchema, away.dataSchema);
  EXPECT_EQ(known("Away").settings, away.settings);
  EXPECT_EQ(known("Away").kind, "php");
  EXPECT_EQ(known("Away").liveRunners, 0);
  EXPECT_EQ(known("Away").offeredUntil, end);
  EXPECT_EQ(known("Other").liveRunners, 1);
  EXPECT_FALSE(known("Other").offeredUntil);
  EXPECT_THAT(knownClasses(), ElementsAre("Away", "Other"));
}

TEST_P(WithdrawnHandlers, WhatARunnerAnnouncesTakesThePlaceOfWhatOthersSaidThatHaveEnded) {
  store().runners.endRunner(
      register_({{.taskHandlerClass = "A", .kind = "php", .dataSchema = R"({"minProperties":1})"}}));
  store().runners.endRunner(
      register_({{.taskHandlerClass = "A", .kind = "php", .dataSchema = R"({"maxProperties":9})"}}));
  EXPECT_EQ(known("A").dataSchema, R"({"maxProperties":9})");
  const int lives = register_({{.taskHandlerClass = "A", .kind = "php"}});
  EXPECT_EQ(known("A").dataSchema, "");
  EXPECT_EQ(known("A").liveRunners, 1);
  world().deleteRunner(lives);
  EXPECT_EQ(known("A").liveRunners, 0) << "and it is known still";
  EXPECT_FALSE(known("A").offeredUntil) << "no row tells since when";
}

TEST_P(WithdrawnHandlers, ARunnerThatDiedIsBelievedUntilItsLastHeartbeat) {
  const int dead = register_({{.taskHandlerClass = "A", .kind = "php"}});
  world().advance(10s);
  store().runners.heartbeat(dead, {});
  const UnixSeconds last = store().clock.now();
  world().advance(500s);
  store().runners.timeOutRunner(dead, {});
  EXPECT_EQ(known("A").offeredUntil, last);
}

TEST_P(WithdrawnHandlers, WhatARunnerWithdrawsIsNotOfferedAndStaysKnown) {
  const int changing =
      register_({{.taskHandlerClass = "A", .kind = "php"}, {.taskHandlerClass = "B", .kind = "php"}});
  world().advance(5s);
  announce(changing, {"B"});
  EXPECT_EQ(known("A").liveRunners, 0);
  EXPECT_EQ(known("A").offeredUntil, store().clock.now());
  EXPECT_EQ(known("B").liveRunners, 1);
  const int id = parked("A");
  EXPECT_EQ(reasonOf(id).code, "no_handler");
  EXPECT_EQ(store().tasks.findWaitFacts(id).value().runnersKnowing, 0);

  world().advance(5s);
  announce(changing, {"A", "C"});
  EXPECT_EQ(known("A").liveRunners, 1);
  EXPECT_FALSE(known("A").offeredUntil);
  EXPECT_EQ(known("B").liveRunners, 0);
  EXPECT_EQ(known("C").liveRunners, 1);
  EXPECT_EQ(task(id).parkedReason, "") << "its tasks wait again";
  EXPECT_THAT(store().runners.sync(syncOf(changing, 10, {"A", "C"})).claimed, ::testing::SizeIs(1));
}

TEST_P(WithdrawnHandlers, ATaskOfAClassThatAnotherRunnerHasWithdrawnIsParkedAndNotLeftToIt) {
  const int one = register_({{.taskHandlerClass = "A", .kind = "php"}});
  const int other = register_({{.taskHandlerClass = "A", .kind = "php"}});
  const int id = add({.taskHandlerClass = "A"});
  announce(one, {});
  store().runners.sync(syncOf(one, 10, {}));
  EXPECT_TRUE(task(id).nextRunOn) << "the other one knows it";
  announce(other, {});
  world().advance(2s);
  store().runners.sync(syncOf(one, 10, {}));
  EXPECT_EQ(task(id).parkedReason, "no runner knows the handler A");
}

TEST_P(WithdrawnHandlers, LimitsOfAnAnnouncementInBetweenAreThoseThatHold) {
  const int changing = register_({{.taskHandlerClass = "A", .kind = "php"}});
  const HandlerDeclaration limited{.taskHandlerClass = "A", .kind = "php", .settings = {.maxRunning = 2}};
  store().runners.announceHandlers(changing, std::span(&limited, 1));
  EXPECT_EQ(known("A").settings.maxRunning, 2);
}

TEST_P(WithdrawnHandlers, ATaskThatWasParkedWhileItsHandlerWasAnnouncedIsFoundByTheRepair) {
  leavesHostileRows();  // a runner that ended and came back
  const int back = register_({{.taskHandlerClass = "A", .kind = "php"}});
  store().runners.endRunner(back);
  const int id = parked("A");
  EXPECT_THAT(store().maintenance.findInconsistentTasks(10), IsEmpty());
  world().setRunnerStatus(back, RunnerStatus::Running);
  EXPECT_THAT(store().maintenance.findInconsistentTasks(10), ElementsAre(id));
  EXPECT_TRUE(store().maintenance.recountTask(id));
  EXPECT_EQ(task(id).parkedReason, "");
  EXPECT_TRUE(task(id).nextRunOn);
  EXPECT_THAT(store().maintenance.findInconsistentTasks(10), IsEmpty());
}

TEST_P(WithdrawnHandlers, AWaitingTaskSaysSinceWhenNoRunnerKnowsItsHandler) {
  const int gone = register_({{.taskHandlerClass = "Away", .kind = "php"}});
  world().advance(100s);
  store().runners.endRunner(gone);
  const std::string since = utcText(store().clock.now());
  world().advance(100s);
  runner();
  const int fresh = add({.taskHandlerClass = "Away"});
  EXPECT_EQ(reasonOf(fresh).text, "No runner knows Away since " + since + ".");
  claim();
  EXPECT_EQ(reasonOf(fresh).code, "no_handler");
  EXPECT_EQ(reasonOf(fresh).text, "No runner knows Away since " + since + ".");
  EXPECT_THAT(suggestHelp(reasonOf(fresh), store().tasks.findWaitFacts(fresh).value()),
              HasSubstr("taskqueue health"));
  const int never = parked("Never");
  EXPECT_EQ(reasonOf(never).text, "No runner has ever offered the handler Never.");
  EXPECT_THAT(suggestHelp(reasonOf(never), store().tasks.findWaitFacts(never).value()),
              HasSubstr("Check the name"));
}

TEST_P(WithdrawnHandlers, APauseOfAHandlerThatIsAwayComesFirstAndALimitOfItDoesNot) {
  const int gone = register_({{.taskHandlerClass = "Away", .kind = "php"}});
  store().handlers.setHandlerLimit("Away", 1, std::nullopt, 0);
  const int id = add({.taskHandlerClass = "Away"});
  const int second = add({.taskHandlerClass = "Away"});
  EXPECT_THAT(store().runners.sync(syncOf(gone, 10, {"Away"})).claimed, ::testing::SizeIs(1));
  EXPECT_EQ(reasonOf(second).code, "handler_limit");
  store().runners.timeOutRunner(gone, {});
  runner();
  EXPECT_EQ(reasonOf(second).code, "no_handler") << "its limit has room";
  store().handlers.setPaused(PauseKind::Handler, "Away", true, 0);
  EXPECT_EQ(reasonOf(second).code, "handler_paused");
  EXPECT_EQ(task(id).lastStatus, RunStatus::Timeout);
}

TEST_P(WithdrawnHandlers, ARetryOfATaskWhoseHandlerIsAwayWaitsForIt) {
  const int gone = register_({{.taskHandlerClass = "Away", .kind = "php"}});
  const int id = add({.taskHandlerClass = "Away"});
  SyncRequest ends = syncOf(gone, 1, {"Away"});
  const auto claimed = store().runners.sync(ends).claimed;
  RunEnd end = endOf(claimed.at(0), RunStatus::Error);
  end.giveUp = true;
  ends.claimLimit = 0;
  ends.ends = {end};
  store().runners.sync(ends);
  store().runners.endRunner(gone);
  EXPECT_EQ(store().tasks.retryTask(id), RetryOutcome::Scheduled);
  claim();
  EXPECT_EQ(task(id).parkedReason, "no runner knows the handler Away");
  const int back = register_({{.taskHandlerClass = "Away", .kind = "php"}});
  EXPECT_THAT(store().runners.sync(syncOf(back, 10, {"Away"})).claimed, ::testing::SizeIs(1));
}

TEST_P(WithdrawnHandlers, ADeclarationIsPrunedSomeDaysAfterItsLastRunnerUnlessATaskWaits) {
  const int gone =
      register_({{.taskHandlerClass = "A", .kind = "php"}, {.taskHandlerClass = "B", .kind = "php"}});
  const int changing =
      register_({{.taskHandlerClass = "C", .kind = "php"}, {.taskHandlerClass = "D", .kind = "php"}});
  store().runners.endRunner(gone);
  announce(changing, {"D"});
  parked("B");
  const RetentionPolicy limits{.handlerDays = 90};
  world().advance(24h * 90);
  pruneOld(store().maintenance, store().clock, limits);
  EXPECT_THAT(knownClasses(), ElementsAre("A", "B", "C", "D", "Echo"));
  world().advance(1s);
  pruneOld(store().maintenance, store().clock, limits);
  EXPECT_THAT(knownClasses(), ElementsAre("B", "D", "Echo"));
  EXPECT_EQ(store().runners.findRunners(false, 10).size(), 3U)
      << "the runner that tells since when B is away stays";
}

TEST_P(WithdrawnHandlers, TaskRunnerLimitIsSetAndSaysWhatStoodThere) {
  EXPECT_EQ(store().handlers.findRunnerLimit(), RunnerLimit{.limit = 2});
  store().audit.actAs({"ada", "pages"});
  EXPECT_TRUE(store().handlers.setTaskRunnerLimit(5, 2));
  EXPECT_EQ(store().handlers.taskRunnerLimit(), 5);
  EXPECT_EQ(store().audit.findAudit(1).at(0).subject, "TaskRunnerLimit");
  EXPECT_EQ(store().audit.findAudit(1).at(0).detail, "5; it was 2");
  EXPECT_FALSE(store().handlers.setTaskRunnerLimit(6, 2)) << "another one has changed it meanwhile";
  EXPECT_EQ(store().handlers.taskRunnerLimit(), 5);
  EXPECT_TRUE(store().handlers.setTaskRunnerLimit(5, std::nullopt)) << "the same once more";

  world().setRunnerLimit("many");
  EXPECT_EQ(store().handlers.taskRunnerLimit(), 0);
  EXPECT_EQ(store().handlers.findRunnerLimit().unreadable, "many");
  EXPECT_TRUE(store().handlers.setTaskRunnerLimit(0, 0));
  EXPECT_EQ(store().handlers.findRunnerLimit(), RunnerLimit{.limit = 0});
  EXPECT_EQ(store().audit.findAudit(1).at(0).detail, "0; it was many");

  world().removeRunnerLimit();
  EXPECT_TRUE(store().handlers.findRunnerLimit().isMissing);
  EXPECT_EQ(store().handlers.taskRunnerLimit(), 0);
  EXPECT_TRUE(store().handlers.setTaskRunnerLimit(3, std::nullopt));
  EXPECT_EQ(store().handlers.findRunnerLimit(), RunnerLimit{.limit = 3});
}

TEST_P(WithdrawnHandlers, TaskRunnerLimitIsAWholeNumberAndNothingElse) {
  const auto holds = [&](const char* value) {
    world().setRunnerLimit(value);
    return store().handlers.taskRunnerLimit();
  };
  EXPECT_EQ(holds(" 7 "), 7);
  EXPECT_EQ(holds("0"), 0);
  for (const char* odd : {"", "7 runners", "-3", "1.5", "99999999999", "seven"}) {
    EXPECT_EQ(holds(odd), 0) << odd;
    EXPECT_EQ(store().handlers.findRunnerLimit().unreadable, odd);
    EXPECT_TRUE(findProblem(store().handlers.findRunnerLimit())) << odd;
  }
}

}  // namespace
}  // namespace taskqueue::contract
