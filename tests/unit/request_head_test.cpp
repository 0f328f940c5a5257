// Heads of requests that have too much of something, or say one thing twice.
#include "module/web/request_head.h"

#include <gtest/gtest.h>

#include <string>

namespace taskqueue::web::tests {
namespace {

int statusOf(const std::vector<std::string>& parameters) {
  const auto problem = findHeadProblem({parameters.begin(), parameters.end()});
  return problem ? problem->status : 200;
}

TEST(RequestHead, OfAnOrdinaryRequestIsTaken) {
  EXPECT_EQ(statusOf({"REQUEST_METHOD=GET", "REQUEST_URI=/taskqueue/", "TASKQUEUE_USER=ada",
                      "TASKQUEUE_ROLE=viewer", "HTTP_COOKIE=a=1; b=2"}),
            200);
}

TEST(RequestHead, WithARoleOrUserGivenTwiceOpensNothing) {
  for (const char* name :
       {"TASKQUEUE_SECRET", "TASKQUEUE_ROLE", "TASKQUEUE_USER", "CONTENT_LENGTH", "REQUEST_METHOD"}) {
    const std::string one = name;
    EXPECT_EQ(statusOf({one + "=viewer", one + "=admin"}), 403) << name;
    EXPECT_EQ(statusOf({one + "=", one + "=admin"}), 403) << name;
    EXPECT_EQ(statusOf({one + "=admin", one + "=admin"}), 403) << name;
  }
}

TEST(RequestHead, WithTooManyHeadersBytesOrCookiesIsRefused) {
  EXPECT_EQ(statusOf(std::vector<std::string>(kMaxHeaders, "HTTP_X=1")), 200);
  EXPECT_EQ(statusOf(std::vector<std::string>(kMaxHeaders + 1, "HTTP_X=1")), 431);
  EXPECT_EQ(statusOf({"HTTP_X=" + std::string(kMaxHeaderBytes, 'x')}), 431);
  const std::string cookies = "HTTP_COOKIE=a=";
  EXPECT_EQ(statusOf({cookies + std::string(kMaxCookieBytes - cookies.size(), 'x')}), 200);
  EXPECT_EQ(statusOf({cookies + std::string(kMaxCookieBytes, 'x')}), 431);
}

}  // namespace
}  // namespace taskqueue::web::tests
