// A bulk order must name its tasks: an empty one would change all tasks.
#include "runner/handlers/bulk_control.h"

#include <gtest/gtest.h>

#include "module/json/task_data.h"

namespace taskqueue::handlers {
namespace {

class BulkOrder : public ::testing::Test {
 protected:
  static bool isTaken(const HandlerEntry& handler, std::string_view data) {
    return json::checkTaskData(data, handler.dataSchema, {}).empty();
  }

  HandlerEntry cancel_ = makeBulkCancel({}, {"inp_", "SystemSettings"}, "");
  HandlerEntry retry_ = makeBulkRetry({}, {"inp_", "SystemSettings"}, "");
};

TEST_F(BulkOrder, WithAFilterIsTaken) {
  EXPECT_TRUE(isTaken(cancel_, R"({"q":"import"})"));
  EXPECT_TRUE(isTaken(cancel_, R"({"Queue":"slow","LastStatus":"scheduled"})"));
  EXPECT_TRUE(isTaken(retry_, R"({"LastStatus":"error"})"));
}

TEST_F(BulkOrder, WithoutAnyFilterIsRefused) {
  EXPECT_FALSE(isTaken(cancel_, "{}"));
  EXPECT_FALSE(isTaken(retry_, "{}"));
}

TEST_F(BulkOrder, WithAnEmptyFilterIsRefused) {
  for (const std::string member : {"q", "Queue", "TaskHandlerClass", "ErrorCode", "LastStatus"}) {
    EXPECT_FALSE(isTaken(cancel_, "{\"" + member + "\":\"\"}")) << member;
    EXPECT_FALSE(isTaken(retry_, R"({"LastStatus":"error",")" + member + "\":\"\"}")) << member;
  }
}

TEST_F(BulkOrder, OfNamedTasksAndAFilterIsRefusedSinceOnlyTheNamesWouldCount) {
  EXPECT_TRUE(isTaken(cancel_, R"({"Ids":[1,2]})"));
  EXPECT_TRUE(isTaken(retry_, R"({"Ids":[1,2]})"));
  EXPECT_FALSE(isTaken(cancel_, R"({"Ids":[1,2],"Queue":"slow"})"));
  EXPECT_FALSE(isTaken(retry_, R"({"Ids":[1,2],"LastStatus":"error"})"));
  EXPECT_FALSE(isTaken(cancel_, R"({"Ids":[]})"));
}

}  // namespace
}  // namespace taskqueue::handlers
