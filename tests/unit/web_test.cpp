// What the module makes of an address, and of an order to limit a handler; on the fake store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/web/api.h"
#include "module/web/form.h"
#include "tests/support/fake_task_store.h"

namespace taskqueue::web {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

TEST(Address, TextBeyondAsciiIsDecoded) {
  const auto target = readTarget("/taskqueue/tasks/%C3%A9?q=%E2%82%AC+x", "/taskqueue/");
  ASSERT_TRUE(target);
  EXPECT_THAT(target->path, ElementsAre("tasks", "é"));
  EXPECT_EQ(target->query.at("q"), "€ x");
  EXPECT_TRUE(target->isUtf8);
}

TEST(Address, BytesThatAreNoUtf8AreToldInThePathAndInTheQuery) {
  for (const char* address :
       {"/taskqueue/handlers/%FF/pause", "/taskqueue/tasks?q=%C3", "/taskqueue/tasks?%ED%A0%80=1"}) {
    const auto target = readTarget(address, "/taskqueue/");
    ASSERT_TRUE(target) << address;
    EXPECT_FALSE(target->isUtf8) << address;
  }
}

class HandlerLimit : public ::testing::Test {
 protected:
  Answer send(std::string body) {
    Request request;
    request.parameters["Name"] = "Echo";
    request.body = std::move(body);
    return api_.limitHandler(request);
  }
  Problem problemOf(std::string body) {
    const Answer answer = send(std::move(body));
    const auto* problem = std::get_if<Problem>(&answer);
    return problem == nullptr ? Problem{200, "", "", {}} : *problem;
  }

  platform::Configuration configuration_;
  test_support::FakeTaskStore store_;
  LeaseWatch leaseWatch_{60s};
  TaskQueue queue_{store_, {}, {}, leaseWatch_, {}};
  Api api_{{store_, queue_, configuration_, [] { return std::nullopt; }, [] {}}};
};

TEST_F(HandlerLimit, OfEachKeyStaysAsItIsWhenItIsLeftOut) {
  EXPECT_TRUE(std::holds_alternative<Response>(send(R"({"MaxRunning":5,"MaxRunningPerKey":2})")));
  EXPECT_TRUE(std::holds_alternative<Response>(send(R"({"MaxRunning":3})")));
  EXPECT_EQ(store_.handlerLimits.at("Echo").maxRunning, 3);
  EXPECT_EQ(store_.handlerLimits.at("Echo").maxRunningPerKey, 2);
}

TEST_F(HandlerLimit, WithoutMaxRunningIsRefusedByThatNameAndChangesNothing) {
  for (const char* body : {R"({"MaxRunningPerKey":2})", "{}", R"({"MaxRunning":"2"})"}) {
    const Problem problem = problemOf(body);
    EXPECT_EQ(problem.status, 422) << body;
    EXPECT_THAT(problem.detail, HasSubstr("MaxRunning must be given")) << body;
  }
  EXPECT_TRUE(store_.handlerLimits.empty());
}

}  // namespace
}  // namespace taskqueue::web
