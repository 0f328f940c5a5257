// Input is taken unchanged or rejected by name: every route gets unknown parameters and empty filters.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/web_under_test.h"

namespace taskqueue::web::tests {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Pages escape the text as JSON does.
std::string inPage(std::string text) {
  for (auto at = text.find('\''); at != std::string::npos; at = text.find('\'', at))
    text.replace(at, 1, "&#39;");
  return text;
}

class WebInput : public ::testing::Test {
 protected:
  void SetUp() override {
    web_.store().tables.insertRow({.taskHandlerClass = "Echo"});
    addRun(web_.store(), 1, RunStatus::Error, "boom");
    std::vector<HandlerDeclaration> handlers;
    for (const char* name : {"Echo", "BulkRetry", "BulkCancel"})
      handlers.push_back({.taskHandlerClass = name, .kind = "cpp"});
    web_.store().runners.registerRunner({.queues = {"default"}}, handlers);
    before_ = web_.store().tables.tasks.size();
  }

  // Sends a request with everything that its kind of client must send.
  Response send(const Route& route, const std::string& query, const std::string& body = "") {
    const std::string target = targetOf(route) + query;
    if (isForm(route.access)) return web_.answer(web_.post(target, body));
    Request request = web_.callApi(route.method, target, body);
    if (route.access == Access::Event) request.authorization = "Bearer the event secret";
    if (route.access == Access::View || route.access == Access::ViewToOperate) request.user = "ada";
    if (route.access == Access::View || route.access == Access::ViewToOperate) request.role = "admin";
    return web_.answer(request);
  }

  Response call(const std::string& method, const std::string& target, const std::string& body = "") {
    return web_.answer(web_.callApi(method, target, body));
  }

  void expectNothingMade(const std::string& why) {
    EXPECT_EQ(web_.store().tables.tasks.size(), before_) << why;
    EXPECT_TRUE(web_.store().tables.pauses.empty()) << why;
    EXPECT_TRUE(web_.store().tables.handlerLimits.empty()) << why;
  }

  static bool isApi(const Route& route) {
    return route.access == Access::Api || route.access == Access::Event || route.access == Access::Open;
  }

