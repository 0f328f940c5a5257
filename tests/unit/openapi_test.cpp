// The OpenAPI document: it has every route, and the answers are as it says. WebUnderTest checks each answer
// of the API in all other tests, too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "module/platform/secret.h"
#include "tests/unit/web_under_test.h"

namespace taskqueue::web::tests {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

bool isPage(const Route& route) {
  return route.access != Access::Open && route.access != Access::Api && route.access != Access::Event;
}

std::string methodOf(const Route& route) {
  std::string method = route.method;
  for (char& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return method;
}

std::string pathOf(const Route& route) {
  std::string path;
  for (const std::string& part : route.pattern) path += '/' + part;
  return path;
}

// Tokens of three kinds. The secret of each is its name.
std::string tokensFile() {
  const auto path =
      std::filesystem::temp_directory_path() / ("taskqueue-openapi-tokens-" + std::to_string(::getpid()));
  std::ofstream to(path);
  for (const auto& [name, rest] : {std::pair("enqueue", "role=enqueue"), std::pair("viewer", "role=viewer"),
                                   std::pair("scoped", "role=operator\nqueues=mail")})
    to << "[token." << name << "]\nsha256=" << platform::sha256Hex(name) << '\n' << rest << '\n';
  return path;
}

class OpenApi : public ::testing::Test {
 protected:
  ~OpenApi() override { std::filesystem::remove(tokens_); }

  void SetUp() override {
    web_.store().tables.insertRow({.taskHandlerClass = "Echo"});
    addRun(web_.store(), 1, RunStatus::Error, "code");
    web_.store().runners.registerRunner({}, {});
  }

  Request as(const Route& route, const std::string& target) {
    Request request = web_.callApi(route.method, target);
    if (route.access == Access::Event) request.authorization = "Bearer the event secret";
    return request;
  }

  const std::string tokens_ = tokensFile();
  WebUnderTest web_{[this](platform::Configuration& to) { to.web.apiTokensFile = tokens_; }};
};

TEST_F(OpenApi, TheDocumentHasEveryRouteAndNoOther) {
  const auto& paths = web_.openApi().document()["paths"];
  std::set<std::string> described;
  for (const auto& path : paths.GetObject())
    for (const auto& method : path.value.GetObject())
      described.insert(std::string(method.name.GetString()) + ' ' + path.name.GetString());
  for (const Route& route : web_.routes()) {
    if (isPage(route)) continue;
    EXPECT_EQ(described.erase(methodOf(route) + ' ' + pathOf(route)), 1U) << route.method << pathOf(route);
    ASSERT_NE(route.operation, nullptr);
    EXPECT_EQ(route.readsBody, *route.operation->body != '\0') << pathOf(route);
    bool readsQuery = false;
    for (const auto& parameter : route.operation->parameters)
      readsQuery = readsQuery || std::string(parameter.in) == "query";
    EXPECT_EQ(route.readsQuery, readsQuery) << pathOf(route);
  }
  EXPECT_THAT(described, IsEmpty());
}

TEST_F(OpenApi, TheDocumentKeepsTheRulesOfOpenApi) {
  EXPECT_THAT(web_.openApi().findFaults(), IsEmpty());
}

TEST_F(OpenApi, TheDocumentHasTheLimitsOfTheConfiguration) {
  WebUnderTest web([](platform::Configuration& to) {
    to.limits.tasksPerRequest = 7;
    to.limits.priorityLast = 3;
    to.web.basePath = "/site/queue/";
  });
  const auto& document = web.openApi().document();
  EXPECT_EQ(document["components"]["schemas"]["NewTasks"]["maxItems"].GetInt(), 7);
  EXPECT_EQ(document["components"]["schemas"]["Priority"]["maximum"].GetInt(), 3);
  EXPECT_STREQ(document["servers"][0]["url"].GetString(), "/site/queue");
}

// An unknown token, role or Id; a parameter that is not known; a body that is not read.
TEST_F(OpenApi, EveryRouteRefusesAsTheDocumentSays) {
  int tried = 0;
  const auto expect = [&](Request request, int status) {
    ++tried;
    const Response response = web_.answer(std::move(request));  // checks it against the document
    EXPECT_EQ(response.status, status) << response.body;
  };
  for (const Route& route : web_.routes()) {
    if (isPage(route)) continue;
    const std::string target = targetOf(route);
    expect(as(route, target + "?nonsense=1"), 400);
    if (route.access == Access::Open) continue;
    Request stranger = as(route, target);
    stranger.authorization = "Bearer wrong";
    expect(stranger, 401);
    if (route.access == Access::Api && route.need.role) {
      Request weak = as(route, target);
      weak.authorization = route.need.role == ApiRole::Enqueue ? "Bearer viewer" : "Bearer enqueue";
      expect(weak, 403);
    }
    if (target.find("/1") == std::string::npos || route.access == Access::Event) continue;
    Request unknown = as(route, target);
    for (std::string& part : unknown.path)
      if (part == "1") part = "none";
    if (route.readsBody) unknown.body = "{}";
    expect(unknown, 404);
  }
  EXPECT_GT(tried, 100);
}

// A request that succeeds: the rest of the address, the body, and the status.
struct Success {
  std::string rest;
  std::string body;
  int status = 200;
};

const std::map<std::string, Success>& successes() {
  static const std::string kSchedule =
      R"({"Name":"nightly","TaskHandlerClass":"Echo","CronExpression":"0 3 * * *"})";
  static const std::map<std::string, Success> all{
      {"addTasks", {"", R"([{"TaskHandlerClass":"Echo","TaskData":{"a":[1]}}])", 201}},
      {"changeTask", {"", R"({"Title":"new","TaskData":{}})"}},
      {"retryTasks", {"?LastStatus=error", "", 202}},
      {"cancelTasks", {"?Queue=default", "", 202}},
      {"limitRunners", {"", R"({"TaskRunnerLimit":2})"}},
      {"drainRunner", {"", "", 202}},
      {"stopRunner", {"", "", 202}},
      {"limitHandler", {"", R"({"MaxRunning":2})"}},
      {"addSchedule", {"", kSchedule, 201}},
      {"changeSchedule", {"", kSchedule}},
      {"onCheckTaskHandler", {"?TaskHandlerClass=Echo", ""}},
      {"onAfterTaskRunUpdate", {"?Id=1", ""}},
      {"onAfterTaskRunnerUpdate", {"?Id=1", ""}},
      {"onBeforeTaskRunCreate", {"?Id=1", ""}},
      {"onBeforeTaskCreate", {"", R"({"TaskHandlerClass":"Echo"})"}}};
  return all;
}

// Creates one row of everything that the routes answer.
void fill(WebUnderTest& web) {
  const HandlerDeclaration echo{.taskHandlerClass = "Echo", .kind = "cpp"};
  const HandlerDeclaration retry{.taskHandlerClass = "BulkRetry", .kind = "cpp"};
  const HandlerDeclaration cancel{.taskHandlerClass = "BulkCancel", .kind = "cpp"};
  const std::vector<HandlerDeclaration> handlers{echo, retry, cancel};
  web.store().runners.registerRunner({.queues = {"default"}}, handlers);
  web.store().tables.insertRow({.taskHandlerClass = "Echo"});
  addRun(web.store(), 1, RunStatus::Error, "text");
  web.store().tables.runs.at(1).files["default"] = {"text/csv", "a;b"};
  web.store().handlers.setPaused(PauseKind::Queue, "mail", true, 0);
  ASSERT_EQ(web.answer(web.callApi("POST", "api/v1/schedules", successes().at("addSchedule").body)).status,
            201);
}

TEST_F(OpenApi, EveryRouteSucceedsAsTheDocumentSays) {
  for (const Route& route : web_.routes()) {
    if (isPage(route)) continue;
    WebUnderTest web;
    fill(web);
    const std::string id = route.operation->id;
    const auto found = successes().find(id);
    Success wanted = found == successes().end() ? Success() : found->second;
    if (id == "addSchedule") wanted.body.replace(wanted.body.find("nightly"), 7, "another");
    Request request = as(route, targetOf(route) + wanted.rest);
    request.body = wanted.body;
    const Response response = web.answer(request);  // checks it against the document
    EXPECT_EQ(response.status, wanted.status) << id << ": " << response.body;
  }
}

TEST_F(OpenApi, AnAnswerThatTheDocumentDoesNotDescribeIsFound) {
  auto& checker = web_.openApi();
  const auto find = [&](int status, const std::string& body) {
    return checker.findDifference({"GET", {"healthz"}, status, "application/json", body});
  };
  EXPECT_EQ(find(200, R"({"Status":"ok"})"), "");
  EXPECT_THAT(find(200, R"({"Status":1})"), HasSubstr("string"));
  EXPECT_THAT(find(200, "{}"), HasSubstr("Status"));
  EXPECT_THAT(find(200, R"({"Status":"ok","More":1})"), HasSubstr("More"));
  EXPECT_THAT(find(418, "{}"), HasSubstr("no such status"));
  EXPECT_THAT(checker.findDifference({"GET", {"healthz"}, 200, "text/html", ""}), HasSubstr("text/html"));
}

TEST_F(OpenApi, AnyTokenAndAnySignedInReaderGetTheDocumentAndNoStrangerDoes) {
  for (const char* token : {"enqueue", "viewer", "scoped", "the api token"}) {
    Request request = web_.callApi("GET", "api/v1/openapi.json");
    request.authorization = std::string("Bearer ") + token;
    EXPECT_EQ(web_.answer(request).status, 200) << token;
  }
  Request stranger = web_.callApi("GET", "api/v1/openapi.json");
  stranger.authorization.clear();
  EXPECT_EQ(web_.answer(stranger).status, 401);
  const Response document = web_.answer(web_.get("api-reference?format=json", "viewer"));
  EXPECT_EQ(document.status, 200);
  EXPECT_EQ(document.contentType, "application/json");
  EXPECT_EQ(document.body, web_.answer(web_.callApi("GET", "api/v1/openapi.json")).body);
  EXPECT_EQ(web_.answer(web_.get("api-reference?format=json", "")).status, 403);
  EXPECT_EQ(web_.answer(web_.get("api-reference?format=xml")).status, 400);
}

TEST_F(OpenApi, ThePageShowsEveryRouteInTheReadersLanguage) {
  const Response page = web_.answer(web_.get("api-reference", "viewer"));
  ASSERT_EQ(page.status, 200);
  for (const Route& route : web_.routes()) {
    if (isPage(route)) continue;
    EXPECT_THAT(page.body, HasSubstr("<code>" + route.method + " " + pathOf(route) + "</code>"));
  }
  EXPECT_THAT(page.body, HasSubstr("$BASE_URL/api/v1/tasks/ID/cancel"));
  EXPECT_THAT(page.body, HasSubstr("?TaskHandlerClass=VALUE"));
  EXPECT_THAT(web_.answer(web_.get("api-reference?lang=de", "viewer")).body, HasSubstr("Beschreibung"));
  EXPECT_THAT(web_.answer(web_.get("", "viewer")).body, HasSubstr("href=\"/taskqueue/api-reference\""));
}

}  // namespace
}  // namespace taskqueue::web::tests
