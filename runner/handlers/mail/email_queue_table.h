// The CMS's table of waiting mails. The configuration gives its name and columns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "module/platform/configuration.h"
#include "module/queue/task.h"
#include "module/store/database/connection.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread.
class EmailQueueTable {
 public:
  // `ofSendMail` holds the settings of the handler SendMail; `taskDataBytes` is the largest TaskData that the
  // queue accepts.
  EmailQueueTable(store::Connection& connection, const platform::EmailQueueConfiguration& configuration,
                  const HandlerSettings& ofSendMail, std::int64_t taskDataBytes);

  std::int64_t countRows();
  // The largest task that this database server accepts.
  std::int64_t maxBytes() const;

  struct Batch {
    std::vector<NewTask> tasks;
    std::vector<std::int64_t> done;        // row keys of the created tasks, in the same order
    std::vector<std::int64_t> tooLarge;    // keys of rows that stay
    std::vector<std::int64_t> unreadable;  // keys of rows that stay: bad headers, or a text that is not UTF-8
    std::int64_t lastKey = 0;              // of the rows that were read
    bool atEnd = false;                    // no row follows `after`
  };
  // Tells whether a ROLLBACK undoes a deletion.
  bool rollsBack();
  // Reads the next rows after the key. If the table supports locks they stay locked until the caller's
  // transaction ends. Rows locked by other sessions are skipped. Throws StoreError.
  Batch read(std::int64_t after);
  // Deletes the rows that became tasks and returns their number. Throws StoreError.
  std::size_t remove(const Batch& batch);
  // Gives the tasks unique keys, so that enqueueing the same mails again finds the same tasks. This is needed
  // when the rows are deleted after the COMMIT.
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
