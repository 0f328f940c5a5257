#include "module/store/tasks/task_walk.h"

#include <algorithm>
#include <array>
#include <memory>

#include "module/store/sql/columns.h"
#include "module/store/sql/task_conditions.h"
#include "module/store/sql/task_place.h"

namespace taskqueue::store {
namespace {

constexpr std::int64_t kBeforeAllTasks = std::int64_t{INT32_MIN} - 1;
constexpr std::int64_t kBehindAll = std::int64_t{INT32_MAX} + 1;

// A Driver is an index, the conditions that it serves by itself, and the column that orders it besides Id.
struct Driver {
  const char* index;
  const char* column;
  const char* condition;
  unsigned serves;  // set of TaskConditions
};
// The order is that of TaskIndex. The times have an upper bound, so that rows without one are left out.
constexpr std::array kDrivers{
    Driver{"PRIMARY", "Id", "t.Id IS NOT NULL", 0},
    Driver{"LastStatus", "Id", "t.LastStatus = ?", TaskConditions::kByStatus},
    Driver{"TaskHandlerClass", "Id", "t.TaskHandlerClass = ? AND t.ParkedReason = ''",
           TaskConditions::kByClass},
    Driver{"TaskHandlerClass", "Id", "t.TaskHandlerClass = ? AND t.ParkedReason > ''",
           TaskConditions::kByClass},
    Driver{"QueuedOn", "QueuedOn", "t.QueuedOn BETWEEN ? AND ?", TaskConditions::kByQueuedOn},
    Driver{"QueuedOn", "Id", "t.QueuedOn IS NULL", 0},
    Driver{"ScheduledOn", "ScheduledOn", "t.ScheduledOn <= 2147483647", 0},
    Driver{"ScheduledOn", "Id", "t.ScheduledOn IS NULL", 0},
    Driver{"NextRunOn", "NextRunOn", "t.NextRunOn <= 2147483647", 0},
    Driver{"NextRunOn", "Id", "t.NextRunOn IS NULL", 0}};

const Driver& driverOf(TaskIndex index) {
  return kDrivers.at(static_cast<std::size_t>(index));
}

bool isOrderedById(const Driver& driver) {
  return std::string_view(driver.column) == "Id";
}

// Holds the statements of one driver in one direction, which read between two places.
class DriverStatements {
 public:
  DriverStatements(const Driver& driver, bool descending) {
    const std::string way = descending ? " DESC" : "";
    const std::string column = std::string("t.") + driver.column;
    const bool byId = isOrderedById(driver);
    const auto beyond = [&](const char* less) {
      const std::string sign = less;
      if (byId) return " AND t.Id " + sign + " ?";
      return " AND " + column + " " + sign + "= ? AND (" + column + " " + sign + " ? OR t.Id " + sign + " ?)";
    };
    const std::string where = std::string(" FROM {TaskQueue} t FORCE INDEX (") + driver.index + ") WHERE " +
                              driver.condition + beyond(descending ? "<" : ">");
    const std::string order = " ORDER BY " + (byId ? "" : column + way + ", ") + "t.Id" + way;
    // Finds the last place of a batch by the index alone.
    border_ = std::make_unique<Sql>("grid-border",
                                    "SELECT " + column + ", t.Id" + where + order + " LIMIT 1 OFFSET ?");
    const std::string until = beyond(descending ? ">" : "<");
    for (unsigned set = 0; set < TaskConditions::kSets; ++set) {
      const bool isServed = (set & driver.serves) != 0;
      rows_.push_back(isServed ? nullptr
                               : std::make_unique<Sql>("grid-rows", "SELECT {listed_task_columns}" + where +
                                                                        until + TaskConditions::textOf(set) +
                                                                        order + " LIMIT ?"));
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
  const DriverStatements& of(TaskIndex index, bool down) const {
    return (down ? descending : ascending).at(static_cast<std::size_t>(index));
  }
};
const AllStatements kStatements;

}  // namespace

TaskWalk::TaskWalk(Connection& connection, const TaskGridRequest& request, TaskIndex index,
                   const std::optional<TaskCursor>& from, bool descending)
    : connection_(connection),
      filter_(request.filter),
      order_(request.order),
      index_(index),
      descending_(descending),
      batch_(request.batch),
      residual_(TaskConditions::setOf(request.filter) & ~driverOf(index).serves),
      place_{descending ? kBehindAll : kBeforeAllTasks, descending ? kBehindAll : kBeforeAllTasks},
      end_{descending ? kBeforeAllTasks : kBehindAll, descending ? kBeforeAllTasks : kBehindAll} {
  if (from) place_ = {isOrderedById() ? from->id : from->value.value_or(place_.value), from->id};
  if (filter_.beforeId) limitId(*filter_.beforeId, /*upper=*/true);
  if (filter_.fromId) limitId(std::int64_t{*filter_.fromId} - 1, /*upper=*/false);
}

bool TaskWalk::isOrderedById() const {
  return store::isOrderedById(driverOf(index_));
}

// If the index is ordered by Id, a bound of the Id is a bound of the walk.
void TaskWalk::limitId(std::int64_t id, bool upper) {
  if (!isOrderedById()) return;
  Place& edge = upper == descending_ ? place_ : end_;
  const bool narrows = upper ? id < edge.id : id > edge.id;
  if (narrows) edge = {id, id};
}

bool TaskWalk::isWithinIds(int id) const {
  return (!filter_.beforeId || id < *filter_.beforeId) && (!filter_.fromId || id >= *filter_.fromId);
}

void TaskWalk::addPlace(const Place& place, std::vector<Value>& to) const {
  if (!isOrderedById()) {
    to.emplace_back(place.value);
    to.emplace_back(place.value);
  }
  to.emplace_back(place.id);
}

// Returns the last place of the next batch, or nothing when the batch reaches the end.
std::optional<TaskWalk::Place> TaskWalk::findBorder() {
  std::vector<Value> parameters;
  TaskConditions::addParameters(driverOf(index_).serves, filter_, parameters);
  addPlace(place_, parameters);
  parameters.emplace_back(std::int64_t{batch_} - 1);
  auto rows = connection_.query(kStatements.of(index_, descending_).border(), parameters);
  if (rows.empty()) return std::nullopt;
  const auto [value, id] = rows.front().as<std::int64_t, std::int64_t>();
  const Place border{value, id};
  const bool isBehindEnd = descending_ ? border.id <= end_.id : border.id >= end_.id;
  if (isOrderedById() && isBehindEnd) return std::nullopt;
  return border;
}

void TaskWalk::next(int limit, std::vector<Task>& to) {
  std::optional<Place> border;
  if (residual_ != 0) border = findBorder();
  std::vector<Value> parameters;
  TaskConditions::addParameters(driverOf(index_).serves, filter_, parameters);
  addPlace(place_, parameters);
  const int further = descending_ ? -1 : 1;  // the border itself belongs to the batch
  addPlace(
      border ? Place{isOrderedById() ? border->id + further : border->value, border->id + further} : end_,
      parameters);
  TaskConditions::addParameters(residual_, filter_, parameters);
  // If Ids are filtered here, more rows are read than are wanted.
  const bool sortsOut = !isOrderedById() && (filter_.beforeId || filter_.fromId);
  const int max = sortsOut ? std::max(limit, batch_) : limit;
  parameters.emplace_back(std::int64_t{max});
  int read = 0;
  int found = 0;
  for (Row& row : connection_.query(kStatements.of(index_, descending_).rows(residual_), parameters)) {
    Task task = readTask(row);
    place_ = {isOrderedById() ? task.id : makeCursor(task, order_).value.value_or(0), task.id};
    ++read;
    if (!isWithinIds(task.id)) continue;
    to.push_back(std::move(task));
    if (++found == limit) return;
  }
  if (read == max) return;
  if (border) {
    place_ = *border;
  } else {
    isOver_ = true;
  }
}

TaskCursor TaskWalk::reached() const {
  const int id = static_cast<int>(place_.id);
  if (order_ == TaskOrder::ById) return {place_.id, id};
  if (isOrderedById()) return {std::nullopt, id};
  return {place_.value, id};
}

}  // namespace taskqueue::store