  WebUnderTest web_;
  std::size_t before_ = 0;
};

TEST_F(WebInput, NoRouteIgnoresAParameterThatItDoesNotKnow) {
  for (const Route& route : web_.routes()) {
    for (const char* query : {"?Quux=1", "?Quux=", "?Quux", "?=1"}) {
      const std::string what = route.method + " " + targetOf(route) + query;
      const Response response = send(route, query);
      EXPECT_EQ(response.status, 400) << what;
      EXPECT_THAT(response.body, HasSubstr(query[1] == '=' ? "without a name" : "Quux")) << what;
      EXPECT_EQ(response.contentType, isApi(route) ? "application/problem+json" : "text/html; charset=utf-8")
          << what;
    }
  }
  expectNothingMade("unknown parameters");
}

// Each parameter of each route, with values outside its domain.
TEST_F(WebInput, NoParameterTakesAValueOutOfItsDomain) {
  const std::vector<std::string> noNumbers{
      "1e3", "+5", "%205", "5+", "0x10", "1.0", "-1", "99999999999999999999", "x"};
  const std::vector<std::string> noWords{"odd", "Error", "STDOUT", "%20", "1"};
  const std::vector<std::string> noTimes{"2026-02-30T10:00",
                                         "2026-01-01T24:00",
                                         "2026-01-01T10:60",
                                         "2026-1-1T1:1",
                                         "2026-01-01",
                                         "2026-01-01T10:00:61",
                                         "2026-01-01T10:00x",
                                         "-5",
                                         "+5",
                                         "1e3",
                                         "253402300800"};
  struct Case {
    std::string address;
    std::string name;
    std::vector<std::string> values;
  };
  const std::vector<Case> cases{{"api/v1/tasks", "limit", noNumbers},
                                {"api/v1/tasks", "after", noNumbers},
                                {"api/v1/tasks", "LastStatus", noWords},
                                {"api/v1/tasks", "QueuedFrom", noNumbers},
                                {"api/v1/tasks", "QueuedUntil", noNumbers},
                                {"api/v1/runs/1/output", "offset", noNumbers},
                                {"api/v1/runs/1/output", "stream", noWords},
                                {"tasks", "limit", noNumbers},
                                {"tasks", "sort", noWords},
                                {"tasks", "after", {"1", "1.x", "x.1", "1.1.1", "1.-2147483649", "+1.1"}},
                                {"tasks", "before", {"1", "", "1.99999999999"}},
                                {"tasks", "LastStatus", noWords},
                                {"tasks", "IdFrom", noNumbers},
                                {"tasks", "IdTo", noNumbers},
                                {"tasks", "QueuedFrom", noTimes},
                                {"tasks", "QueuedTo", noTimes},
                                {"tasks", "c_Id", {"0", "yes", ""}},
                                {"tasks/export", "format", {"xml", "CSV", ""}},
                                {"tasks/export", "LastStatus", noWords},
                                {"runs/1", "stream", noWords},
                                {"runs/1", "from", noNumbers},
                                {"runs/1", "lines", noNumbers},
                                {"runs/1", "match", noNumbers},
                                {"runs/1/log", "after", noNumbers},
                                {"runs/1/raw", "download", {"0", "yes", ""}},
                                {"", "span", {"year", "Hour", ""}},
                                {"chart", "span", {"year", "Hour", ""}},
                                {"new", "copy", noNumbers},
                                {"new", "handler", {"", ".", ".."}},
                                {"health", "lang", {"xx", "DE", ""}},
                                {"health", "theme", {"pink", ""}},
                                {"health", "live", {"2", "yes", ""}},
                                {"health", "embed", {"2", "yes", ""}}};
  for (const Case& one : cases) {
    const bool isOfApi = one.address.starts_with("api");
    for (const std::string& value : one.values) {
      const std::string target = one.address + "?" + one.name + "=" + value;
      const Response response = web_.answer(isOfApi ? web_.callApi("GET", target) : web_.get(target));
      EXPECT_THAT(response.status, AnyOf(400, 422)) << target;
      EXPECT_THAT(response.body, HasSubstr(one.name)) << target;
      EXPECT_THAT(response.contentType, HasSubstr(isOfApi ? "problem+json" : "text/html")) << target;
    }
  }
}

TEST_F(WebInput, AMalformedAddressIsToldWhyAsAPageOnPagesAndAsAProblemOnTheApi) {
  for (const std::string query : {"TaskHandlerClass=App\\Tasks\\X", "q=a|b", "q=%zz", "limit=1&limit=1"}) {
    const std::string name = query.substr(0, query.find('='));
    const Response page = web_.answer(web_.get("tasks?" + query));
    EXPECT_EQ(page.status, 400) << query;
    EXPECT_THAT(page.body, AllOf(HasSubstr("<html"), HasSubstr("The query parameter " + name))) << query;
    const Response problem = call("GET", "api/v1/tasks?" + query);
    EXPECT_EQ(problem.status, 400) << query;
    EXPECT_EQ(problem.contentType, "application/problem+json") << query;
    EXPECT_THAT(problem.body, HasSubstr("The query parameter " + name)) << query;
  }
  const std::string longQuery = "tasks?q=" + std::string(2048, 'x');
  EXPECT_THAT(web_.answer(web_.get(longQuery)).body, AllOf(HasSubstr("<html"), HasSubstr("2048")));
  EXPECT_EQ(call("POST", "api/v1/" + longQuery).status, 400);
}

TEST_F(WebInput, AFilterThatIsGivenAndEmptyIsNoneForNobodyWhoActs) {
  for (const char* name :
       {"Queue", "TaskHandlerClass", "q", "ErrorCode", "LastStatus", "QueuedFrom", "QueuedUntil"}) {
    const std::string filter = std::string(name) + "=";
    const std::string beside = name == std::string("LastStatus") ? "Queue=default&" : "LastStatus=error&";
    for (const std::string& target :
         {"api/v1/tasks/cancel?" + filter, "api/v1/tasks/cancel?" + beside + filter,
          "api/v1/tasks/retry?" + beside + filter, "api/v1/tasks/retry?" + beside + std::string(name)}) {
      const Response response = call("POST", target);
      EXPECT_EQ(response.status, 422) << target;
      EXPECT_THAT(response.body, HasSubstr(name)) << target;
    }
    EXPECT_EQ(call("GET", "api/v1/tasks?" + beside + filter).status, 422) << name;
  }
  for (const std::string name : {"Queue", "TaskHandlerClass", "q", "ErrorCode", "LastStatus", "IdFrom",
                                 "IdTo", "QueuedFrom", "QueuedTo"}) {
    EXPECT_EQ(web_.answer(web_.get("tasks/export?" + name + "=")).status, 422) << name;
    for (const char* action : {"cancel-all", "retry-all"}) {
      const std::string form = std::string("confirmed=1&action=") + action + "&filter=";
      EXPECT_EQ(web_.answer(web_.post("tasks/bulk", form + name + "%3D")).status, 422) << name;
      EXPECT_EQ(web_.answer(web_.post("tasks/bulk", form + "IdTo%3D5%26IdTo%3D")).status, 400) << name;
    }
    EXPECT_EQ(web_.answer(web_.get("tasks?" + name + "=")).status, 200) << "the list's own form, " << name;
  }
  expectNothingMade("empty filters");
}

TEST_F(WebInput, ABulkActionOfAPageIsOfWhatItsFilterSaysOrOfWhatIsSelected) {
  const auto act = [&](const std::string& form) { return web_.answer(web_.post("tasks/bulk", form)); };
  for (const char* form :
       {"action=cancel-all&confirmed=1",
        "action=cancel-all&confirmed=1&filter=", "action=cancel-all&confirmed=1&filter=sort%3D-Id",
        "action=cancel-all&confirmed=1&filter=limit%3D10%26q%3Dx",
        "action=cancel-all&confirmed=1&filter=q%3Da%257Cb%26Quux%3D1",
        "action=cancel&task=1&task=x&confirmed=1", "action=cancel&task=1&task=&confirmed=1",
        "action=cancel&task=99999999999&confirmed=1", "action=cancel&task=1&confirmed=0",
        "action=cancel&task=1&confirmed=1&confirmed=1", "action=cancel&task=1&confirmed=1&Quux=1"}) {
    EXPECT_THAT(act(form).status, AnyOf(400, 422)) << form;
  }
  expectNothingMade("forms that say too little, or too much");
  EXPECT_EQ(act("action=cancel&task=1&filter=LastStatus%3Derror&confirmed=1").status, 303);
  EXPECT_EQ(web_.store().tables.tasks.rbegin()->second.task.taskData, R"({"Ids":[1]})");
}

TEST_F(WebInput, APlusOfASearchIsAPlusInListPageAndBulk) {
  web_.store().tables.insertRow({.taskHandlerClass = "Echo", .title = "A C++ job"});
  web_.store().tables.insertRow({.taskHandlerClass = "Echo", .title = "B C   job"});
  const std::string listed = call("GET", "api/v1/tasks?q=C%2B%2B").body;
  EXPECT_THAT(listed, AllOf(HasSubstr("A C++ job"), Not(HasSubstr("B C"))));
  const std::string page = web_.answer(web_.get("tasks?q=C%2B%2B")).body;
  EXPECT_THAT(page, AllOf(HasSubstr("A C++ job"), Not(HasSubstr("B C   job"))));
  EXPECT_THAT(page, HasSubstr("name=\"filter\" value=\"q=C%2B%2B\""));
  EXPECT_EQ(call("POST", "api/v1/tasks/cancel?q=C%2B%2B").status, 202);
  EXPECT_EQ(web_.store().tables.tasks.rbegin()->second.task.taskData, R"({"q":"C++"})");
  EXPECT_EQ(
      web_.answer(web_.post("tasks/bulk", "action=cancel-all&confirmed=1&filter=q%3DC%252B%252B")).status,
      303);
  EXPECT_EQ(web_.store().tables.tasks.rbegin()->second.task.taskData, R"({"q":"C++"})");
  EXPECT_THAT(call("GET", "api/v1/tasks?q=C+++job").body,
              AllOf(HasSubstr("B C   job"), Not(HasSubstr("C++ job"))));
}

TEST_F(WebInput, ABodyThatNothingReadsIsRefused) {
  for (const Route& route : web_.routes()) {
    if (!isApi(route) || route.method == "GET" || route.readsBody) continue;
    const std::string filter = route.readsQuery ? "?LastStatus=error" : "";
    EXPECT_EQ(send(route, filter, R"({"Queue":"slow"})").status, 422) << targetOf(route);
  }
  expectNothingMade("bodies");
  EXPECT_EQ(call("POST", "api/v1/queues/slow/pause", "{}").status, 200);
  EXPECT_EQ(call("POST", "api/v1/queues/slow/resume", " \r\n").status, 200);
  EXPECT_EQ(call("POST", "api/v1/handlers/Echo/limit", R"({"MaxRunning":1,"MaxRuning":2})").status, 422);
}

TEST_F(WebInput, AFieldThatAFormDoesNotHaveIsRefused) {
  for (const Route& route : web_.routes()) {
    if (!isForm(route.access)) continue;
    for (const char* form : {"Quux=1", "Quux=&Quux=", "form_token=x"}) {
      const Response response = send(route, "", form);
      EXPECT_THAT(response.status, AnyOf(400, 422)) << targetOf(route) << " " << form;
      EXPECT_THAT(response.body, HasSubstr(form == std::string("form_token=x") ? "form_token" : "Quux"))
          << targetOf(route);
    }
    const Response malformed = send(route, "", "Title=%zz");
    EXPECT_EQ(malformed.status, 400) << targetOf(route);
    EXPECT_THAT(malformed.body, HasSubstr("Title")) << targetOf(route);
  }
  expectNothingMade("forms");
  EXPECT_EQ(web_.answer(web_.post("view", "theme=pink")).status, 422);
  EXPECT_EQ(web_.answer(web_.post("view", "lang=xx")).status, 422);
  EXPECT_EQ(web_.answer(web_.post("handlers/Echo/limit", "MaxRunning=0x10")).status, 422);
}

TEST_F(WebInput, AFilledFieldOfANewTaskIsNeverLost) {
  const auto enqueue = [&](const std::string& form) {
    return web_.answer(web_.post("new", "TaskHandlerClass=Echo&" + form));
  };
  for (const auto& [form, name] :
       {std::pair("m.message=x", "m-message"), std::pair("TaskData=%7B%7D", "TaskData"),
        std::pair("raw=1&TaskData=%7B%7D&m.message=x", "m.message"),
        std::pair("NotifyOn=sometimes", "NotifyOn"), std::pair("copy=7", "f-copy"),
        std::pair("copy=x", "f-copy"), std::pair("Priority=1e3", "e-Priority"),
        std::pair("MaxRetries=+5", "e-MaxRetries"), std::pair("ScheduledOn=2026-02-31T10:00", "e-ScheduledOn"),
        std::pair("Title=a&Title=b", "Title"), std::pair("Queue=..", "e-Queue")}) {
    const Response response = enqueue(form);
    EXPECT_EQ(response.status, 422) << form;
    EXPECT_THAT(response.body, HasSubstr(name)) << form;
  }
  expectNothingMade("new tasks");
  EXPECT_EQ(enqueue("Title=&Queue=&Priority=&MaxRetries=&ScheduledOn=&UniqueKey=&NotifyTo=&copy=").status,
            303);
}

TEST_F(WebInput, TheSchemeOfTheSecretIsReadAsHttpHasIt) {
  const auto statusWith = [&](const std::string& authorization) {
    Request request = web_.callApi("GET", "api/v1/runners");
    request.authorization = authorization;
    return web_.answer(request).status;
  };
  for (const char* good : {"Bearer the api token", "bearer the api token", "BEARER the api token",
                           "Bearer  the api token", "bEaReR     the api token"})
    EXPECT_EQ(statusWith(good), 200) << good;
  for (const char* bad :
       {"", "Bearer", "Bearer ", "Bearerthe api token", "Bearers the api token", "Basic the api token",
        "Bearer\tthe api token", "the api token", "Bearer the api tokeN"})
    EXPECT_EQ(statusWith(bad), 401) << bad;
}

TEST_F(WebInput, OnlyJsonIsTakenForJson) {
  const auto statusWith = [&](const std::string& contentType) {
    Request request = web_.callApi("POST", "api/v1/tasks", R"({"TaskHandlerClass":"Echo"})");
    request.contentType = contentType;
    return web_.answer(request).status;
  };
  for (const char* good :
       {"application/json", "Application/JSON", "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"", " application/json ;", "application/json; profile=x"})
    EXPECT_EQ(statusWith(good), 201) << good;
  for (const char* bad :
       {"", "text/plain", "application/json-patch+json", "application/jsonx", "application/json x",
        "application/problem+json", "application/json; charset=latin1", "xapplication/json"})
    EXPECT_EQ(statusWith(bad), 415) << bad;
}

TEST_F(WebInput, AnEmptyIdempotencyKeyIsRefused) {
  Request request = web_.callApi("POST", "api/v1/tasks", R"({"TaskHandlerClass":"Echo"})");
  request.idempotencyKey = "";
  EXPECT_EQ(web_.answer(request).status, 400);
  expectNothingMade("an empty key");
}

TEST_F(WebInput, AQueueThatNoAddressCanNameIsRefusedWhereverItIsGiven) {
  for (const std::string queue : {".", "..", "", "a/b"}) {
    const std::string quoted = "\"" + queue + "\"";
    const Response task =
        call("POST", "api/v1/tasks", R"({"TaskHandlerClass":"Echo","Queue":)" + quoted + "}");
    EXPECT_EQ(task.status, 422) << queue;
    EXPECT_THAT(task.body, HasSubstr("/Queue")) << queue;
    EXPECT_EQ(call("POST", "api/v1/tasks", R"([{"TaskHandlerClass":"Echo","Queue":)" + quoted + "}]").status,
              422);
    const std::string schedule =
        R"({"Name":"n","TaskHandlerClass":"Echo","CronExpression":"@daily","Queue":)";
    EXPECT_THAT(call("POST", "api/v1/schedules", schedule + quoted + "}").body, HasSubstr("/Queue")) << queue;
  }
  expectNothingMade("queues without a name");
}

TEST_F(WebInput, AProblemIsToldOnceOnAPage) {
  const std::string page = web_.answer(web_.get("tasks?limit=0")).body;
  const std::string problem = inPage("must be a whole number from 1 to 500");
  const auto first = page.find(problem);
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(page.find(problem, first + 1), std::string::npos);
}

}  // namespace
}  // namespace taskqueue::web::tests
