// MariaTaskStore: the list of tasks that people look through, in any order that an index serves.
//
// A page costs what it shows: the rows are read in the order of an index from a place on. Conditions that
// this index does not know are looked at row by row, window by window, until the page is full or the time is
// over; the answer then says how far it came.
#include <algorithm>
#include <array>
#include <chrono>
#include <memory>

#include "module/store/columns.h"
#include "module/store/maria_task_store.h"
#include "module/store/task_conditions.h"

namespace taskqueue::store {
namespace {

using std::chrono::steady_clock;

constexpr int kWindowRows = 5000;                   // looked at by one statement
constexpr std::chrono::milliseconds kPageTime{20};  // after which no further window is begun
constexpr std::chrono::milliseconds kCountTime{200};

// An index, the conditions that it serves by itself, and the column that orders it besides Id.
struct Driver {
  const char* index;
  const char* column;
  const char* condition;
  unsigned serves;  // of TaskConditions
};
enum DriverName { kAll, kStatus, kClass, kParkedOfClass, kQueuedOn, kScheduledOn, kNextRunOn };
// The times have an upper bound so that rows without one are left out.
constexpr std::array kDrivers{
    Driver{"PRIMARY", "Id", "t.Id > 0", 0},
    Driver{"LastStatus", "Id", "t.LastStatus = ?", TaskConditions::kByStatus},
    Driver{"TaskHandlerClass", "Id", "t.TaskHandlerClass = ? AND t.ParkedReason = ''",
           TaskConditions::kByClass},
    Driver{"TaskHandlerClass", "Id", "t.TaskHandlerClass = ? AND t.ParkedReason > ''",
           TaskConditions::kByClass},
    Driver{"QueuedOn", "QueuedOn", "t.QueuedOn BETWEEN ? AND ?", TaskConditions::kByQueuedOn},
    Driver{"ScheduledOn", "ScheduledOn", "t.ScheduledOn <= 2147483647", 0},
    Driver{"NextRunOn", "NextRunOn", "t.NextRunOn <= 2147483647", 0}};

// Statements of one driver in one direction. Between the two places: (value, Id) of each, twice.
class DriverStatements {
 public:
  DriverStatements(const Driver& driver, bool descending) {
    const std::string way = descending ? " DESC" : "";
    const std::string column = std::string("t.") + driver.column;
    const bool byId = column == "t.Id";
    const auto beyond = [&](const char* less) {
      const std::string sign = less;
      if (byId) return " AND t.Id " + sign + " ? AND ? IS NOT NULL AND ? IS NOT NULL";
      return " AND " + column + " " + sign + "= ? AND (" + column + " " + sign + " ? OR t.Id " + sign + " ?)";
    };
    const std::string where = std::string(" FROM {TaskQueue} t FORCE INDEX (") + driver.index + ") WHERE " +
                              driver.condition + beyond(descending ? "<" : ">");
    const std::string order = " ORDER BY " + (byId ? "" : column + way + ", ") + "t.Id" + way;
    // The last place of a window; an index alone answers it.
    border_ = std::make_unique<Sql>("grid-border", "SELECT " + column + ", t.Id" + where + order +
                                                       " LIMIT 1 OFFSET " + std::to_string(kWindowRows));
    const std::string until = beyond(descending ? ">" : "<");
    for (unsigned set = 0; set < TaskConditions::kSets; ++set) {
      const bool isServed = (set & driver.serves) != 0;
      rows_.push_back(isServed
                          ? nullptr
                          : std::make_unique<Sql>(
                                "grid-rows", std::string("SELECT ") + kListedTaskColumns + where + until +
                                                 TaskConditions::textOf(set) + order + " LIMIT ?"));
    }
  }

  const Sql& border() const { return *border_; }
  const Sql& rows(unsigned set) const { return *rows_.at(set); }

 private:
  std::unique_ptr<Sql> border_;
  std::vector<std::unique_ptr<Sql>> rows_;
};

struct AllStatements {
  std::vector<DriverStatements> ascending;
  std::vector<DriverStatements> descending;

