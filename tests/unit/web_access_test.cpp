// Access rights: every route with every kind of missing, wrong and foreign credentials. New routes are
// covered automatically; one without a rule for its kind of access fails the test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/web_under_test.h"

namespace taskqueue::web::tests {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

constexpr const char* kRoles[] = {"", "viewer", "operator", "admin", "Admin", "root"};

class WebAccess : public ::testing::Test {
 protected:
  // Returns the text of all rows that a request could change.
  std::string rows() {
    std::string text;
    for (const auto& [id, row] : web_.store().tables.tasks)
      text += std::to_string(id) + std::string(toString(row.task.lastStatus)) +
              std::to_string(row.task.nextRunOn.value_or(-1)) + ";";
    for (const auto& [id, row] : web_.store().tables.runners)
      text += std::to_string(row.runner.drainRequestedOn.value_or(-1)) + "," +
              std::to_string(row.runner.stopRequestedOn.value_or(-1)) + ";";
    return text + std::to_string(web_.store().tables.pauses.size()) + ";" +
           std::to_string(web_.store().tables.handlerLimits.size()) + ";" +
           std::to_string(web_.store().audit.findAudit(1000).size());
  }

  void expectRefused(const Route& route, Request request, const std::string& why) {
    const std::string before = rows();
    EXPECT_THAT(web_.answer(request).status, AnyOf(401, 403, 404, 405)) << targetOf(route) << ": " << why;
    EXPECT_EQ(rows(), before) << targetOf(route) << ": " << why;
  }

  std::vector<Route> routesWith(Access access) {
    std::vector<Route> found;
    for (const Route& route : web_.routes()) {
      if (route.access == access) found.push_back(route);
    }
    return found;
  }

  WebUnderTest web_;

