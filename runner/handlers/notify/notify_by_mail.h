// Notifies a user by e-mail: it finds the address, writes the text in the user's language, and sends it
// through SendMail.
#pragma once

#include "module/platform/configuration.h"
#include "module/store/database/connection.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// The handler exists only when a mail server is configured.
HandlerEntry makeNotifyByMail(const platform::Configuration& configuration,
                              store::ConnectionSettings settings, store::TableNames names);

}  // namespace taskqueue::handlers
