// Counts what a bulk action would change, before a person confirms it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "module/queue/store/statistics_store.h"
#include "module/queue/store/task_store.h"
#include "module/texts/texts.h"
#include "module/web/bulk.h"

namespace taskqueue::web {

// Looking for the tasks ends after this time; the counts are then lower bounds.
inline constexpr std::chrono::milliseconds kPreviewTime{200};

struct BulkPreview {
  std::int64_t matching = 0;
  std::int64_t changed = 0;
  bool more = false;           // the counts are lower bounds
  std::int64_t ended = 0;      // have ended, so a cancel leaves them alone
  std::int64_t running = 0;    // are asked to stop by a cancel, and left alone by a retry
  std::int64_t waiting = 0;    // wait or are retried automatically: a retry runs them at once
  std::int64_t succeeded = 0;  // run again by a retry
  std::vector<Task> first;     // the first tasks that change
};

BulkPreview previewOfAll(BulkAction action, const TaskFilter& filter, StatisticsStore& statistics);
BulkPreview previewOfNamed(BulkAction action, const std::vector<int>& ids, TaskStore& tasks);

// Returns sentences such as "1 of 93 tasks can be cancelled."
std::vector<std::string> sentencesOf(const BulkPreview& preview, BulkAction action, const Texts& say);

}  // namespace taskqueue::web
