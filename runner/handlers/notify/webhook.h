// Sends a message by HTTP, signed, so that whoever gets it knows who sent it and when. The README tells how
// it is verified.
#pragma once

#include "module/platform/configuration.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// Offered when there is a secret to sign with.
HandlerEntry makeWebhook(const platform::WebhookConfiguration& configuration);

}  // namespace taskqueue::handlers