  AllStatements() {
    for (const Driver& driver : kDrivers) {
      ascending.emplace_back(driver, false);
      descending.emplace_back(driver, true);
    }
  }
  const DriverStatements& of(DriverName driver, bool down) const {
    return (down ? descending : ascending).at(static_cast<std::size_t>(driver));
  }
};
const AllStatements kStatements;

void addPlace(const TaskCursor& place, std::vector<Value>& to) {
  to.emplace_back(place.value);
  to.emplace_back(place.value);
  to.emplace_back(std::int64_t{place.id});
}

// Reads on along one driver, window by window.
class Walk {
 public:
  Walk(Connection& connection, const TaskGridRequest& request, DriverName driver, bool descending)
      : connection_(connection),
        filter_(request.filter),
        order_(request.order),
        driver_(driver),
        descending_(descending),
        residual_(TaskConditions::setOf(request.filter) & ~kDrivers.at(driver).serves),
        statements_(kStatements.of(driver, descending)) {
    const TaskCursor first{descending ? std::int64_t{INT32_MAX} + 1 : std::int64_t{-1},
                           descending ? INT32_MAX : 0};
    place_ = request.from.value_or(first);
    const std::int64_t most = std::int64_t{INT32_MAX} + 1;
    end_ = descending ? TaskCursor{std::int64_t{-1}, -1} : TaskCursor{most, INT32_MAX};
    const bool byId = order_ == TaskOrder::ById;
    if (byId && filter_.beforeId) limitId(*filter_.beforeId, /*upper=*/true);
    if (byId && filter_.fromId) limitId(*filter_.fromId - 1, /*upper=*/false);
  }

  // Adds the next window's tasks, at most `limit`. False when there is no further one.
  bool next(int limit, std::vector<Task>& to) {
    std::optional<TaskCursor> border;
    if (residual_ != 0) border = findBorder();
    std::vector<Value> parameters;
    addDriverParameters(parameters);
    addPlace(place_, parameters);
    TaskCursor until = end_;
    if (border) until = {border->value, border->id + (descending_ ? -1 : 1)};  // and the border itself
    addPlace(until, parameters);
    TaskConditions::addParameters(residual_, filter_, parameters);
    parameters.emplace_back(std::int64_t{limit});
    int found = 0;
    for (Row& row : connection_.query(statements_.rows(residual_), parameters)) {
      Task task = readTask(row);
      place_ = {placeOf(task, order_).value_or(0), task.id};
      if (isWithinIds(task.id)) to.push_back(std::move(task));
      ++found;
    }
    if (found == limit) return true;
    if (border) place_ = *border;
    return border.has_value();
  }

  const TaskCursor& place() const { return place_; }

 private:
  bool isWithinIds(int id) const {
    return (!filter_.beforeId || id < *filter_.beforeId) && (!filter_.fromId || id >= *filter_.fromId);
  }

  void limitId(int id, bool upper) {
    TaskCursor& edge = upper == descending_ ? place_ : end_;
    const bool narrows = upper ? id < edge.value : id > edge.value;
    if (narrows) edge = {id, id};
  }

  void addDriverParameters(std::vector<Value>& to) const {
    TaskConditions::addParameters(kDrivers.at(driver_).serves & TaskConditions::kByStatus, filter_, to);
    TaskConditions::addParameters(kDrivers.at(driver_).serves & TaskConditions::kByClass, filter_, to);
    TaskConditions::addParameters(kDrivers.at(driver_).serves & TaskConditions::kByQueuedOn, filter_, to);
  }

  std::optional<TaskCursor> findBorder() {
    std::vector<Value> parameters;
    addDriverParameters(parameters);
    addPlace(place_, parameters);
    auto rows = connection_.query(statements_.border(), parameters);
    if (rows.empty()) return std::nullopt;
    const std::int64_t value = rows.front().integer();
    return TaskCursor{value, rows.front().number()};
  }

