// A notification: a task of its own that tells somebody of something. What it tells stands in its TaskData,
// as it was when it happened.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "module/queue/run.h"
#include "module/queue/task.h"

namespace taskqueue {

// The handlers that tell.
inline constexpr const char* kMailHandler = "NotifyByMail";
inline constexpr const char* kWebhookHandler = "Webhook";

// Ahead of other work of the queue `default`, since somebody waits for it, and tried for about eight hours.
inline constexpr int kNotificationPriority = 3;
inline constexpr int kNotificationMaxRetries = 15;
inline constexpr int kNotificationRetrySeconds = 15;
inline constexpr int kNotificationRetryLimitSeconds = 3600;

// An end that was told is known for so long, also to an old row of its task that somebody puts back.
inline constexpr int kNotificationUniqueSeconds = 7 * 86400;

inline constexpr std::size_t kNotifyToBytes = 500;
inline constexpr std::size_t kNotifyLanguageBytes = 20;

// http:// or https://
bool isUrl(std::string_view to);
// The handler that tells somebody at this address; nothing: the e-mail address of a user.
const char* notificationHandlerFor(const std::optional<std::string>& to);
// How an address is wrong, or nothing.
std::optional<std::string> problemOfNotifyTo(std::string_view to);
bool isLanguageCode(std::string_view code);

// A task that has just ended for good, and its newest run, if it has one.
struct EndedTask {
  Task task;
  TaskNotification notify;
  std::optional<Run> run;
};

// Whether the task has ended: no run of it will follow by itself.
bool isFinal(const Task& task);

}  // namespace taskqueue
