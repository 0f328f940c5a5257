// TaskQueue's rules for tasks and requests that need no tables, on the fake store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/queue/notification.h"
#include "module/queue/schedule/firing_plan.h"
#include "module/queue/waiting.h"
#include "tests/unit/task_queue_under_test.h"

namespace taskqueue {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(TaskQueueRules, AGoodTaskIsAdded) {
  const AddResult result = queue_.addTask({.taskHandlerClass = "Echo"});
  EXPECT_THAT(result.errors, IsEmpty());
  ASSERT_EQ(result.outcome.tasks.size(), 1U);
  EXPECT_TRUE(store_.tasks.findTask(result.outcome.tasks[0].id));
}

// Only tasks with a UniqueKey that name no mode get the handler's window.
TEST_F(TaskQueueRules, AHandlersWindowHoldsForTasksThatNameNoMode) {
  const HandlerSettings settings{.uniqueSeconds = 3600};
  const auto completed = [&](NewTask task) { return settings.complete(task), task; };
  const NewTask given = completed({.uniqueKey = "k"});
  EXPECT_EQ(given.uniqueMode, UniqueMode::Window);
  EXPECT_EQ(given.uniqueSeconds, 3600);
  EXPECT_EQ(completed({.uniqueKey = "k", .uniqueSeconds = 5}).uniqueSeconds, 5);
  EXPECT_EQ(completed({.uniqueKey = "k", .uniqueMode = UniqueMode::Keep}).uniqueMode, UniqueMode::Keep);
  EXPECT_EQ(completed({.uniqueKey = "k", .uniqueMode = UniqueMode::Keep}).uniqueSeconds, 0);
  EXPECT_FALSE(completed({}).uniqueMode);
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .uniqueMode = UniqueMode::Replace}),
              ElementsAre("/UniqueMode"));
}

TEST_F(TaskQueueRules, OneLineMembersHaveNoControlCharacters) {
  limits_.unknownHandlers = UnknownHandlers::Park;
  for (const std::string control : {"\n", "\r", "\t", "\x1B[31m", "\x07", "\x7F", "\xC2\x85", "\xC2\x9B",
                                    "\xE2\x80\xA8", "\xE2\x80\xA9"}) {
    const std::string text = "a" + control + "b";
    EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .title = text}), ElementsAre("/Title"));
    EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .uniqueKey = text}), ElementsAre("/UniqueKey"));
    EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .concurrencyKey = text}),
                ElementsAre("/ConcurrencyKey"));
    EXPECT_THAT(faultsOf({.taskHandlerClass = text}), ElementsAre("/TaskHandlerClass"));
  }
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .title = std::string("a\0b", 3)}), ElementsAre("/Title"));
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .title = "שלום\u200F – Grüße\u00A0€"}), IsEmpty());
}

TEST_F(TaskQueueRules, OnlyTheQueueSaysThatAMessageIsItsOwn) {
  const std::vector<HandlerDeclaration> tellers{{.taskHandlerClass = kMailHandler, .kind = "cpp"},
                                                {.taskHandlerClass = kWebhookHandler, .kind = "cpp"}};
  store_.runners.registerRunner({.identity = processElsewhere(), .queues = {"default"}}, tellers);
  for (const char* handler : {kMailHandler, kWebhookHandler}) {
    const auto faultsWith = [&](const std::string& data) {
      return faultsOf({.taskHandlerClass = handler, .taskData = data});
    };
    EXPECT_THAT(faultsWith(R"({"SentBy":"queue","Message":{}})"), ElementsAre("/TaskData/SentBy"));
    EXPECT_THAT(faultsWith(R"({"SentBy":["queue"],"Message":{}})"), ElementsAre("/TaskData/SentBy"));
    EXPECT_THAT(faultsWith(R"({"SentBy":"hand","Message":{}})"), IsEmpty());
    EXPECT_THAT(faultsWith(R"({"Message":{"SentBy":"queue"}})"), IsEmpty());
  }
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .taskData = R"({"SentBy":"queue"})"}), IsEmpty());
}