  void SetUp() override {
    web_.store().tables.insertRow({.taskHandlerClass = "Echo"});
    web_.store().runners.registerRunner({}, {});
  }
};

// A row may hold a secret in TaskData and Results in each of these forms.
TEST_F(WebAccess, NoPageShowsASecretToAnyRole) {
  std::string many = R"({"client_secret":"hunter2","list":[)";
  for (int i = 0; i < 20000; ++i) many += "1,";
  int tried = 0;
  for (const std::string& stored :
       {std::string(R"({"client_secret":"hunter2"})"), std::string(R"([{"db":{"PASSWD":["hunter2"]}}])"),
        std::string(R"({"client_secret":"hunter2")"), std::string("apiKey=hunter2"), many + "1]}"}) {
    WebUnderTest web;
    web.store().tables.insertRow({.taskHandlerClass = "Echo", .taskData = stored});
    addRun(web.store(), 1, RunStatus::Success, "");
    web.store().tables.runs.at(1).run.results = stored;
    for (const Route& route : web.routes()) {
      if (route.method != "GET" || route.access == Access::Api || route.access == Access::Event) continue;
      for (const char* role : {"viewer", "operator", "admin"}) {
        for (const char* query : {"", "?copy=1", "?format=json", "?handler=Echo&raw=1"}) {
          const Response response = web.answer(web.get(targetOf(route) + query, role));
          EXPECT_THAT(response.body, Not(HasSubstr("hunter2"))) << targetOf(route) << query << " " << role;
          if (response.status == 200) ++tried;
        }
      }
    }
  }
  EXPECT_GT(tried, 100);
}

TEST_F(WebAccess, ACopyOfATaskThatCannotBeMaskedBeginsEmptyAndSaysSo) {
  web_.store().tables.insertRow({.taskHandlerClass = "Echo", .taskData = "password=hunter2"});
  const Response form = web_.answer(web_.get("new?copy=2"));
  EXPECT_EQ(form.status, 200);
  EXPECT_THAT(form.body, HasSubstr("class=\"code\"></textarea>"));
  EXPECT_THAT(form.body, HasSubstr("The task data is hidden"));
}

TEST_F(WebAccess, EveryRouteThatChangesSomethingIsAFormOrWantsASecret) {
  for (const Route& route : web_.routes()) {
    const bool isOpen =
        route.access == Access::Open || route.access == Access::View || route.access == Access::ViewToOperate;
    if (isOpen) {
      EXPECT_EQ(route.method, "GET") << targetOf(route);
    }
    if (isForm(route.access)) {
      EXPECT_EQ(route.method, "POST") << targetOf(route);
    }
  }
}

TEST_F(WebAccess, AFormIsRefusedWithoutItsTokenFromElsewhereByGetAndByALowerRole) {
  int tried = 0;
  for (const Route& route : web_.routes()) {
    if (!isForm(route.access)) continue;
    ++tried;
    const std::string target = targetOf(route);
    Request request = web_.post(target);
    request.body = "";
    expectRefused(route, request, "no token");
    request.body = "form_token=" + std::string(64, '0');
    expectRefused(route, request, "a wrong token");
    request = web_.post(target);
    request.user = "eve";
    expectRefused(route, request, "another user's token");
    for (const char* site : {"cross-site", "same-site", "none"}) {
      request = web_.post(target);
      request.fetchSite = site;
      expectRefused(route, request, site);
    }
    request = web_.post(target);
    request.fetchSite = "";
    expectRefused(route, request, "neither Sec-Fetch-Site nor Origin");
    for (const char* origin : {"https://evil.example", "null", "https://site.example.evil"}) {
      request.origin = origin;
      expectRefused(route, request, origin);
    }
    request = web_.post(target);
    request.user = "";
    expectRefused(route, request, "nobody");
    for (const char* method : {"PUT", "DELETE", "PATCH"}) {
      request = web_.post(target);
      request.method = method;
      expectRefused(route, request, method);
    }
    request = web_.post(target);
    request.method = "GET";
    const std::string before = rows();
    web_.answer(request);
    EXPECT_EQ(rows(), before) << target << " by GET";
    for (const char* role : kRoles) {
      if (roleMay(role, route.access)) continue;
      expectRefused(route, web_.post(target, "", role), std::string("the role ") + role);
    }
  }
  EXPECT_GE(tried, 11);
}

TEST_F(WebAccess, ARoleMayWhatItsRoutesSay) {
  for (const Access access : {Access::Choose, Access::Operate, Access::Administer}) {
    EXPECT_TRUE(roleMay("admin", access));
    EXPECT_FALSE(roleMay("", access));
    EXPECT_FALSE(roleMay("root", access));
  }
  EXPECT_TRUE(roleMay("operator", Access::Operate));
  EXPECT_FALSE(roleMay("operator", Access::Administer));
  EXPECT_FALSE(roleMay("viewer", Access::Operate));
  EXPECT_TRUE(roleMay("viewer", Access::Choose));
  for (const Route& route : web_.routes()) {
    if (!isForm(route.access)) continue;
    const int status = web_.answer(web_.post(targetOf(route))).status;
    EXPECT_THAT(status, Not(AnyOf(401, 403, 405, 500))) << targetOf(route);
  }
}

TEST_F(WebAccess, APageWantsAUserAndItsForm) {
  for (const Route& route : web_.routes()) {
    if (route.access != Access::View && route.access != Access::ViewToOperate) continue;
    Request request = web_.get(targetOf(route));
    request.user = "";
    EXPECT_EQ(web_.answer(request).status, 403) << targetOf(route);
  }
  for (const Route& route : routesWith(Access::ViewToOperate))
    EXPECT_EQ(web_.answer(web_.get(targetOf(route), "viewer")).status, 403) << targetOf(route);
}

// The roles are empty, unknown, spelled differently, or given twice in one value.
TEST_F(WebAccess, ARoleThatIsNotKnownOpensNothing) {
  const std::vector<std::string> roles{"",
                                       " ",
                                       "viewer,admin",
                                       "admin,admin",
                                       "adminadmin",
                                       "admin ",
                                       " admin",
                                       "Admin",
                                       "ADMIN",
                                       "root",
                                       "null",
                                       "0",
                                       "*",
                                       "viewer\nadmin",
                                       "admin;viewer",
                                       std::string("admin\0", 6)};
  int tried = 0;
  for (const Route& route : web_.routes()) {
    if (route.access == Access::Open) continue;
    for (const std::string& role : roles) {
      ++tried;
      EXPECT_FALSE(roleMay(role, route.access)) << targetOf(route) << " as '" << role << "'";
      Request request =
          route.method == "GET" ? web_.get(targetOf(route), role) : web_.post(targetOf(route), "", role);
      request.method = route.method;
      const std::string before = rows();
      const bool wantsSecret = route.access == Access::Api || route.access == Access::Event;
      EXPECT_EQ(web_.answer(request).status, wantsSecret ? 401 : 403)
          << route.method << " " << targetOf(route) << " as '" << role << "'";
      EXPECT_EQ(rows(), before);
    }
  }
  EXPECT_GE(tried, 700);
}

// A body is read only after its sender is known to be allowed to send it.
TEST_F(WebAccess, OfABodyNothingIsReadBeforeItsSenderIsKnown) {
  constexpr std::int64_t kAnnounced = 7 << 20;
  std::size_t wanted = 0;
  const auto send = [&](Request request) {
    wanted = 0;
    request.announcedBytes = kAnnounced;
    const std::string sent = std::move(request.body);
    request.body.clear();
    request.readOn = [&wanted, sent](std::string& body, std::size_t bytes) {
      wanted = bytes;
      body = sent.substr(0, bytes);
    };
    return web_.answer(std::move(request)).status;
  };
  for (const Route& route : web_.routes()) {
    if (route.method == "GET") continue;
    const std::string target = targetOf(route);
    Request request = web_.post(target, "", "");
    request.method = route.method;
    EXPECT_THAT(send(request), AnyOf(401, 403)) << target;
    EXPECT_EQ(wanted, 0U) << target;
    if (!isForm(route.access)) continue;
    request = web_.post(target);
    request.fetchSite = "cross-site";
    EXPECT_EQ(send(request), 403) << target;
    EXPECT_EQ(wanted, 0U) << target;
    request = web_.post(target);
    request.body = "form_token=wrong&" + std::string(100000, 'x');
    EXPECT_EQ(send(request), 403) << target;
    EXPECT_LE(wanted, 8192U) << target;
    EXPECT_THAT(send(web_.post(target, std::string(100000, 'x'))), route.largeBody ? 400 : 413)
        << target << ": less came than was announced";
  }
}

TEST_F(WebAccess, AFormOfTooManyFieldsIsRefusedBeforeAnyIsDecoded) {
  std::string fields = "Id=1";
  for (int i = 0; i < 3000; ++i) fields += "&%=1";
  for (const char* target : {"tasks/bulk", "new"})
    EXPECT_EQ(web_.answer(web_.post(target, fields)).status, 413);
  std::string query = "tasks?a=1";
  for (int i = 0; i < 150; ++i) query += "&a=1";
  const Response response = web_.answer(web_.get(query));
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("more than 100 query parameters"));
}

