// Reads the task list that people look through, in any order that an index
// serves.
//
// A page costs what it shows: rows are read in the order of an index, from a place on. Other conditions are
// tried batch by batch, until the page is full or the time limit is over. The answer then says how far it
// came.
#include <algorithm>

#include "module/queue/task_state.h"
#include "module/store/statistics/maria_statistics.h"
#include "module/store/tasks/task_walk.h"

namespace taskqueue::store {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kCountTime{200};  // no further batch is counted after this time

// A range of an index. Without a status it has the tasks of every status.
struct Range {
  TaskIndex index;
  std::optional<RunStatus> lastStatus = {};
};
// The ranges of a stage are read side by side, and their tasks are merged. Stages follow one after the other.
using Stage = std::vector<Range>;

// The index LastStatus has a range for each status of the state.
Stage rangesOfState(TaskState state) {
  Stage stage;
  for (const RunStatus status : ruleOf(state).statuses) stage.push_back({TaskIndex::LastStatus, status});
  return stage;
}

std::vector<Stage> stagesOf(const TaskGridRequest& request) {
  const TaskFilter& filter = request.filter;
  switch (request.order) {
    case TaskOrder::ByQueuedOn:
      if (filter.queuedFrom || filter.queuedUntil) return {{{TaskIndex::QueuedOn}}};
      return {{{TaskIndex::QueuedOn}}, {{TaskIndex::NoQueuedOn}}};
    case TaskOrder::ByScheduledOn:
      return {{{TaskIndex::ScheduledOn}}, {{TaskIndex::NoScheduledOn}}};
    case TaskOrder::ByNextRunOn:
      return {{{TaskIndex::NextRunOn}}, {{TaskIndex::NoNextRunOn}}};
    case TaskOrder::ById:
      break;
  }
  const bool isRareState = filter.state && *filter.state != TaskState::Succeeded;
  if (!filter.lastStatus && filter.state && (isRareState || !filter.taskHandlerClass))
    return {rangesOfState(*filter.state)};
  const bool isRareStatus = filter.lastStatus && *filter.lastStatus != RunStatus::Success;
  if (isRareStatus || (filter.lastStatus && !filter.taskHandlerClass)) return {{{TaskIndex::LastStatus}}};
  if (filter.taskHandlerClass) return {{{TaskIndex::TaskHandlerClass}, {TaskIndex::ParkedOfClass}}};
  return {{{TaskIndex::Id}}};
}

// Returns whether the place belongs to the stage: tasks without a value have a stage of their own.
bool hasPlace(const Stage& stage, const TaskCursor& place) {
  const TaskIndex index = stage.front().index;
  const bool isWithout =
      index == TaskIndex::NoQueuedOn || index == TaskIndex::NoScheduledOn || index == TaskIndex::NoNextRunOn;
  const bool hasValue =
      index == TaskIndex::QueuedOn || index == TaskIndex::ScheduledOn || index == TaskIndex::NextRunOn;
  return place.value ? !isWithout : !hasValue;
}

// Returns the request for one range. A status that says the state by itself is its only condition.
TaskGridRequest ofRange(TaskGridRequest request, const Range& range) {
  if (!range.lastStatus) return request;
  request.filter.lastStatus = range.lastStatus;
  if (request.filter.state && ruleOf(*request.filter.state).places == kAnyTaskPlace)
    request.filter.state.reset();
  return request;
}

// Reads one stage of a page.
class StageReading {
 public:
  StageReading(Connection& connection, const TaskGridRequest& request, const Stage& stage,
               const std::optional<TaskCursor>& from, std::size_t wanted)
      : order_(request.order), descending_(request.descending != request.backwards), wanted_(wanted) {
    for (const Range& range : stage)
      sides_.push_back({TaskWalk(connection, ofRange(request, range), range.index, from, descending_), {}});
  }

  // Reads a batch of each index. While there is time, it reads more of the index that is furthest behind.
  void readUntil(steady_clock::time_point deadline) {
    for (Side& side : sides_) advance(side);
    for (Side* last = leastFar(); last != nullptr && steady_clock::now() < deadline; last = leastFar())
      advance(*last);
  }

  // Moves the tasks up to the place that all indexes have reached.
  void moveTo(TaskGrid& grid) {
    if (const Side* last = leastFar()) grid.searchedTo = last->walk.reached();
    std::vector<Task> tasks;
    for (Side& side : sides_) {
      for (Task& task : side.found) tasks.push_back(std::move(task));
    }
    std::sort(tasks.begin(), tasks.end(), [&](const Task& a, const Task& b) {
      return standsBefore(makeCursor(a, order_), makeCursor(b, order_), descending_);
    });
    for (Task& task : tasks) {
      if (grid.searchedTo && standsBefore(*grid.searchedTo, makeCursor(task, order_), descending_)) break;
      grid.tasks.push_back(std::move(task));
    }
  }

 private:
  struct Side {
    TaskWalk walk;
    std::vector<Task> found;
  };

  void advance(Side& side) const {
    side.walk.next(static_cast<int>(wanted_ - side.found.size()), side.found);
  }

  // Considers the indexes that have neither come to their end nor found enough.
  Side* leastFar() {
    Side* last = nullptr;
    for (Side& side : sides_) {
      if (side.walk.isOver() || side.found.size() >= wanted_) continue;
      if (last == nullptr || standsBefore(side.walk.reached(), last->walk.reached(), descending_))
        last = &side;
    }
    return last;
  }

  TaskOrder order_;
  bool descending_;
  std::size_t wanted_;
  std::vector<Side> sides_;
};

}  // namespace

TaskGrid MariaStatistics::readTaskGrid(const TaskGridRequest& request) {
  const auto deadline = steady_clock::now() + request.timeLimit;
  const auto wanted = static_cast<std::size_t>(request.filter.limit) + 1;
  auto stages = stagesOf(request);
  if (request.backwards) std::reverse(stages.begin(), stages.end());
  TaskGrid grid;
  bool hasBegun = !request.from;
  for (const Stage& stage : stages) {
    std::optional<TaskCursor> from;
    if (!hasBegun) {
      if (request.order != TaskOrder::ById && !hasPlace(stage, *request.from)) continue;
      from = request.from;
      hasBegun = true;
    }
    StageReading reading(connection_, request, stage, from, wanted - grid.tasks.size());
    reading.readUntil(deadline);
    reading.moveTo(grid);
    if (grid.searchedTo || grid.tasks.size() >= wanted) break;
  }
  if (grid.tasks.size() >= wanted) {
    grid.tasks.resize(wanted - 1);
    grid.searchedTo.reset();
    grid.more = true;
  }
  grid.more = grid.more || grid.searchedTo.has_value();
  if (request.backwards) std::reverse(grid.tasks.begin(), grid.tasks.end());
  return grid;
}

BoundedCount MariaStatistics::countUpTo(const TaskFilter& filter, int max) {
  constexpr int kAtOnce = 2000;
  const auto deadline = steady_clock::now() + kCountTime;
  TaskGridRequest request;
  request.filter = filter;
  BoundedCount count;
  const auto stages = stagesOf(request);
  for (const Range& range : stages.front()) {
    TaskWalk walk(connection_, ofRange(request, range), range.index, std::nullopt, /*descending=*/true);
    do {
      std::vector<Task> found;
      walk.next(kAtOnce, found);
      count.value += static_cast<std::int64_t>(found.size());
    } while (!walk.isOver() && count.value <= max && steady_clock::now() < deadline);
    count.more = count.more || !walk.isOver();
  }
  if (count.value > max) count = {max, true};
  return count;
}

}  // namespace taskqueue::store
