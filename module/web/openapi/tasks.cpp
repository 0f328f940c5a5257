#include "module/web/openapi/operations.h"

namespace taskqueue::web::openapi {
namespace {

// The filter of the list and of the bulk actions.
std::vector<Parameter> filterParameters() {
  return {{"LastStatus", "RunStatus", "Only tasks with this LastStatus."},
          {"State", "TaskState", "Only tasks in this state."},
          {"TaskHandlerClass", "HandlerClass", "Only tasks of this handler."},
          {"Queue", "QueueName", "Only tasks of this queue."},
          {"q", "string", "Only tasks whose Title contains this text."},
          {"ErrorCode", "string", "Only tasks whose last run ended with this ErrorCode."},
          {"QueuedFrom", "UnixSeconds", "Only tasks that were enqueued at this time or later."},
          {"QueuedUntil", "UnixSeconds", "Only tasks that were enqueued before this time."}};
}

std::vector<Parameter> listParameters() {
  auto all = filterParameters();
  all.push_back({"after", "Id", "The After of the answer before: the list goes on behind it."});
  all.push_back({"limit", "ListLimit", "The most tasks in the answer."});
  return all;
}

// The members that every description of a task has.
std::vector<Member> listedMembers() {
  return {{"Id", "Id"},
          {"TaskHandlerClass", "HandlerClass"},
          {"ScheduledOn", "UnixSeconds?", "The task does not run before this time."},
          {"QueuedOn", "UnixSeconds?"},
          {"QueuedById", "integer", "The user of the CMS who enqueued the task; -1 is root."},
          {"LastStatus", "RunStatus"},
          {"State", "TaskState"},
          {"MaxRetries", "integer"},
          {"TaskRunsFailed", "integer"},
          {"Queue", "string"},
          {"Priority", "integer", "0 runs first."},
          {"NextRunOn", "UnixSeconds?", "It is null while the task has no run to come."},
          {"UniqueKey", "string?"},
          {"ConcurrencyKey", "string?"},
          {"Superseded", "boolean", "A newer task with the same UniqueKey took its place."},
          {"Title", "string"},
          {"ParkedReason", "string", "Why the task is parked; empty if it is not."}};
}

std::vector<Member> taskMembers() {
  auto all = listedMembers();
  const std::vector<Member> others{
      {"NotifyOn", "NotifyOn"},
      {"NotifyTo", "string?"},
      {"NotifyLanguage", "string"},
      {"NotificationTaskId", "Id?", "The task that sent the notification of the last end."},
      {"Version", "string", "PATCH takes it, to refuse a change of a task that has changed meanwhile."},
      {"TaskData", "StoredJson"}};
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

const char* const kBulkAnswer = "A task was enqueued that does it. The answer has its Id.";
const char* const kNoFilter = "The query has no filter, or an empty one.";

}  // namespace

const Operation kAddTasks{
    "addTasks",
    kTasks,
    "Enqueues a task or several. Of several, all are accepted or none.",
    {{201, "At least one task was created.", "AddedTask|AddedTask[]"},
     {200, "No task was created: others with the UniqueKeys stand for them.", "AddedTask|AddedTask[]"},
     {413, "The body is too large, or has too many tasks."},
     {415, "The body is not application/json."},
     {422, "A member is wrong, or the Idempotency-Key was used for another request."}},
    {{"Idempotency-Key", "IdempotencyKey",
      "A repetition with the same key and body creates nothing and answers the same.", false, "header"}},
    "NewTask|NewTasks"};

const Operation kListTasks{"listTasks",
                           kTasks,
                           "Lists tasks, the newest first, without their TaskData.",
                           {{200, "The tasks.", "TaskList"}, {422, "A filter is given and empty."}},
                           listParameters()};

const Operation kShowTask{"showTask",
                          kTasks,
                          "Answers a task, its newest runs, and the reason why it waits.",
                          {{200, "The task.", "TaskWithRuns"}}};

const Operation kChangeTask{"changeTask",
                            kTasks,
                            "Changes a task that waits. Members that are left out stay as they are.",
                            {{200, "The task was changed.", "ChangedTask"},
                             {409, "The task runs, has ended, or has another Version."},
                             {415, "The body is not application/json."},
                             {422, "A member is wrong."}},
                            {},
                            "TaskChange"};

const Operation kRetryTasks{"retryTasks",
                            kTasks,
                            "Retries all tasks that match the filter. It needs LastStatus or State.",
                            {{202, kBulkAnswer, "Created"}, {422, kNoFilter}},
                            filterParameters()};

const Operation kCancelTasks{"cancelTasks",
                             kTasks,
                             "Cancels all tasks that match the filter.",
                             {{202, kBulkAnswer, "Created"}, {422, kNoFilter}},
                             filterParameters()};

const Operation kCancelTask{"cancelTask",
                            kTasks,
                            "Cancels a task. A runner is asked to end a run that is running.",
                            {{200, "The task is cancelled.", "Outcome"},
                             {202, "The task's runner was asked.", "Outcome"},
                             {409, "The task has ended."}}};

const Operation kRetryTask{"retryTask",
                           kTasks,
                           "Runs a task once more, also one that has succeeded.",
                           {{200, "The task is scheduled.", "Outcome"},
                            {409, "The task runs, has changed meanwhile, or its UniqueKey is taken."}}};

std::vector<Schema> taskSchemas() {
  std::vector<Schema> all{
      {"NewTask",
       "A task to enqueue. The handler's settings apply to members that are left out.",
       {{"TaskHandlerClass", "HandlerClass"},
        {"Title", "Title", "One line that people read in lists.", false},
        {"Queue", "QueueName?", "", false},
        {"QueuedById", "integer", "The user of the CMS who enqueues the task; -1 is root.", false},
        {"MaxRetries", "MaxRetries?", "", false},
        {"Priority", "Priority?", "", false},
        {"UniqueKey", "Key?", "Only one task with this key is live at a time.", false},
        {"UniqueMode", "UniqueMode", "What happens if a live task has the key.", false},
        {"UniqueSeconds", "UniqueSeconds", "How long the key lasts. It belongs to the UniqueMode window.",
         false},
        {"ConcurrencyKey", "Key?", "Tasks with this key share the handler's limit per key.", false},
        {"NotifyOn", "NotifyOn", "The ends that send a notification.", false},
        {"NotifyTo", "string?", "An e-mail address or a URL. Without it, the user's address.", false},
        {"NotifyLanguage", "string", "The language of the e-mail.", false},
        {"ScheduledOn", "UnixSeconds?", "The task does not run before this time.", false},
        {"TaskData", "TaskData", "", false}},
       true},
      {"AddedTask",
       "What became of one task.",
       {{"Id", "Id", "The new task, or the one that stands for it."},
        {"Created", "boolean", "It is false when another task with the UniqueKey stands for this one."},
        {"Replaced", "Id", "The task that the new one superseded.", false}}},
      {"TaskChange",
       "The members to change.",
       {{"Title", "Title", "", false},
        {"TaskData", "TaskData", "", false},
        {"Queue", "QueueName", "", false},
        {"Priority", "Priority", "", false},
        {"MaxRetries", "MaxRetries", "", false},
        {"ScheduledOn", "UnixSeconds", "", false},
        {"Version", "string", "The Version that GET answered. The change is refused if it has changed.",
         false}},
       true},
      {"ChangedTask", "The task and its new version.", {{"Id", "Id"}, {"Version", "string"}}},
      {"Created", "The Id of what was created or changed.", {{"Id", "Id"}}},
      {"Outcome",
       "What became of the request.",
       {{"Outcome", "string", "cancelled, requested or scheduled."}}},
      {"WaitReason",
       "The one reason why a task waits.",
       {{"Code", "string", "A word for programs, such as queue_paused."},
        {"Text", "string", "A sentence for people."},
        {"Help", "string", "What can be done about it. It is empty if there is nothing to do."}}},
      {"TaskWithRuns",
       "A task, its runs and the reason why it waits.",
       {{"Task", "Task"}, {"WaitReason", "WaitReason?"}, {"Runs", "Run[]"}}},
      {"TaskList",
       "A part of the list.",
       {{"Tasks", "ListedTask[]"},
        {"After", "Id?", "The value of `after` for the next part; null at the end."}}}};
  all.push_back({"ListedTask", "A task without its TaskData.", listedMembers()});
  all.push_back({"Task", "A task.", taskMembers()});
  return all;
}

}  // namespace taskqueue::web::openapi