TEST_F(TaskQueueRules, WhoeverIsToldMustBeWithinReach) {
  const auto faultsWith = [&](NotifyOn on, std::optional<std::string> to, int userId = 0,
                              const std::string& language = "") {
    return faultsOf({.taskHandlerClass = "Echo",
                     .queuedById = userId,
                     .notifyOn = on,
                     .notifyTo = std::move(to),
                     .notifyLanguage = language});
  };
  EXPECT_THAT(faultsWith(NotifyOn::Both, "ada@example.com"), ElementsAre("/NotifyOn"))
      << "no runner offers NotifyByMail";
  const std::vector<HandlerDeclaration> tellers{{.taskHandlerClass = kMailHandler, .kind = "cpp"},
                                                {.taskHandlerClass = kWebhookHandler, .kind = "cpp"}};
  store_.runners.registerRunner({.identity = processElsewhere(), .queues = {"default"}}, tellers);
  EXPECT_THAT(faultsWith(NotifyOn::Both, "ada@example.com"), IsEmpty());
  EXPECT_THAT(faultsWith(NotifyOn::Success, "https://cms.example:8443/hook?a=b@c"), IsEmpty());
  EXPECT_THAT(faultsWith(NotifyOn::Failure, std::nullopt, -1, "pt-BR"), IsEmpty());
  EXPECT_THAT(faultsWith(NotifyOn::Failure, std::nullopt), ElementsAre("/NotifyTo"));
  EXPECT_THAT(faultsWith(NotifyOn::Never, "ada@example.com"), ElementsAre("/NotifyTo"));
  EXPECT_THAT(faultsWith(NotifyOn::Never, std::nullopt, 0, "de"), ElementsAre("/NotifyLanguage"));
  EXPECT_THAT(faultsWith(NotifyOn::Both, std::nullopt, 7, "d e"), ElementsAre("/NotifyLanguage"));
  for (const std::string to :
       {"", "ada", "@example.com", "ada@", "a@b@c", "a@b, c@d", "a@b;c@d", "a..b@c", "a@b_c", "Ada <a@b>",
        "a@b\r\nBcc: c@d", "ftp://a/b", "http://", "http://:80/", "https://u:p@cms.example/",
        "https://cms.example/a b", "https://кмс.example/"}) {
    EXPECT_THAT(faultsWith(NotifyOn::Both, to), ElementsAre("/NotifyTo")) << to;
  }
  EXPECT_THAT(faultsWith(NotifyOn::Both, "https://cms.example/" + std::string(500, 'a')),
              ElementsAre("/NotifyTo"));
}

TEST_F(TaskQueueRules, EveryMemberAtFaultIsNamed) {
  const UnixSeconds now = store_.clock.now();
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Unheard"}), ElementsAre("/TaskHandlerClass"));
  EXPECT_THAT(faultsOf({.taskHandlerClass = ""}), ElementsAre("/TaskHandlerClass"));
  EXPECT_THAT(faultsOf({.taskHandlerClass = std::string(256, 'x')}), ElementsAre("/TaskHandlerClass"));
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .taskData = "[]"}), ElementsAre("/TaskData"));
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .taskData = "{"}), ElementsAre("/TaskData"));
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .scheduledOn = 0}), ElementsAre("/ScheduledOn"));
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .scheduledOn = now + limits_.scheduleAheadSeconds + 1}),
              ElementsAre("/ScheduledOn"));
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .maxRetries = 0}), ElementsAre("/MaxRetries"));
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .maxRetries = limits_.maxRetries + 1}),
              ElementsAre("/MaxRetries"));
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .priority = -1}), ElementsAre("/Priority"));
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .priority = 10}), ElementsAre("/Priority"));
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .queuedById = -1001}), ElementsAre("/QueuedById"));
  for (const char* queue : {"", ".", "..", "a b", "a/b", "\xC3\xA9", "a\n"}) {
    EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .queue = queue}), ElementsAre("/Queue")) << queue;
  }
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .queue = std::string(65, 'q')}), ElementsAre("/Queue"));
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .uniqueKey = ""}), ElementsAre("/UniqueKey"));
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .uniqueKey = std::string(191, 'k')}),
              ElementsAre("/UniqueKey"));
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .title = std::string(256, 't')}), ElementsAre("/Title"));
  EXPECT_TRUE(store_.tables.tasks.empty());
}

TEST_F(TaskQueueRules, ANameThatNoAddressCanHoldIsRefusedWithTheRule) {
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo", .queue = "..."}), IsEmpty());
  for (const std::string name : {".", "..", "", "a\nb", "\x7F", "\xFF"}) {
    EXPECT_THAT(faultsOf({.taskHandlerClass = name}), ElementsAre("/TaskHandlerClass"));
    EXPECT_TRUE(queue_.setPaused(PauseKind::Handler, name, true, 0).error) << name;
    EXPECT_TRUE(queue_.setPaused(PauseKind::Queue, name, true, 0).error) << name;
    EXPECT_TRUE(queue_.setHandlerLimit(name, 1, std::nullopt, 0).error) << name;
  }
  EXPECT_FALSE(queue_.setPaused(PauseKind::Handler, "App\\Tasks/X", true, 0).error);
  EXPECT_THAT(queue_.addTask({.taskHandlerClass = "Echo", .queue = ".."}).errors.at(0).problem,
              HasSubstr("not '.' or '..' alone"));
}

