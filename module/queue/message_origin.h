// Who made a message that a task of NotifyByMail or Webhook sends: the queue, or a hand from outside.
#pragma once

#include <string_view>

#include "module/queue/notification.h"

namespace taskqueue {

// The member of TaskData that tells it, and its values.
inline constexpr const char* kSentBy = "SentBy";
inline constexpr const char* kSentByQueue = "queue";
inline constexpr const char* kSentByHand = "hand";  // also when it is left out

// JSON Schema of what may be enqueued from outside: only the queue itself says that it was the queue.
inline constexpr const char* kSchemaOfMessageByHand = R"({"properties":{"SentBy":{"enum":["hand"]}}})";

// Whether tasks of this handler are messages.
inline bool isNotificationHandler(std::string_view taskHandlerClass) {
  return taskHandlerClass == kMailHandler || taskHandlerClass == kWebhookHandler;
}

}  // namespace taskqueue
