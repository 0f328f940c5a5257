// The CMS's editor saves old copies of tasks and runs while runners work on them. No process crashes, no
// token ends a run twice, and every existing task reaches a final status.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <list>
#include <random>
#include <thread>

#include "tests/chaos/instant_runner.h"
#include "tests/chaos/sizes.h"
#include "tests/support/cms_editor.h"
#include "tests/support/database_environment.h"
#include "tests/support/eventually.h"
#include "tests/support/invariant_checker.h"

namespace taskqueue::chaos {
namespace {

using namespace std::chrono_literals;
using test_support::CmsEditor;
using ::testing::IsEmpty;

constexpr const char* kEditorDatabase = "editor";
constexpr int kEditorRunners = 3;
constexpr auto kWork = 8ms;  // duration of one run; long enough for the editor to interfere

constexpr int kRecentTasks = 20;  // the editor chooses among these

TEST(Editor, OldCopiesThatItSavesNeitherStopARunnerNorLeaveATaskStuck) {
  test_support::sharedServer().createDatabase(kEditorDatabase);
  test_support::migrate(kEditorDatabase);
  const store::ConnectionSettings settings = test_support::settingsFor(kEditorDatabase);
  std::atomic<int> executed = 0;
  std::list<InstantRunner> runners;
  for (int i = 0; i < kEditorRunners; ++i)
    runners.emplace_back(settings, settings, i, executed, InstantRunner::Losses::Allowed, kWork);

  store::Connection eye(settings, test_support::cmsNames());
  const auto store = connect(settings);
  LeaseWatch leaseWatch(60s);
  TaskQueue queue(store->roles(), {}, RescuePolicy{}, leaseWatch);
  CmsEditor editor(eye);
  std::mt19937_64 random(sizes().seed);
  const auto draw = [&](int min, int max) { return std::uniform_int_distribution<>(min, max)(random); };
  int lastId = 0;
  int refused = 0;
  for (int save = 0; save < sizes().saves; ++save) {
    const std::vector<NewTask> tasks(static_cast<std::size_t>(draw(1, 3)),
                                     NewTask{.taskHandlerClass = "Echo"});
    lastId = store->tasks.insertTasks(tasks, {}).tasks.back().id;
    editor.open(std::max(1, lastId - draw(0, kRecentTasks)),
                draw(0, 1) == 0 ? CmsEditor::Scope::TaskAlone : CmsEditor::Scope::TaskAndRuns);
    std::this_thread::sleep_for(std::chrono::microseconds(draw(0, 6000)));
    if (!editor.save()) ++refused;
    if (save % 50 == 0) queue.repairTasks();
  }
  EXPECT_TRUE(test_support::eventually(
      [&] {
        queue.repairTasks();
        // A run that the last save restored is released by its runner's next heartbeat.
        return eye.queryText(
                      "SELECT (SELECT COUNT(*) FROM inp_TaskQueue WHERE LastStatus <> 'success') + "
                      "(SELECT COUNT(*) FROM inp_TaskRuns WHERE OpenTaskQueueId IS NOT NULL)")
                   .at(0)
                   .integer() == 0;
      },
      60s));
  int lost = 0;
  for (InstantRunner& runner : runners) {
    EXPECT_TRUE(runner.stop());
    lost += runner.lost();
  }
  // Rows of the past may be missing, as sql/README.md says; the remaining rows must be consistent.
  for (store::Row& row : eye.queryText("SELECT Id FROM inp_TaskQueue"))
    store->maintenance.recountTask(row.number());
  EXPECT_THAT(test_support::checkInvariants(eye), IsEmpty());
  std::cout << sizes().saves << " saves, " << refused << " of them refused in part, " << lost
            << " runs lost, " << executed << " executions of "
            << eye.queryText("SELECT COUNT(*) FROM inp_TaskQueue").at(0).integer() << " tasks; seed "
            << sizes().seed << std::endl;
}

}  // namespace
}  // namespace taskqueue::chaos
