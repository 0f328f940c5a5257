// The handler EmailQueue turns each row of the CMS's e-mail queue into one task SendMail for all its
// recipients. The same transaction deletes the row. So no mail is lost or duplicated, even when a process
// dies.
//
//   TaskData  {}
//   Results   {"Moved": rows, "Tasks": tasks created, "TooLarge": rows that stay}
//
// Final errors: too_large (mails that do not fit into TaskData; the others have been moved),
// unreadable_headers. Errors that are retried: database, cancelled.
#pragma once

#include "module/platform/configuration.h"
#include "module/store/database/connection.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

HandlerEntry makeEmailQueue(const platform::Configuration& configuration, store::ConnectionSettings settings,
                            store::TableNames names);

}  // namespace taskqueue::handlers
