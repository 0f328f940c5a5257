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
#include "module/web/pages/csv_cell.h"
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
  store.handlers.setPaused(PauseKind::Queue, text, true, 0);
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

TEST(WebPages, AnExportDefusesFormulas) {
  WebUnderTest web;
  for (const char* title : {"=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "plain \"quoted\", with comma"})
    web.store().tables.insertRow({.taskHandlerClass = "Echo", .title = title});
  const std::string csv = web.answer(web.get("tasks/export?format=csv")).body;
  EXPECT_THAT(csv, HasSubstr("\"'=cmd|' /C calc'!A0\""));
  EXPECT_THAT(csv, HasSubstr("\"'+1\""));
  EXPECT_THAT(csv, HasSubstr("\"'-1\""));
  EXPECT_THAT(csv, HasSubstr("\"'@SUM(A1)\""));
  EXPECT_THAT(csv, HasSubstr("\"plain \"\"quoted\"\", with comma\""));
  EXPECT_EQ(web.answer(web.get("tasks/export?format=xml")).status, 400);
}

TEST(WebPages, TheGuardOfAnExportIsForTextsAndNeverForNumbers) {
  WebUnderTest web;
  web.store().tables.insertRow({.taskHandlerClass = "Echo", .queuedById = -1, .title = "-1"});
  EXPECT_THAT(web.answer(web.get("tasks/export?format=csv")).body,
              AllOf(HasSubstr(",\"'-1\","), HasSubstr(",-1,")));
}

TEST(CsvText, WhatASpreadsheetTakesForAFormulaGetsAQuoteBeforeIt) {
  for (const auto& [text, cell] :
       {std::pair("＝1+1", "'＝1+1"), std::pair("＋1", "'＋1"), std::pair("－1", "'－1"),
        std::pair("＠A1", "'＠A1"), std::pair("\n=1", "'\n'=1"), std::pair("\n1", "'\n1"),
        std::pair("\t1", "'\t1"), std::pair("\r1", "'\r1"), std::pair("a;=1+1", "a;'=1+1"),
        std::pair("a; =1+1", "a; '=1+1"), std::pair("a;\"=1", "a;\"\"'=1"), std::pair("a\r\n@b", "a\r\n'@b"),
        std::pair("a\t+b", "a\t'+b"), std::pair("a, -b", "a, '-b"), std::pair("a|=1", "a|'=1"),
        std::pair("a\x1B[2J\x7F", "a␛[2J␡"), std::pair("a;\xC2\x9B=1", "a;\xEF\xBF\xBD=1"),
        std::pair(" =1", " '=1"), std::pair("\"=1\"", "\"\"'=1\"\"")}) {
    EXPECT_EQ(csvText(text), "\"" + std::string(cell) + "\"");
  }
}

