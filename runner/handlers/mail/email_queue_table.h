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

  struct Batch {
    std::vector<NewTask> tasks;
    std::int64_t rows = 0;                 // that became tasks and are deleted
    std::vector<std::int64_t> tooLarge;    // keys of rows that stay
    std::vector<std::int64_t> unreadable;  // the same: their headers cannot be read, or a text is no UTF-8
    std::int64_t lastKey = 0;              // that was looked at
    bool atEnd = false;                    // nothing stands behind `after`
  };
  // Takes the next rows behind the key out of the table. Rows that another session holds are passed by. Needs
  // the caller's transaction; throws StoreError.
  Batch take(std::int64_t after);

 private:
  std::vector<std::int64_t> lockNext(std::int64_t after, Batch& batch);
  void addTask(store::Row& row, Batch& batch, std::vector<std::int64_t>& done);

  store::Connection& connection_;
  const HandlerSettings& ofSendMail_;
  std::int64_t taskDataBytes_;
  std::string table_;
  std::string key_;
  std::string lockNext_;
  std::string columns_;
};

}  // namespace taskqueue::handlers
