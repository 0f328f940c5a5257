// Sends a message by HTTP, signed with the receiver's own secret (module/platform/webhook_signature.h).
// README.md in the folder above tells how to verify it ("Notifications").
#pragma once

#include "module/platform/configuration.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// Offered when there is a secret to sign with.
HandlerEntry makeWebhook(const platform::WebhookConfiguration& configuration);

}  // namespace taskqueue::handlers
