#include "module/web/pages/bulk_preview.h"

#include "module/web/pages/confirmation.h"

namespace taskqueue::web {
namespace {

using Clock = std::chrono::steady_clock;

bool waits(const Task& task) {
  return task.nextRunOn || !task.parkedReason.empty() || task.lastStatus == RunStatus::Scheduled;
}

void count(BulkPreview& to, BulkAction action, const Task& task) {
  const bool isRunning = task.lastStatus == RunStatus::Running;
  const bool isWaiting = !isRunning && waits(task);
  ++to.matching;
  to.running += isRunning ? 1 : 0;
  to.waiting += isWaiting ? 1 : 0;
  to.ended += isRunning || isWaiting ? 0 : 1;
  to.succeeded += task.lastStatus == RunStatus::Success ? 1 : 0;
  if (action == BulkAction::Retry ? isRunning : !isRunning && !isWaiting) return;
  ++to.changed;
  if (to.first.size() < kTasksNamed) to.first.push_back(task);
}

}  // namespace

BulkPreview previewOfAll(BulkAction action, const TaskFilter& filter, StatisticsStore& statistics) {
  constexpr int kAtOnce = 500;
  BulkPreview preview;
  TaskGridRequest wanted;
  wanted.filter = filter;
  wanted.filter.limit = kAtOnce;
  wanted.timeLimit = kPreviewTime;
  const auto until = Clock::now() + kPreviewTime;
  do {
    const TaskGrid grid = statistics.readTaskGrid(wanted);
    for (const Task& task : grid.tasks) count(preview, action, task);
    wanted.from = placeToGoOn(grid, wanted.order);
  } while (wanted.from && Clock::now() < until);
  preview.more = wanted.from.has_value();
  return preview;
}

BulkPreview previewOfNamed(BulkAction action, const std::vector<int>& ids, TaskStore& tasks) {
  BulkPreview preview;
  const auto until = Clock::now() + kPreviewTime;
  for (const int id : ids) {
    if (Clock::now() >= until) {
      preview.more = true;
      break;
    }
    TaskFilter one;  // unlike findTask(), this reads no TaskData
    one.fromId = id;
    one.beforeId = id + 1;
    one.limit = 1;
    for (const Task& task : tasks.findTasks(one)) count(preview, action, task);
  }
  return preview;
}

std::vector<std::string> sentencesOf(const BulkPreview& preview, BulkAction action, const Texts& say) {
  std::vector<std::string> sentences;
  const std::string changed = say.number(preview.changed);
  const std::string matching = say.number(preview.matching);
  const auto add = [&](std::int64_t number, std::string sentence) {
    if (number > 0) sentences.push_back(std::move(sentence));
  };
  const std::int64_t running = preview.running;
  if (action == BulkAction::Cancel) {
    sentences.push_back(say.text("%1 of %2 tasks can be cancelled.", {changed, matching}));
    add(running,
        say.plural("%1 is running and is asked to stop.", "%1 are running and are asked to stop.", running));
    add(preview.ended,
        say.plural("%1 has ended and stays as it is.", "%1 have ended and stay as they are.", preview.ended));
  } else {
    sentences.push_back(say.text("%1 of %2 tasks can be retried.", {changed, matching}));
    add(preview.waiting, say.plural("%1 waits or is retried automatically, and runs at once instead.",
                                    "%1 wait or are retried automatically, and run at once instead.",
                                    preview.waiting));
    add(preview.succeeded, say.plural("%1 has succeeded and runs again.", "%1 have succeeded and run again.",
                                      preview.succeeded));
    add(running,
        say.plural("%1 is running and stays as it is.", "%1 are running and stay as they are.", running));
  }
  if (preview.more) sentences.push_back(say.text("There are more: counting ended after 0.2 s."));
  return sentences;
}

}  // namespace taskqueue::web
