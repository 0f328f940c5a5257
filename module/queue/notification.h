// A notification is a separate task that informs a person or program of an event. Its TaskData describes the
// event as it was when it happened.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "module/queue/run.h"
#include "module/queue/task.h"

namespace taskqueue {

// The handlers that send notifications.
inline constexpr const char* kMailHandler = "NotifyByMail";
inline constexpr const char* kWebhookHandler = "Webhook";

// People wait for notifications, so they come before other tasks of the queue `default`. Retries go on for
// about eight hours.
inline constexpr int kNotificationPriority = 3;
inline constexpr int kNotificationMaxRetries = 15;
inline constexpr int kNotificationRetrySeconds = 15;
inline constexpr int kNotificationRetryLimitSeconds = 3600;

// Seconds in which the end of one run sends no second notification, even if an editor restores an old row of
// its task.
inline constexpr int kNotificationUniqueSeconds = 7 * 86400;

inline constexpr std::size_t kNotifyToBytes = 500;
inline constexpr std::size_t kNotifyLanguageBytes = 20;

// Returns whether the text begins with http:// or https://.
bool isUrl(std::string_view to);
// Returns the handler that sends to this address. An absent address means the e-mail address of a user.
const char* notificationHandlerFor(const std::optional<std::string>& to);
// Says what is wrong with an address; nothing if it is valid.
std::optional<std::string> findNotifyToProblem(std::string_view to);
bool isLanguageCode(std::string_view code);

// A task that has just ended and will not be retried, with its newest run if there is one.
struct EndedTask {
  Task task;
  TaskNotification notify;
  std::optional<Run> run;
};

// Returns whether the task has ended, so that no further run follows automatically.
bool isFinal(const Task& task);

}  // namespace taskqueue
