// The handler EmailQueue: turns each row of the CMS's e-mail queue into a task SendMail for all of its
// recipients, in one transaction with the deletion of the row: no mail is lost and none becomes two, whatever
// dies in between.
//
//   TaskData  {}
//   Results   {"Moved": rows, "Tasks": one for each of them, "TooLarge": rows that stay}
//
// For good: too_large (mails that do not fit into TaskData; the others have been moved), unreadable_headers.
// To be tried again: database, cancelled.
#pragma once

#include "module/platform/configuration.h"
#include "module/store/connection.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

HandlerEntry makeEmailQueue(const platform::Configuration& configuration, store::ConnectionSettings settings,
                            store::TableNames names);

}  // namespace taskqueue::handlers
