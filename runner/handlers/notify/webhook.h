// Sends a signed message by HTTP, so that the receiver can verify its sender and time. README.md in the
// folder above tells how ("Notifications").
#pragma once

#include "module/platform/configuration.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// The handler exists only when a signing secret is configured.
HandlerEntry makeWebhook(const platform::WebhookConfiguration& configuration);

}  // namespace taskqueue::handlers