// Any process that may open the socket can claim a user and a role, but only nginx knows the secret.
TEST_F(WebAccess, AUserWhomNginxDoesNotVouchForMayNothing) {
  for (const Route& route : web_.routes()) {
    const bool isPage =
        isForm(route.access) || route.access == Access::View || route.access == Access::ViewToOperate;
    if (!isPage) continue;
    for (const char* secret : {"", "x", "the secret of nginx ", "the api token"}) {
      Request request = route.method == "GET" ? web_.get(targetOf(route)) : web_.post(targetOf(route));
      request.webServerSecret = secret;
      const std::string before = rows();
      EXPECT_EQ(web_.answer(request).status, 403) << targetOf(route) << " with '" << secret << "'";
      EXPECT_EQ(rows(), before);
    }
  }
  web_.configuration().web.nginxSecretSha256.clear();
  EXPECT_EQ(web_.answer(web_.get("")).status, 403) << "closed by default";
}

TEST_F(WebAccess, NoRoleOpensWhatWantsASecret) {
  for (const char* role : {"viewer", "operator", "admin"}) {
    EXPECT_FALSE(roleMay(role, Access::Api));
    EXPECT_FALSE(roleMay(role, Access::Event));
  }
}

TEST_F(WebAccess, AProgramWantsItsOwnSecret) {
  for (const auto& [access, secret, other] :
       {std::tuple(Access::Api, "the api token", "the event secret"),
        std::tuple(Access::Event, "the event secret", "the api token")}) {
    for (const Route& route : routesWith(access)) {
      for (const std::string& wrong : {std::string(), std::string("Bearer "), std::string("Bearer x"),
                                       std::string("Basic ") + secret, std::string("Bearer ") + other}) {
        Request request = web_.post(targetOf(route));
        request.method = route.method;
        request.authorization = wrong;
        expectRefused(route, request, "'" + wrong + "'");
      }
    }
  }
}

TEST_F(WebAccess, EveryPageHasItsHeaders) {
  for (const Route& route : web_.routes()) {
    if (route.access != Access::View && route.access != Access::ViewToOperate) continue;
    const Response response = web_.answer(web_.get(targetOf(route)));
    if (!response.contentType.starts_with("text/html")) continue;
    EXPECT_THAT(
        response.headers,
        Contains(Pair("Content-Security-Policy",
                      ::testing::AllOf(HasSubstr("default-src 'none'"), HasSubstr("frame-ancestors 'none'"),
                                       HasSubstr("base-uri 'none'"), Not(HasSubstr("unsafe")),
                                       HasSubstr("require-trusted-types-for 'script'")))))
        << targetOf(route);
    EXPECT_THAT(response.headers, Contains(Pair("Cross-Origin-Opener-Policy", "same-origin")));
    EXPECT_THAT(response.headers, Contains(Pair("Permissions-Policy", ::testing::_)));
    EXPECT_THAT(response.body, Not(HasSubstr(" style="))) << targetOf(route);
    EXPECT_THAT(response.body, Not(::testing::ContainsRegex("<script[^>]*>[^<]"))) << targetOf(route);
    EXPECT_THAT(response.body, Not(::testing::ContainsRegex(" on[a-z]+="))) << targetOf(route);
  }
}

TEST_F(WebAccess, TheWayBackLeadsNowhereElse) {
  for (const char* back :
       {"//evil.example", "/%5Cevil.example", "https:%2F%2Fevil", "%5C%5Cevil", "a%0d%0aX:1"}) {
    const Response response = web_.answer(web_.post("view", std::string("theme=dark&back=") + back));
    ASSERT_EQ(response.status, 303);
    for (const auto& [name, value] : response.headers) {
      if (name == "Location") {
        EXPECT_TRUE(value.starts_with("/taskqueue/")) << value;
      }
      EXPECT_EQ(value.find('\n'), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace taskqueue::web::tests
