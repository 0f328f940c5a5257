// Page contents: external texts never become elements, secrets are never shown, and every language is
// complete.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "module/queue/limits.h"
#include "module/queue/notification.h"
#include "module/web/form.h"
#include "tests/unit/web_under_test.h"
#include "tests/unit/xss_payloads.h"

namespace taskqueue::web::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Returns a page's elements with their attribute names, in order. No text may change them.
std::string shapeOf(const std::string& html) {
  static const std::regex tag(R"(<(/?[a-zA-Z!][^\s>]*)((?:\s+[^\s=>]+(?:=(?:"[^"]*"|[^\s>"]+))?)*)\s*>)");
  static const std::regex attribute(R"(([^\s=>]+)(?:=(?:"[^"]*"|[^\s>"]+))?)");
  std::string shape;
  for (std::sregex_iterator at(html.begin(), html.end(), tag); at != std::sregex_iterator(); ++at) {
    shape += "<" + (*at)[1].str();
    const std::string attributes = (*at)[2].str();
    for (std::sregex_iterator one(attributes.begin(), attributes.end(), attribute);
         one != std::sregex_iterator(); ++one) {
      shape += " " + (*one)[1].str();
    }
  }
  return shape + "; other <: " + std::to_string(std::count(html.begin(), html.end(), '<'));
}

// Returns where the two differ, or an empty text.
std::string difference(const std::string& shape, const std::string& expected) {
  if (shape == expected) return "";
  const auto [at, other] = std::mismatch(shape.begin(), shape.end(), expected.begin(), expected.end());
  const auto from = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, at - shape.begin() - 100));
  return shape.substr(from, 200) + " instead of " + expected.substr(from, 200);
}

constexpr const char* kPages[] = {
    "",
    "tasks",
    "tasks/1",
    "tasks/2",
    "tasks/3",
    "runs/1",
    "runs/2",
    "queues",
    "handlers",
    "runners",
    "schedules",
    "health",
    "activity",
    "api-reference",
    "new",
    "new?copy=1",
    "tasks?q=nothing-has-this",
    "errors",
    "errors?span=year&state=new",
    "tasks?c_Error=1&c_StartedOn=1&c_FinishedOn=1&c_Took=1&c_Progress=1&c_Attempts=1",
    "tasks?c_UniqueKey=1&c_Queue=1&c_Title=1&c_TaskHandlerClass=1"};

// Creates one row of everything, with this text in every text column.
void fill(WebUnderTest& web, const std::string& text) {
  auto& store = web.store();
  store.audit.actAs({text, text});
  std::string quoted;
  for (const char c : text) quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  // No class has a separator of lines.
  const std::string handlerClass = isHandlerClass(text) ? text : "plain text";
  for (const RunStatus status : {RunStatus::Error, RunStatus::Running, RunStatus::Scheduled}) {
    Task task;
    task.taskHandlerClass = handlerClass;
    task.taskData = "{\"key\":\"" + quoted + "\",\"" + quoted + "\":[1,{}]}";
    task.title = text;
    task.queue = text;
    task.uniqueKey = text;
    task.concurrencyKey = text;
    task.parkedReason = status == RunStatus::Scheduled ? text : "";
    task.queuedOn = store.clock.now();
    const int id = store.tables.insertRow(task);
    store.tables.tasks.at(id).task.lastStatus = status;
    store.tables.tasks.at(id).notify = {.on = NotifyOn::Both, .to = text, .language = text, .taskId = 1};
    if (status != RunStatus::Scheduled) addRun(store, id, status, text);
    if (status == RunStatus::Error) store.tables.runs.rbegin()->second.run.results = "[\"" + quoted + "\"]";
  }
  NewRunner runner;
  runner.identity.hostName = text;
  runner.version = text;
  runner.queues = {"default"};
  const HandlerDeclaration handler{.taskHandlerClass = handlerClass,
                                   .kind = text,
                                   .dataSchema = "{\"properties\":{\"" + quoted +
                                                 "\":{\"type\":\"string\",\"title\":\"" + quoted +
                                                 "\",\"description\":\"" + quoted + "\"}}}"};
  store.runners.registerRunner(runner, std::span(&handler, 1));
  store.tables.runners.rbegin()->second.runner.problems = {{text, text}};
  const PauseTerms terms{.reason = text, .pausedUntil = store.clock.now() + 3600};
  store.handlers.setPaused(PauseKind::Queue, text, true, 0, terms);
  store.handlers.setPaused(PauseKind::All, "", true, 0, terms);
  store.tasks.cancelTask(2);
  store.tables.advance(std::chrono::seconds(200));
  store.statistics.rollUpMinutes(10);
}

TEST(WebPages, NoTextFromOutsideBecomesAnElement) {
  ASSERT_GE(std::size(kXssPayloads), 60U);
  WebUnderTest plain;
  fill(plain, "plain text");  // like the payloads, this is no valid queue name
  std::map<std::string, std::string> expected;
  for (const char* target : kPages) {
    const Response response = plain.answer(plain.get(target));
    ASSERT_EQ(response.status, 200) << target;
    expected[target] = shapeOf(response.body);
  }
  const auto handlerPage = [](WebUnderTest& web, const std::string& text) {
    return shapeOf(web.answer(web.get("handlers/" + percentEncoded(text))).body);
  };
  const std::string expectedHandler = handlerPage(plain, "plain text");
  for (const char* payload : kXssPayloads) {
    WebUnderTest web;
    fill(web, payload);
    for (const char* target : kPages) {
      const Response response = web.answer(web.get(target));
      EXPECT_EQ(difference(shapeOf(response.body), expected.at(target)), "") << target << " with " << payload;
    }
    if (isHandlerClass(payload)) {
      EXPECT_EQ(difference(handlerPage(web, payload), expectedHandler), "") << payload;
    }
    Request live = web.get("tasks/1?live=1");
    EXPECT_EQ(web.answer(live).status, 200);
  }
}

TEST(WebPages, AnAddressDoesNotBecomeAnElementEither) {
  WebUnderTest web;
  const std::string expected = shapeOf(web.answer(web.get("tasks?q=plain&Queue=plain&ErrorCode=plain")).body);
  for (const char* payload : kXssPayloads) {
    Request request = web.get("tasks");
    request.query = {{"q", payload}, {"Queue", payload}, {"ErrorCode", payload}};
    EXPECT_EQ(shapeOf(web.answer(request).body), expected) << payload;
    request.query = {{payload, payload}};
    EXPECT_THAT(web.answer(request).body, Not(HasSubstr("<script>alert")));
  }
}

TEST(WebPages, SensitiveMembersAreMaskedWhereverTheyStand) {
  WebUnderTest web;
  web.store().tables.insertRow(
      {.taskHandlerClass = "Mail",
       .taskData = R"({"a":[{"Password":"hunter2"}],"recipient":"ada@example","subject":"seen"})"});
  web.store().tables.insertRow({.taskHandlerClass = "Other", .taskData = R"({"recipient":"grace@example"})"});
  addRun(web.store(), 1, RunStatus::Success, "");
  web.store().tables.runs.at(1).run.results =
      R"({"recipient":"ada@example","seen":"seen","token":{"password":"hunter2"}})";
  for (const char* target : {"tasks/1", "new?copy=1", "runs/1"}) {
    const std::string page = web.answer(web.get(target)).body;
    EXPECT_THAT(page, HasSubstr("seen"));
    EXPECT_THAT(page, Not(HasSubstr("hunter2")));
    EXPECT_THAT(page, Not(HasSubstr("ada@example")));
  }
  EXPECT_THAT(web.answer(web.get("tasks/2")).body, HasSubstr("grace@example"));
}

TEST(WebPages, EveryLanguageHasEveryTextAndItsOwnPlurals) {
  WebUnderTest web;
  EXPECT_THAT(web.templates().languages(), ::testing::ElementsAre("de", "en", "ru"));
  const Texts russian = web.templates().texts("ru");
  EXPECT_EQ(russian.plural("%1 task on this page", "%1 tasks on this page", 1), "1 задача на этой странице");
  EXPECT_EQ(russian.plural("%1 task on this page", "%1 tasks on this page", 3), "3 задачи на этой странице");
  EXPECT_EQ(russian.plural("%1 task on this page", "%1 tasks on this page", 11), "11 задач на этой странице");
  EXPECT_EQ(russian.plural("%1 task on this page", "%1 tasks on this page", 1221),
            "1\u00a0221 задача на этой странице");
  Request request = web.get("tasks");
  request.acceptLanguage = "fr;q=0.9, de-CH, en;q=0.5";
  EXPECT_THAT(web.answer(request).body, HasSubstr("<html lang=\"de\""));
  request.cookies = "a=b; taskqueue_lang=ru";
  EXPECT_THAT(web.answer(request).body, HasSubstr("Задачи"));
  request = web.get("tasks?lang=xx&theme=none");
  EXPECT_THAT(web.answer(request).body, HasSubstr("<html lang=\"en\" data-theme=\"auto\""));
}

// A template without markup, variables and translated texts has no words left.
TEST(WebPages, NoWordOfATemplateIsOutsideTheCatalogues) {
  static const std::regex translated(R"(\{\{#t\}\}[^]*?\{\{/t\}\})");
  static const std::regex lines(R"(<(pre class="copy"|kbd)>[^<]*</(pre|kbd)>)");
  static const std::regex variables(R"(\{\{[^}]*\}\}\}?)");
  static const std::regex attributes(R"re((title|aria-label|placeholder|alt|label)="[^"]*[a-zA-Z][^"]*")re");
  static const std::regex tags("<[^>]*>");
  static const std::regex known("CSV|JSON|UTC|default|javascript");
  static const std::regex word("[a-zA-Z]{2,}");
  int read = 0;
  for (const auto& file : std::filesystem::directory_iterator(TASKQUEUE_SOURCE_DIRECTORY "/templates")) {
    if (file.path().extension() != ".html") continue;
    ++read;
    std::ifstream in(file.path());
    std::string text{std::istreambuf_iterator<char>(in), {}};
    for (const auto& pattern : {translated, lines, variables, known})
      text = std::regex_replace(text, pattern, "");
    std::smatch found;
    EXPECT_FALSE(std::regex_search(text, found, attributes)) << file.path() << ": " << found.str();
    text = std::regex_replace(text, tags, "");
    EXPECT_FALSE(std::regex_search(text, found, word)) << file.path() << ": " << found.str();
  }
  EXPECT_GE(read, 15);
}

TEST(WebPages, AFailedRunBeforeARetryIsNotCountedSilently) {
  WebUnderTest web;
  Task task;
  task.taskHandlerClass = "Echo";
  task.lastStatus = RunStatus::Error;
  task.taskRunsFailed = 1;
  task.maxRetries = 1;
  const int id = web.store().tables.insertRow(task);
  addRun(web.store(), id, RunStatus::Error, "boom");
  EXPECT_THAT(web.answer(web.get("tasks/" + std::to_string(id))).body, HasSubstr("<dd>1 of 1</dd>"));
  addRun(web.store(), id, RunStatus::Error, "boom");
  EXPECT_THAT(web.answer(web.get("tasks/" + std::to_string(id))).body,
              HasSubstr("1 of 1 since the last retry or success"));
}

TEST(WebPages, ALivePageIsAnsweredOnlyWhenItChanged) {
  WebUnderTest web;
  const Response first = web.answer(web.get("tasks?live=1"));
  EXPECT_THAT(first.body, Not(HasSubstr("<html")));
  std::string version;
  for (const auto& [name, value] : first.headers) version = name == "ETag" ? value : version;
  ASSERT_FALSE(version.empty());
  Request again = web.get("tasks?live=1");
  again.ifNoneMatch = version;
  const Response second = web.answer(again);
  EXPECT_EQ(second.status, 304);
  EXPECT_EQ(second.body, "");
}

TEST(WebPages, TheListIsPagedInBothDirections) {
  WebUnderTest web;
  for (int i = 0; i < 25; ++i) web.store().tables.insertRow({.taskHandlerClass = "Echo"});
  const std::string first = web.answer(web.get("tasks?limit=10")).body;
  EXPECT_THAT(first, HasSubstr("data-key=\"25\""));
  EXPECT_THAT(first, HasSubstr("after=16.16"));
  const std::string second = web.answer(web.get("tasks?limit=10&after=16.16")).body;
  EXPECT_THAT(second, HasSubstr("data-key=\"15\""));
  EXPECT_THAT(second, HasSubstr("before=15.15"));
  const std::string back = web.answer(web.get("tasks?limit=10&before=15.15")).body;
  EXPECT_THAT(back, HasSubstr("data-key=\"25\""));
  EXPECT_THAT(back, Not(HasSubstr("data-key=\"15\"")));
  EXPECT_EQ(web.answer(web.get("tasks?after=x")).status, 400);
  EXPECT_EQ(web.answer(web.get("tasks?sort=Title")).status, 400);
  EXPECT_EQ(web.answer(web.get("tasks?limit=501")).status, 400);
}

TEST(WebPages, AQueueThatNoRunnerServesIsNotShownAsWorking) {
  WebUnderTest web;
  web.store().runners.registerRunner({.queues = {"served"}}, {});
  EXPECT_THAT(web.answer(web.get("queues")).body, AllOf(HasSubstr("working"), Not(HasSubstr("no runner"))));
  web.store().tables.insertRow({.queue = "forgotten"});
  EXPECT_THAT(web.answer(web.get("queues")).body, HasSubstr("no runner"));
}

TEST(WebPages, WithoutARunnerEachWayToStartOneIsNamed) {
  WebUnderTest web;
  web.store().tasks.insertTasks(std::vector<NewTask>{{.taskHandlerClass = "Echo"}}, std::nullopt);
  for (const char* path : {"health", "tasks/1", "handlers", "new"}) {
    const std::string page = web.answer(web.get(path)).body;
    for (const char* line : {"With supervisord:", "supervisorctl start task-runner:*", "With systemd:",
                             "systemctl start task-runner@1", "With cron:", "event task-runner:OnProcess"}) {
      EXPECT_THAT(page, HasSubstr(line)) << path;
    }
  }
  Request inGerman = web.get("health");
  inGerman.acceptLanguage = "de";
  EXPECT_THAT(web.answer(inGerman).body, HasSubstr("Mit systemd:"));
}

TEST(WebPages, HealthOverviewApiAndMetricsTellOfTheSameTroubles) {
  WebUnderTest web;
  web.store().tables.runnerLimit = 1;
  web.store().runners.registerRunner({.queues = {"default"}}, {});
  web.configuration().health.freeMegabytes = 0;
  EXPECT_THAT(web.answer(web.get("")).body, HasSubstr("All checks passed"));
  web.store().audit.actAs({"ada <b>", "pages"});
  web.store().handlers.setPaused(PauseKind::Queue, "slow", true, 17);
  EXPECT_THAT(web.answer(web.get("")).body, HasSubstr("1 problem</span>"));
  EXPECT_THAT(web.answer(web.get("health")).body,
              AllOf(HasSubstr("The queue slow was paused by ada &lt;b&gt;; waiting tasks: 0."),
                    HasSubstr("taskqueue resume queue slow"), HasSubstr("2023-11-14 22:13:20 UTC")));
  Request inRussian = web.get("health");
  inRussian.acceptLanguage = "ru";
  EXPECT_THAT(web.answer(inRussian).body,
              HasSubstr("Очередь slow приостановлена (ada &lt;b&gt;); ждут задач: 0."));
  const auto ofApi = [&](const std::string& path) {
    Request request = web.get(path);
    request.authorization = "Bearer the api token";
    return web.answer(request).body;
  };
  EXPECT_THAT(ofApi("api/v1/health"),
              AllOf(HasSubstr(R"({"Status":"warning","Checks":[)"),
                    HasSubstr(R"("Name":"pauses","Status":"warning","Subject":"slow","Since":1700000000,)"
                              R"("Count":0,"Text":"The queue slow was paused by ada <b>; waiting tasks: 0.",)"
                              R"("Fix":"taskqueue resume queue slow")")));
  EXPECT_THAT(ofApi("metrics"),
              AllOf(HasSubstr("taskqueue_health{check=\"pauses\"} 1\n"),
                    HasSubstr("taskqueue_health{check=\"waiting tasks\"} 0\n"),
                    HasSubstr("taskqueue_health_count{check=\"pauses\",subject=\"slow\"} 0\n"),
                    HasSubstr("taskqueue_health_age_seconds{check=\"pauses\",subject=\"slow\"} 0\n")));
}

TEST(WebPages, ANameInALineForTheShellIsOneWord) {
  EXPECT_EQ(health::quoteForShell("slow-1.x"), "slow-1.x");
  EXPECT_EQ(health::quoteForShell("App\\Tasks\\X"), "'App\\Tasks\\X'");
  EXPECT_EQ(health::quoteForShell("it's; rm"), "'it'\\''s; rm'");
  EXPECT_EQ(health::quoteForShell(""), "''");
}

TEST(WebPages, ARunnerHasItsButtonsUntilItWasAsked) {
  WebUnderTest web;
  web.store().runners.registerRunner({}, {});
  const auto page = [&](const std::string& role) { return web.answer(web.get("runners", role)).body; };
  EXPECT_THAT(page("operator"), Not(HasSubstr("runners/1/")));
  EXPECT_THAT(page("admin"), AllOf(HasSubstr("runners/1/drain"), HasSubstr("runners/1/stop")));
  EXPECT_EQ(web.answer(web.post("runners/1/drain")).status, 303);
  EXPECT_THAT(page("admin"), AllOf(Not(HasSubstr("runners/1/drain")), HasSubstr("runners/1/stop"),
                                   HasSubstr(R"(data-status="draining")")));
  EXPECT_EQ(web.answer(web.post("runners/1/stop")).status, 303);
  EXPECT_THAT(page("admin"), AllOf(Not(HasSubstr("runners/1/")), HasSubstr(R"(data-status="stopping")")));
  EXPECT_EQ(web.store().audit.findAudit(1).at(0).by.name, web.post("").user);
  EXPECT_EQ(web.answer(web.post("runners/4711/stop")).status, 409);
}

TEST(WebPages, ABulkActionIsAskedAboutFirst) {
  WebUnderTest web;
  const HandlerDeclaration handler{.taskHandlerClass = "BulkRetry", .kind = "cpp"};
  web.store().runners.registerRunner({.queues = {"default"}}, std::span(&handler, 1));
  for (int i = 0; i < 3; ++i) {
    const int id = web.store().tables.insertRow({.taskHandlerClass = "Echo"});
    web.store().tables.tasks.at(id).task.lastStatus = RunStatus::Error;
    web.store().tables.tasks.at(id).task.nextRunOn.reset();
  }
  const std::string form = "action=retry-all&filter=State%3Dfailed%26TaskHandlerClass%3DEcho";
  const Response question = web.answer(web.post("tasks/bulk", form));
  EXPECT_EQ(question.status, 200);
  EXPECT_THAT(question.body, HasSubstr("3 of 3 tasks can be retried."));
  EXPECT_EQ(web.store().tables.tasks.size(), 3U);
  EXPECT_EQ(web.answer(web.post("tasks/bulk", form + "&confirmed=1")).status, 303);
  EXPECT_EQ(web.store().tables.tasks.at(4).task.taskData, R"({"State":"failed","TaskHandlerClass":"Echo"})");
  EXPECT_EQ(web.answer(web.post("tasks/bulk", "action=retry&task=1&task=3&confirmed=1")).status, 303);
  EXPECT_EQ(web.store().tables.tasks.at(5).task.taskData, R"({"Ids":[1,3]})");
  EXPECT_EQ(web.answer(web.post("tasks/bulk", "action=retry")).status, 422);
  EXPECT_EQ(web.answer(web.post("tasks/bulk", "action=erase&task=1")).status, 400);
}

}  // namespace
}  // namespace taskqueue::web::tests