// Only plain SQL can have written such a row.
TEST(WhyWaiting, ATaskInAQueueThatHasNoNameIsToldHowToMendIt) {
  WaitFacts facts{.now = 100, .runners = 1};
  facts.task.nextRunOn = 50;
  facts.task.queue = "..";
  const auto reason = findWaitReason(facts);
  ASSERT_TRUE(reason);
  EXPECT_EQ(reason->code, "queue_name");
  EXPECT_THAT(reason->text, HasSubstr("Cancel it, and enqueue it in another one"));
}

TEST(FiringPlan, AScheduleWhoseTasksCouldNotBeAddressedMakesNone) {
  Schedule schedule;
  schedule.definition = {.taskHandlerClass = "Echo", .cronExpression = "* * * * *", .queue = ".."};
  schedule.nextFireOn = 60;
  const FiringPlan plan = planFirings(schedule, 120, {}, {});
  EXPECT_THAT(plan.problem, HasSubstr("Queue must be"));
  EXPECT_THAT(plan.tasks, IsEmpty());
  EXPECT_EQ(plan.nextFireOn, std::nullopt);
}

TEST_F(TaskQueueRules, TheLargestAllowedValuesAreAllowed) {
  std::string wide;
  for (int i = 0; i < 190; ++i) wide += "\xC3\xA9";  // the limit counts characters, not bytes
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo",
                        .scheduledOn = store_.clock.now() + limits_.scheduleAheadSeconds,
                        .queuedById = INT32_MAX,
                        .maxRetries = limits_.maxRetries,
                        .queue = "Az09-_.",
                        .priority = 9,
                        .uniqueKey = wide,
                        .title = std::string(255, 't')}),
              IsEmpty());
}

TEST_F(TaskQueueRules, EverythingWrongIsToldAtOnce) {
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Unheard", .maxRetries = 0, .priority = 99}),
              ElementsAre("/MaxRetries", "/Priority", "/TaskHandlerClass"));
}

TEST_F(TaskQueueRules, OneBadTaskRefusesTheWholeRequestAndNamesItsPlace) {
  const std::vector<NewTask> tasks{{.taskHandlerClass = "Echo"},
                                   {.taskHandlerClass = "Echo", .priority = 99}};
  const AddResult result = queue_.addTasks(tasks);
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors[0].member, "/1/Priority");
  EXPECT_TRUE(store_.tables.tasks.empty());
}

TEST_F(TaskQueueRules, DataThatDoesNotFitTheHandlersSchemaIsRefused) {
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Strict", .taskData = "{}"}), ElementsAre("/TaskData"));
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Strict", .taskData = R"({"File":"x"})"}), IsEmpty());
}

TEST_F(TaskQueueRules, AnEmptyOrTooLargeRequestIsRefused) {
  EXPECT_EQ(queue_.addTasks({}).errors.size(), 1U);
  const std::vector<NewTask> many(static_cast<std::size_t>(limits_.tasksPerRequest) + 1,
                                  {.taskHandlerClass = "Echo"});
  const AddResult result = queue_.addTasks(many);
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_THAT(result.errors[0].problem, HasSubstr(std::to_string(limits_.tasksPerRequest)));
  EXPECT_TRUE(store_.tables.tasks.empty());
}

TEST_F(TaskQueueRules, ARequestKeyIsHandedOn) {
  const std::vector<NewTask> tasks{{.taskHandlerClass = "Echo"}};
  const IdempotencyKey key{.key = "k", .requestHash = "h"};
  queue_.addTasks(tasks, key);
  EXPECT_TRUE(queue_.addTasks(tasks, key).outcome.replayed);
}

TEST_F(TaskQueueRules, AHandlerIsWhatARunnerHasAnnounced) {
  EXPECT_EQ(queue_.createTaskHandler("Strict").value().dataSchema, R"({"required":["File"]})");
  EXPECT_FALSE(queue_.createTaskHandler("Unheard"));
  EXPECT_FALSE(queue_.createTaskHandler(""));
}

