#include "module/json/notification.h"

#include "module/json/health_check.h"
#include "module/json/writer.h"
#include "module/queue/message_origin.h"
#include "module/queue/utf8_text.h"

namespace taskqueue::json {
namespace {

constexpr std::size_t kNotifiedErrorBytes = 2000;
constexpr std::size_t kTitleBytes = 255;

void writeMessage(Writer& to, const EndedTask& ended, UnixSeconds now) {
  const Task& task = ended.task;
  to.startObject().member("Event", "task.ended").member("TaskQueueId", task.id);
  to.member("TaskHandlerClass", task.taskHandlerClass).member("Title", task.title);
  to.member("Queue", task.queue).member("QueuedById", task.queuedById).member("QueuedOn", task.queuedOn);
  to.member("LastStatus", toString(task.lastStatus)).member("Superseded", task.superseded);
  to.member("TaskRunsFailed", task.taskRunsFailed).member("EndedOn", now);
  if (ended.run) {
    const Run& run = *ended.run;
    to.member("TaskRunId", run.id).member("Attempt", run.attempt).member("RunMs", run.runMs);
    to.member("ErrorCode", run.errorCode);
    to.member("ErrorMessage", cutAtCharacter(run.errorMessage, kNotifiedErrorBytes));
  }
  to.endObject();
}

// All events share most members; three events have additional ones.
void writeMessage(Writer& to, const health::HealthCheck& check, UnixSeconds now) {
  to.startObject().member("Event", check.event);
  writeHealthCheck(to, check);
  for (const auto& [name, number] : check.numbers) to.member(name, number);
  if (check.event == "handler.failed") to.member("TaskHandlerClass", check.subject);
  if (check.event == "queue.waits") {
    to.member("Queue", check.subject).member("OldestDueOn", check.since);
    to.member("WaitSeconds", now - check.since.value_or(now));
  }
  if (check.event == "overseer.late") to.member("LastPassedOn", check.since);
  writeHealthForm(to, check);
  to.member("SeenOn", now).endObject();
}

template <typename About, typename... More>
NewTask notification(const std::optional<std::string>& address, const std::string& language, int queuedById,
                     const About& about, More... more) {
  Writer data;
  data.startObject().member("To", address).member("QueuedById", queuedById).member("Language", language);
  data.member(kSentBy, kSentByQueue);
  data.key("Message");
  writeMessage(data, about, more...);
  NewTask to;
  to.taskHandlerClass = notificationHandlerFor(address);
  to.taskData = data.endObject().text();
  to.queuedById = queuedById;
  to.maxRetries = kNotificationMaxRetries;
  to.priority = kNotificationPriority;
  return to;
}

}  // namespace

NewTask makeNotification(const EndedTask& ended, UnixSeconds now) {
  const Task& task = ended.task;
  NewTask to = notification(ended.notify.to, ended.notify.language, task.queuedById, ended, now);
  const std::string& subject = task.title.empty() ? task.taskHandlerClass : task.title;
  // The key names one end, so that a restored row cannot send it again. A retry has another run and so
  // another key.
  to.uniqueKey = "TaskEnd/" + std::to_string(task.id) + "/" + std::to_string(ended.run ? ended.run->id : 0) +
                 "/" + std::string(toString(task.lastStatus));
  to.uniqueMode = UniqueMode::Window;
  to.uniqueSeconds = kNotificationUniqueSeconds;
  to.title = cutAtCharacter("Task " + std::to_string(task.id) + " has ended: " + subject, kTitleBytes);
  return to;
}

NewTask makeNotification(const health::HealthCheck& check, const std::string& to, UnixSeconds now) {
  NewTask task = notification(to, "", 0, check, now);
  task.title = cutAtCharacter(causeKey(check), kTitleBytes);
  return task;
}

}  // namespace taskqueue::json