  Connection& connection_;
  TaskFilter filter_;
  TaskOrder order_;
  DriverName driver_;
  bool descending_;
  unsigned residual_;
  const DriverStatements& statements_;
  TaskCursor place_;
  TaskCursor end_;
};

// Which indexes give the tasks of the request in its order. A handler's parked tasks stand apart in its
// index.
std::vector<DriverName> driversFor(const TaskGridRequest& request) {
  if (request.order == TaskOrder::ByQueuedOn) return {kQueuedOn};
  if (request.order == TaskOrder::ByScheduledOn) return {kScheduledOn};
  if (request.order == TaskOrder::ByNextRunOn) return {kNextRunOn};
  const TaskFilter& filter = request.filter;
  const bool isRareStatus = filter.lastStatus && *filter.lastStatus != RunStatus::Success;
  if (isRareStatus || (filter.lastStatus && !filter.taskHandlerClass)) return {kStatus};
  if (filter.taskHandlerClass) return {kClass, kParkedOfClass};
  return {kAll};
}

bool isBefore(const TaskCursor& a, const TaskCursor& b, bool descending) {
  const auto left = std::pair(a.value, a.id);
  const auto right = std::pair(b.value, b.id);
  return descending ? left > right : left < right;
}

TaskCursor cursorOf(const Task& task, TaskOrder order) {
  return {placeOf(task, order).value_or(0), task.id};
}

}  // namespace

TaskGrid MariaTaskStore::readTaskGrid(const TaskGridRequest& request) {
  const bool descending = request.descending != request.backwards;
  const auto deadline = steady_clock::now() + kPageTime;
  const int wanted = request.filter.limit + 1;
  TaskGrid grid;
  for (const DriverName driver : driversFor(request)) {
    Walk walk(connection_, request, driver, descending);
    std::vector<Task> found;
    bool mayHaveMore = true;
    while (mayHaveMore && static_cast<int>(found.size()) < wanted && steady_clock::now() < deadline)
      mayHaveMore = walk.next(wanted - static_cast<int>(found.size()), found);
    const bool gaveUp = mayHaveMore && static_cast<int>(found.size()) < wanted;
    if (gaveUp && (!grid.searchedTo || isBefore(walk.place(), *grid.searchedTo, descending)))
      grid.searchedTo = walk.place();
    grid.tasks.insert(grid.tasks.end(), found.begin(), found.end());
  }
  std::sort(grid.tasks.begin(), grid.tasks.end(), [&](const Task& a, const Task& b) {
    return isBefore(cursorOf(a, request.order), cursorOf(b, request.order), descending);
  });
  if (grid.searchedTo) {
    // What another index gave beyond that place comes with the next page.
    std::erase_if(grid.tasks, [&](const Task& task) {
      return isBefore(*grid.searchedTo, cursorOf(task, request.order), descending);
    });
  }
  if (static_cast<int>(grid.tasks.size()) >= wanted) {
    grid.tasks.resize(static_cast<std::size_t>(request.filter.limit));
    grid.searchedTo.reset();
    grid.more = true;
  }
  grid.more = grid.more || grid.searchedTo.has_value();
  if (request.backwards) std::reverse(grid.tasks.begin(), grid.tasks.end());
  return grid;
}

BoundedCount MariaTaskStore::countUpTo(const TaskFilter& filter, int most) {
  constexpr int kAtOnce = 2000;
  const auto deadline = steady_clock::now() + kCountTime;
  TaskGridRequest request;
  request.filter = filter;
  BoundedCount count;
  for (const DriverName driver : driversFor(request)) {
    Walk walk(connection_, request, driver, /*descending=*/true);
    bool mayHaveMore = true;
    while (mayHaveMore && count.value <= most) {
      if (steady_clock::now() >= deadline) {
        count.more = true;
        break;
      }
      std::vector<Task> found;
      mayHaveMore = walk.next(kAtOnce, found);
      count.value += static_cast<std::int64_t>(found.size());
    }
  }
  if (count.value > most) count = {most, true};
  return count;
}

}  // namespace taskqueue::store
