// API tokens have a name, a role and a scope. The tests cover the token that each route requires, the name in
// the audit, and the time until a removed token stops working.
#include "module/web/api_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "module/platform/secret.h"
#include "module/platform/settings_file.h"
#include "tests/unit/web_under_test.h"

namespace taskqueue::web::tests {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string section(const std::string& name, const std::string& rest) {
  return "[token." + name + "]\nsha256=" + platform::sha256Hex("secret of " + name) + "\n" + rest + "\n";
}

// A token file that the destructor removes.
class TokensFile {
 public:
  explicit TokensFile(const std::string& text) { write(text); }
  ~TokensFile() { std::filesystem::remove(path_); }
  TokensFile(const TokensFile&) = delete;
  TokensFile& operator=(const TokensFile&) = delete;

  void write(const std::string& text) { std::ofstream(path_) << text; }
  const std::string& path() const { return path_; }

 private:
  std::string path_ =
      std::filesystem::temp_directory_path() / ("taskqueue-tokens-" + std::to_string(::getpid()));
};

std::string complaintAbout(const std::string& text) {
  const TokensFile file(text);
  try {
    readApiTokens(file.path());
  } catch (const platform::ConfigurationError& error) {
    return error.what();
  }
  return "";
}

TEST(ApiTokens, HaveANameARoleAndAScope) {
  const TokensFile file(section("ci", "role=enqueue\nqueues=default mail") + section("ops", "role=operator"));
  const auto tokens = readApiTokens(file.path());
  ASSERT_EQ(tokens.size(), 2U);
  EXPECT_EQ(tokens[0].name, "ci");
  EXPECT_THAT(tokens[0].queues, ::testing::ElementsAre("default", "mail"));
  EXPECT_FALSE(tokens[0].may(ApiRole::View));
  EXPECT_TRUE(tokens[1].may(ApiRole::Enqueue));
  EXPECT_FALSE(tokens[1].may(ApiRole::Administer));
}

TEST(ApiTokens, WrongFilesAreRefusedByTheirFault) {
  EXPECT_THAT(complaintAbout("[token.ci]\nsha256=hunter2\nrole=viewer\n"),
              HasSubstr("64 hexadecimal digits"));
  EXPECT_THAT(complaintAbout(section("ci", "role=root")),
              HasSubstr("must be enqueue, viewer, operator or admin"));
  EXPECT_THAT(complaintAbout(section("ci", "")), HasSubstr("must be enqueue, viewer, operator or admin"));
  EXPECT_THAT(complaintAbout(section("ci", "role=viewer\nqueue=x")), HasSubstr("queue"));
  EXPECT_THAT(complaintAbout(section("ci", "role=viewer").substr(0, 11) + "role=viewer\n"),
              HasSubstr("sha256"));
}

TEST(ApiTokens, ATokenThatWasTakenAwayStopsAndABrokenFileOpensNothing) {
  TokensFile file(section("ci", "role=viewer") + section("ops", "role=admin"));
  platform::WebConfiguration configuration;
  configuration.apiTokensFile = file.path();
  const ApiTokens tokens(configuration, std::chrono::seconds(0));
  ASSERT_TRUE(tokens.find("secret of ci"));
  EXPECT_FALSE(tokens.find("secret of nobody"));
  EXPECT_FALSE(tokens.find(""));
  file.write(section("ops", "role=viewer"));
  EXPECT_FALSE(tokens.find("secret of ci"));
  EXPECT_FALSE(tokens.find("secret of ops")->may(ApiRole::Operate)) << "a role that was lowered";
  file.write(section("ops", "role=wrong"));
  EXPECT_FALSE(tokens.find("secret of ops"));
  // The same size and time of its content do not hide a change.
  file.write(section("ops", "role=viewer"));
  ASSERT_TRUE(tokens.find("secret of ops"));
  const auto time = std::filesystem::last_write_time(file.path());
  std::string other = section("ops", "role=viewer");
  std::swap(other[20], other[21]);
  other[20] = other[20] == 'a' ? 'b' : 'a';
  file.write(other);
  std::filesystem::last_write_time(file.path(), time);
  EXPECT_FALSE(tokens.find("secret of ops"));
  std::filesystem::remove(file.path());
  EXPECT_FALSE(tokens.find("secret of ops"));
  EXPECT_LE(kTokensKept, std::chrono::minutes(1));
}

class ApiTokenTest : public ::testing::Test {
 protected:
  ApiTokenTest()
      : file_(section("enqueuer", "role=enqueue") + section("viewer", "role=viewer") +
              section("operator", "role=operator") + section("admin", "role=admin") +
              section("mailer", "role=enqueue\nqueues=mail") +
              section("echoer", "role=operator\nhandlers=Echo") +
              section("mailops", "role=operator\nqueues=mail")),
        web_([this](platform::Configuration& to) { to.web.apiTokensFile = file_.path(); }) {
    web_.store().tables.insertRow({.taskHandlerClass = "Echo"});
    web_.store().tables.insertRow({.taskHandlerClass = "Noop"});
    addRun(web_.store(), 1, RunStatus::Success, "text");
    addRun(web_.store(), 2, RunStatus::Success, "text");
    std::vector<HandlerDeclaration> handlers;
    for (const char* name : {"Echo", "Noop", "BulkRetry", "BulkCancel", "CmsEvent"})
      handlers.push_back({.taskHandlerClass = name, .kind = "cpp"});
    web_.store().runners.registerRunner({.queues = {"default", "mail"}}, handlers);
  }

