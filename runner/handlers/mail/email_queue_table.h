// The CMS's table of mails that wait, under whatever names it has on this site.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "module/platform/configuration.h"
#include "module/queue/task.h"
#include "module/store/connection.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread.
class EmailQueueTable {
 public:
  // `ofSendMail` is what the tasks' handler says about them; `taskDataBytes` the most that one may hold.
  EmailQueueTable(store::Connection& connection, const platform::EmailQueueConfiguration& configuration,
                  const HandlerSettings& ofSendMail, std::int64_t taskDataBytes);

  std::int64_t countRows();
  // Of one task that this server takes.
  std::int64_t mostBytes() const;

  struct Batch {
    std::vector<NewTask> tasks;
    std::vector<std::int64_t> done;        // keys of the rows from which the tasks were made, in their order
    std::vector<std::int64_t> tooLarge;    // keys of rows that stay
    std::vector<std::int64_t> unreadable;  // the same: their headers cannot be read, or a text is no UTF-8
    std::int64_t lastKey = 0;              // that was looked at
    bool atEnd = false;                    // nothing stands behind `after`
  };
  // Whether a deletion is undone when its transaction is.
  bool rollsBack();
  // The next rows behind the key, locked until the caller's transaction ends where the table can lock. Rows
  // that another session holds are passed by. Throws StoreError.
  Batch read(std::int64_t after);
  // Deletes the rows that became tasks, and returns how many there were. Throws StoreError.
  std::size_t remove(const Batch& batch);
  // The same mails become the same tasks, should they be enqueued again: for a deletion that comes after the
  // COMMIT of the tasks, and may not come at all.
  void makeUnique(Batch& batch) const;

 private:
  std::vector<std::int64_t> lockNext(std::int64_t after, Batch& batch);
  void addTask(store::Row& row, Batch& batch);

  store::Connection& connection_;
  const HandlerSettings& ofSendMail_;
  std::int64_t taskDataBytes_;
  std::string name_;
  std::string table_;
  std::string key_;
  std::string lockNext_;
  std::string columns_;
};

}  // namespace taskqueue::handlers
