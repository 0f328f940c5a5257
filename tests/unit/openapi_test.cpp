// The OpenAPI document: it has every route, and the answers are as it says. WebUnderTest checks each answer
// of the API in all other tests, too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
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