  int call(const std::string& token, const std::string& method, const std::string& target,
           const std::string& body = "") {
    return answer(token, method, target, body).status;
  }

  Response answer(const std::string& token, const std::string& method, const std::string& target,
                  const std::string& body = "") {
    Request request = web_.callApi(method, target, body);
    request.authorization = "Bearer secret of " + token;
    return web_.answer(request);
  }

  TokensFile file_;
  WebUnderTest web_;
};

TEST_F(ApiTokenTest, EachRouteIsClosedToLowerRolesAndToScopesThatItIsNotAbout) {
  const std::map<std::string, ApiRole> roles{{"enqueuer", ApiRole::Enqueue},
                                             {"viewer", ApiRole::View},
                                             {"operator", ApiRole::Operate},
                                             {"admin", ApiRole::Administer}};
  int tried = 0;
  for (const Route& route : web_.routes()) {
    if (route.access != Access::Api) continue;
    std::string target;
    for (const std::string& part : route.pattern)
      target += (target.empty() ? "" : "/") + (part == "{Id}" ? "1" : part == "{Name}" ? "default" : part);
    const bool reads = route.method == "GET";
    for (const auto& [name, role] : roles) {
      const bool may = !route.need.role || role == ApiRole::Administer || route.need.role == role ||
                       (role == ApiRole::Operate && route.need.role != ApiRole::Administer);
      const int status = call(name, route.method, target, reads ? "" : "{}");
      EXPECT_EQ(status != 403, may) << name << " " << target;
      ++tried;
    }
    if (route.need.scope == ApiScope::Whole) {
      EXPECT_EQ(call("echoer", route.method, target), 403) << target;
      EXPECT_EQ(call("mailops", route.method, target), 403) << target;
    }
    EXPECT_EQ(route.need.role.value_or(ApiRole::View) == ApiRole::View, reads) << target;
  }
  EXPECT_GE(tried, 100);
}

TEST_F(ApiTokenTest, AScopeHoldsForTasksRunsListsQueuesAndHandlers) {
  EXPECT_EQ(call("echoer", "GET", "api/v1/tasks/1"), 200);
  EXPECT_EQ(call("echoer", "GET", "api/v1/tasks/2"), 403);
  EXPECT_EQ(call("mailops", "GET", "api/v1/tasks/1"), 403) << "it is in the queue default";
  EXPECT_EQ(call("echoer", "GET", "api/v1/runs/1"), 200);
  EXPECT_EQ(call("echoer", "GET", "api/v1/runs/2/output"), 403);
  EXPECT_EQ(call("echoer", "POST", "api/v1/tasks/2/cancel"), 403);
  EXPECT_NE(call("echoer", "POST", "api/v1/tasks/1/cancel"), 403);
  EXPECT_EQ(call("echoer", "GET", "api/v1/tasks"), 403);
  EXPECT_EQ(call("echoer", "GET", "api/v1/tasks?TaskHandlerClass=Noop"), 403);
  EXPECT_EQ(call("echoer", "GET", "api/v1/tasks?TaskHandlerClass=Echo"), 200);
  EXPECT_EQ(call("echoer", "POST", "api/v1/tasks/cancel?LastStatus=scheduled"), 403);
  EXPECT_EQ(call("echoer", "POST", "api/v1/handlers/Noop/pause"), 403);
  EXPECT_EQ(call("echoer", "POST", "api/v1/handlers/Echo/pause"), 200);
  EXPECT_EQ(call("echoer", "POST", "api/v1/queues/default/pause"), 403);
  EXPECT_EQ(call("mailops", "POST", "api/v1/queues/mail/pause"), 200);
  EXPECT_EQ(call("mailops", "POST", "api/v1/handlers/Echo/pause"), 403);
  EXPECT_EQ(call("echoer", "GET", "api/v1/tasks/999"), 403);
}

TEST_F(ApiTokenTest, AScopeOfAQueueHoldsForEachNewTask) {
  const auto add = [&](const std::string& token, const std::string& body) {
    return call(token, "POST", "api/v1/tasks", body);
  };
  EXPECT_EQ(add("mailer", R"({"TaskHandlerClass":"Echo","Queue":"mail"})"), 201);
  EXPECT_EQ(add("mailer", R"({"TaskHandlerClass":"Echo","Queue":"default"})"), 403);
  EXPECT_EQ(add("mailer", R"({"TaskHandlerClass":"Echo"})"), 403)
      << "the handler may have a queue of its own";
  const auto before = web_.store().tables.tasks.size();
  EXPECT_EQ(add("mailer", R"([{"TaskHandlerClass":"Echo","Queue":"mail"},{"TaskHandlerClass":"Echo"}])"),
            403);
  EXPECT_EQ(
      add("mailer", R"({"TaskHandlerClass":"Echo","Queue":"mail","UniqueKey":"k","UniqueMode":"replace"})"),
      403);
  EXPECT_EQ(add("echoer", R"({"TaskHandlerClass":"Noop"})"), 403);
  EXPECT_EQ(add("echoer", R"({"TaskHandlerClass":"BulkCancel","TaskData":{"LastStatus":"scheduled"}})"), 403);
  EXPECT_EQ(add("enqueuer", R"({"TaskHandlerClass":"BulkCancel","TaskData":{"LastStatus":"scheduled"}})"),
            403);
  EXPECT_EQ(web_.store().tables.tasks.size(), before);
  EXPECT_EQ(add("echoer", R"({"TaskHandlerClass":"Echo"})"), 201);
}

TEST_F(ApiTokenTest, TheAuditNamesTheToken) {
  EXPECT_EQ(call("operator", "POST", "api/v1/queues/mail/pause"), 200);
  ASSERT_FALSE(web_.store().audit.findAudit(10).empty());
  EXPECT_EQ(web_.store().audit.findAudit(10).front().by.name, "operator");
  EXPECT_EQ(web_.store().audit.findAudit(10).front().by.source, "api");
}

TEST_F(ApiTokenTest, AViewerReadsNoSecret) {
  const int id = web_.store().tables.insertRow(
      {.taskHandlerClass = "Echo", .taskData = R"({"message":"shown","apiKey":"hidden-1"})"});
  const int broken = web_.store().tables.insertRow({.taskHandlerClass = "Echo", .taskData = "hidden-2"});
  const int runId = addRun(web_.store(), id, RunStatus::Success, "text");
  web_.store().tables.runs.at(runId).run.results = R"({"count":7,"password":"hidden-3"})";
  ASSERT_EQ(call("admin", "POST", "api/v1/schedules",
                 R"({"Name":"s","TaskHandlerClass":"Echo","CronExpression":"0 1 * * *",)"
                 R"("TaskData":{"message":"shown","token":"hidden-4"}})"),
            201);
  const std::vector<std::pair<std::string, bool>> targets{{"api/v1/tasks/" + std::to_string(id), true},
                                                          {"api/v1/tasks/" + std::to_string(broken), false},
                                                          {"api/v1/runs/" + std::to_string(runId), false},
                                                          {"api/v1/schedules", true},
                                                          {"api/v1/schedules/1", true}};
  for (const auto& [target, hasMessage] : targets) {
    const Response masked = answer("viewer", "GET", target);
    EXPECT_EQ(masked.status, 200) << target;
    EXPECT_THAT(masked.body, Not(HasSubstr("hidden-"))) << target;
    EXPECT_EQ(masked.body.find("shown") != std::string::npos, hasMessage) << target;
    EXPECT_THAT(answer("operator", "GET", target).body, HasSubstr("hidden-")) << target;
  }
}

TEST_F(ApiTokenTest, AnEventOfTheCmsIsEnqueuedOnlyWhenItIsAllowed) {
  web_.configuration().web.cmsEvents = {"u:OnAllowed"};
  const auto add = [&](const std::string& data) {
    return call("admin", "POST", "api/v1/tasks",
                R"({"TaskHandlerClass":"CmsEvent","TaskData":)" + data + "}");
  };
  EXPECT_EQ(add(R"({"Event":"u:OnAllowed"})"), 201);
  for (const char* data :
       {R"({"Event":"u:OnDelete"})", R"({"Event":"u:onallowed"})", R"({})", R"({"Event":["u:OnAllowed"]})"})
    EXPECT_EQ(add(data), 422) << data;
  const std::string schedule =
      R"({"Name":"n","TaskHandlerClass":"CmsEvent","CronExpression":"@daily","TaskData":{"Event":"u:OnDelete"}})";
  EXPECT_EQ(call("admin", "POST", "api/v1/schedules", schedule), 422);
  const auto form = web_.answer(
      web_.post("new", "TaskHandlerClass=CmsEvent&raw=1&TaskData=%7B%22Event%22%3A%22u%3AOnDelete%22%7D"));
  EXPECT_EQ(form.status, 422);
  EXPECT_THAT(form.body, HasSubstr("web.cms_events"));
  web_.configuration().web.cmsEvents = {"*"};
  EXPECT_EQ(add(R"({"Event":"u:OnDelete"})"), 201);
}

}  // namespace
}  // namespace taskqueue::web::tests
