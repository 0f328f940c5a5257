// Tells somebody by e-mail: finds the address, writes the text in the reader's language, and lets SendMail
// send it.
#pragma once

#include "module/platform/configuration.h"
#include "module/store/connection.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// Offered when there is a mail server.
HandlerEntry makeNotifyByMail(const platform::Configuration& configuration,
                              store::ConnectionSettings settings, store::TableNames names);

}  // namespace taskqueue::handlers
