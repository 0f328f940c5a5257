// Tells who made a message that a task of NotifyByMail or Webhook sends: the queue, or another sender
// (`hand`).
#pragma once

#include <string_view>

#include "module/queue/notification.h"

namespace taskqueue {

// The member of TaskData that holds the origin, and its values.
inline constexpr const char* kSentBy = "SentBy";
inline constexpr const char* kSentByQueue = "queue";
inline constexpr const char* kSentByHand = "hand";  // also if the member is missing

// The JSON Schema of messages that are enqueued from outside: only the queue itself may name the queue as
// sender.
inline constexpr const char* kSchemaOfMessageByHand = R"({"properties":{"SentBy":{"enum":["hand"]}}})";

// Returns whether tasks of this handler are messages.
inline bool isNotificationHandler(std::string_view taskHandlerClass) {
  return taskHandlerClass == kMailHandler || taskHandlerClass == kWebhookHandler;
}

}  // namespace taskqueue