// The cells of a line as a spreadsheet reads it that takes this separator; with or without quotes that count.
std::vector<std::string> cellsOf(const std::string& text, char separator, bool quotesCount) {
  std::vector<std::string> cells(1);
  bool isQuoted = false;
  for (const char c : text) {
    if (c == '"' && quotesCount) {
      isQuoted = !isQuoted;
    } else if (!isQuoted && (c == separator || c == '\n' || c == '\r')) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

TEST(WebPages, NoCellOfTheExportBeginsAFormulaWhicheverSeparatorReadsIt) {
  WebUnderTest web;
  for (const std::string before : {"", "a", "\"", "a\"", " ", "'"}) {
    for (const std::string separator :
         {"", ",", ";", "\t", "|", "\n", "\r\n", ";\"", ";\"\"", "; ", ",\" "}) {
      for (const std::string formula : {"=1+1", "+1", "-1", "@A1", "＝1", "＋1", "－1", "＠1"})
        web.store().tables.insertRow({.taskHandlerClass = "Echo", .title = before + separator + formula});
    }
  }
  const std::string file = web.answer(web.get("tasks/export")).body;
  int seen = 0;
  for (const char separator : {',', ';', '\t', '|'}) {
    for (const bool quotesCount : {true, false}) {
      for (std::string cell : cellsOf(file, separator, quotesCount)) {
        cell.erase(0, std::min(cell.find_first_not_of(" \""), cell.size()));
        for (const char* beginning : {"=", "+", "-", "@", "＝", "＋", "－", "＠"})
          EXPECT_FALSE(cell.starts_with(beginning)) << separator << quotesCount << ": " << cell;
        ++seen;
      }
    }
  }
  EXPECT_GT(seen, 10000);
}

TEST(WebPages, ShowControlBytesOfARowThatWasInsertedBySql) {
  WebUnderTest web;
  web.store().tables.insertRow({.taskHandlerClass = "Ec\x1Bho", .title = "red\x1B[31m\x7F\xC2\x9B\x07"});
  addRun(web.store(), 1, RunStatus::Error, "bell\x07\x1B]0;x\x07");
  for (const char* target : {"tasks", "tasks/1", "runs/1", "new?copy=1", "tasks/export"}) {
    const std::string page = web.answer(web.get(target)).body;
    EXPECT_EQ(page.find_first_of("\x1B\x07\x7F"), std::string::npos) << target;
    EXPECT_EQ(page.find("\xC2\x9B"), std::string::npos) << target;
    EXPECT_THAT(page, HasSubstr("red␛[31m␡\xEF\xBF\xBD␇")) << target;
  }
}

TEST(CsvText, OtherTextsAreAsTheyAre) {
  for (const char* text : {"", "a=b", "1-2", "a, b", "x@y.example", "a;b", "two\nlines"})
    EXPECT_EQ(csvText(text), "\"" + std::string(text) + "\"");
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

TEST(WebPages, ATaskMadeByAFormHasItsDataAndIsRecorded) {
  WebUnderTest web;
  const HandlerDeclaration handler{
      .taskHandlerClass = "Echo",
      .kind = "cpp",
      .dataSchema = R"({"type":"object","properties":{"message":{"type":"string"},"sleep":{"type":"integer"},
        "loud":{"type":"boolean"},"list":{"type":"array"}}})"};
  web.store().runners.registerRunner({.queues = {"default"}}, std::span(&handler, 1));
  const Response response = web.answer(
      web.post("new", "TaskHandlerClass=Echo&m.message=1%2B1+%26+2&m.sleep=3&m.loud=true&m.list=%5B1%5D"));
  ASSERT_EQ(response.status, 303) << response.body;
  const auto& row = web.store().tables.tasks.at(1).task;
  EXPECT_EQ(row.taskData, R"({"message":"1+1 & 2","sleep":3,"loud":true,"list":[1]})");
  const auto audit = web.store().audit.auditOfTask(1, 10);
  ASSERT_EQ(audit.size(), 1U);
  EXPECT_EQ(audit[0].by.name, "ada");
  EXPECT_EQ(audit[0].action, "enqueue");
  EXPECT_EQ(web.answer(web.post("new", "TaskHandlerClass=Nope&raw=1&TaskData=%7B%7D")).status, 422);
  EXPECT_EQ(web.answer(web.post("new", "TaskHandlerClass=Echo&Priority=x")).status, 422);
}

TEST(WebPages, ATextThatMayBeLongHasRoomAndKeepsItsLines) {
  WebUnderTest web;
  const HandlerDeclaration handler{
      .taskHandlerClass = "Letter",
      .kind = "cpp",
      .dataSchema = R"({"type":"object","properties":{"text":{"type":"string","maxLength":10000},)"
                    R"("to":{"type":"string","maxLength":1000}}})"};
  web.store().runners.registerRunner({.queues = {"default"}}, std::span(&handler, 1));
  const std::string form = web.answer(web.get("new?handler=Letter")).body;
  EXPECT_THAT(form, HasSubstr("<textarea id=\"m-text\" name=\"m.text\" rows=\"3\">"));
  EXPECT_THAT(form, HasSubstr("<input id=\"m-to\" name=\"m.to\""));
  ASSERT_EQ(web.answer(web.post("new", "TaskHandlerClass=Letter&m.text=a%0D%0Ab&m.to=c")).status, 303);
  EXPECT_EQ(web.store().tables.tasks.at(1).task.taskData, R"({"text":"a\nb","to":"c"})");
}

TEST(WebPages, WhoIsToldIsAskedForAndShownWithoutTheSecretPartOfAnAddress) {
  WebUnderTest web;
  const std::vector<HandlerDeclaration> handlers{{.taskHandlerClass = "Echo", .kind = "cpp"},
                                                 {.taskHandlerClass = kWebhookHandler, .kind = "cpp"}};
  web.store().runners.registerRunner({.queues = {"default"}}, handlers);
  const std::string fields = "TaskHandlerClass=Echo&raw=1&TaskData=%7B%7D&NotifyOn=failure&NotifyTo=";
  const Response refused = web.answer(web.post("new", fields + "nonsense"));
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr(R"(<option value="failure" selected>)"));
  EXPECT_THAT(refused.body, HasSubstr(R"(value="nonsense")"));
  ASSERT_EQ(web.answer(web.post("new", fields + "https%3A%2F%2Fchat.example%2Fs3cret")).status, 303);
  EXPECT_EQ(web.store().tasks.findNotification(1).to, "https://chat.example/s3cret");
  EXPECT_EQ(web.store().tasks.findNotification(1).language, "en");
  const std::string waits = web.answer(web.get("tasks/1")).body;
  EXPECT_THAT(waits, HasSubstr("https://chat.example/…, when it fails for good or is cancelled"));
  EXPECT_THAT(waits, Not(HasSubstr("s3cret")));
  web.store().tasks.cancelTask(1);
  EXPECT_THAT(web.answer(web.get("tasks/1")).body, HasSubstr(R"(tasks/2">message</a>)"));
}

TEST(WebPages, ACopyTellsWhomItsOriginalTold) {
  WebUnderTest web;
  const std::vector<HandlerDeclaration> handlers{{.taskHandlerClass = "Echo", .kind = "cpp"},
                                                 {.taskHandlerClass = kMailHandler, .kind = "cpp"},
                                                 {.taskHandlerClass = kWebhookHandler, .kind = "cpp"}};
  web.store().runners.registerRunner({.queues = {"default"}}, handlers);
  const std::vector<NewTask> told{
      {.taskHandlerClass = "Echo",
       .notifyOn = NotifyOn::Failure,
       .notifyTo = "https://chat.example/s3cret",
       .notifyLanguage = "de"},
      {.taskHandlerClass = "Echo", .queuedById = 17, .notifyOn = NotifyOn::Both, .notifyLanguage = "ru"}};
  const auto originals = web.store().tasks.insertTasks(told, std::nullopt).tasks;
  const int hook = originals.at(0).id;
  const int user = originals.at(1).id;
  const auto formOf = [&](int id) { return web.answer(web.get("new?copy=" + std::to_string(id))).body; };
  const auto copyOf = [&](int id, const std::string& fields) {
    EXPECT_EQ(web.answer(web.post("new", "TaskHandlerClass=Echo&raw=1&TaskData=%7B%7D&copy=" +
                                             std::to_string(id) + fields))
                  .status,
              303)
        << fields;
    const int copy = web.store().tables.tasks.rbegin()->first;
    EXPECT_GT(copy, id);
    return copy;
  };
  EXPECT_THAT(formOf(hook), AllOf(HasSubstr(R"(<option value="failure" selected>)"),
                                  HasSubstr(R"(value="https://chat.example/…")"), Not(HasSubstr("s3cret"))));
  const std::string sameHook = "&NotifyOn=both&NotifyTo=https%3A%2F%2Fchat.example%2F%E2%80%A6";
  TaskNotification tells = web.store().tasks.findNotification(copyOf(hook, sameHook));
  EXPECT_EQ(tells.on, NotifyOn::Both);
  EXPECT_EQ(tells.to, "https://chat.example/s3cret");
  EXPECT_EQ(tells.language, "de");
  tells = web.store().tasks.findNotification(copyOf(hook, "&NotifyOn=failure&NotifyTo=ada%40example.com"));
  EXPECT_EQ(tells.to, "ada@example.com");
  EXPECT_EQ(tells.language, "en");
  EXPECT_EQ(web.store().tasks.findNotification(copyOf(hook, "&NotifyOn=never&NotifyTo=")).to, std::nullopt);

  EXPECT_THAT(formOf(user), HasSubstr(R"(placeholder="user 17")"));
  const int copy = copyOf(user, "&NotifyOn=both&NotifyTo=");
  EXPECT_EQ(web.store().tables.tasks.at(copy).task.queuedById, 17);
  EXPECT_EQ(web.store().tasks.findNotification(copy).language, "ru");
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