TEST_F(TaskQueueRules, AHandlerThatIsAwayIsAcceptedAndItsDataCheckedByWhatItDeclaredLast) {
  store_.runners.endRunner(1);
  const HandlerDeclaration other{.taskHandlerClass = "Other", .kind = "cpp"};
  store_.runners.registerRunner({.identity = processElsewhere(), .queues = {"default"}},
                                std::span(&other, 1));
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Echo"}), IsEmpty());
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Strict", .taskData = R"({"File":1})"}), IsEmpty());
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Strict", .taskData = "{}"}), ElementsAre("/TaskData"));
  EXPECT_THAT(queue_.checkTask({.taskHandlerClass = "Echo"}), IsEmpty()) << "as a schedule asks";
}

TEST_F(TaskQueueRules, ANameThatWasNeverSeenIsRefusedUnlessTheLimitsSayOtherwise) {
  EXPECT_THAT(faultsOf({.taskHandlerClass = "Never"}), ElementsAre("/TaskHandlerClass"));
  limits_.unknownHandlers = UnknownHandlers::Park;
  TaskQueue parking(store_.roles(), dependencies(), {}, leaseWatch_, limits_);
  EXPECT_THAT(parking.addTask({.taskHandlerClass = "Never"}).errors, IsEmpty());
  EXPECT_THAT(
      parking.addTask({.taskHandlerClass = "Never", .notifyOn = NotifyOn::Both, .notifyTo = "a@b.example"})
          .errors,
      IsEmpty());
  EXPECT_EQ(parking.addTask({.taskHandlerClass = "Never", .taskData = "[]"}).errors.at(0).member,
            "/TaskData");
  for (const std::string& name : {std::string(), std::string(256, 'x')})
    EXPECT_EQ(parking.addTask({.taskHandlerClass = name}).errors.at(0).member, "/TaskHandlerClass");
}

TEST_F(TaskQueueRules, ATaskIsToldOfThroughAHandlerThatIsAway) {
  const NewTask told{.taskHandlerClass = "Echo", .notifyOn = NotifyOn::Both, .notifyTo = "a@b.example"};
  EXPECT_THAT(faultsOf(told), ElementsAre("/NotifyOn")) << "no runner has ever announced it";
  const HandlerDeclaration mail{.taskHandlerClass = kMailHandler, .kind = "cpp"};
  store_.runners.endRunner(store_.runners.registerRunner(
      {.identity = processElsewhere(), .queues = {"default"}}, std::span(&mail, 1)));
  EXPECT_THAT(faultsOf(told), IsEmpty());
}

TEST_F(TaskQueueRules, TheEventsReachTheStore) {
  EXPECT_FALSE(queue_.onAfterTaskRunUpdate(4711));
  const int id = queue_.addTask({.taskHandlerClass = "Echo"}).outcome.tasks[0].id;
  EXPECT_TRUE(queue_.onAfterTaskRunUpdate(id));
  EXPECT_FALSE(queue_.onTaskRunnerTimeout(1)) << "it is alive";
  store_.tables.runners.at(1).runner.identity.processStartTicks += 1;
  EXPECT_TRUE(queue_.onTaskRunnerTimeout(1));
  EXPECT_FALSE(queue_.onTaskRunnerTimeout(1));
  EXPECT_TRUE(queue_.createTaskRun(id));
  EXPECT_FALSE(queue_.createTaskRun(id));
}

TEST_F(TaskQueueRules, ATaskIsTakenByADeclarationOfASecondAgoButNotRefusedByOne) {
  limits_.handlerCacheTime = 1s;
  TaskQueue keeping(store_.roles(), dependencies(), {}, leaseWatch_, limits_);
  const auto isTaken = [&](const char* data) {
    return keeping.addTask({.taskHandlerClass = "Strict", .taskData = data}).errors.empty();
  };
  const auto declare = [&](const char* schema) {
    const HandlerDeclaration strict{.taskHandlerClass = "Strict", .kind = "cpp", .dataSchema = schema};
    store_.runners.registerRunner({.identity = currentProcessIdentity(), .queues = {"default"}},
                                  std::span(&strict, 1));
  };
  EXPECT_TRUE(isTaken(R"({"File":1})"));
  declare(R"({"required":["Path"]})");
  EXPECT_TRUE(isTaken(R"({"File":1})"));
  now_ += 1s;
  EXPECT_FALSE(isTaken(R"({"File":1})"));
  EXPECT_TRUE(isTaken(R"({"Path":1})"));
  declare(R"({"required":["File"]})");
  EXPECT_TRUE(isTaken(R"({"File":1})")) << "what is kept refuses nothing";
}

}  // namespace
}  // namespace taskqueue
