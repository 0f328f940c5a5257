// Sends a message by HTTP, signed with the receiver's own secret (module/platform/webhook_signature.h).
// README.md in the folder above tells how to verify the signature ("Notifications").
#pragma once

#include "module/platform/configuration.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// The handler exists only when a signing secret is configured.
HandlerEntry makeWebhook(const platform::WebhookConfiguration& configuration);

}  // namespace taskqueue::handlers
