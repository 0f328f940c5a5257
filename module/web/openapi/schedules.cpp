#include "module/web/openapi/operations.h"

namespace taskqueue::web::openapi {
namespace {

std::vector<Member> scheduleMembers() {
  return {{"Id", "Id"},
          {"Name", "string"},
          {"TaskHandlerClass", "HandlerClass"},
          {"TaskData", "StoredJson"},
          {"CronExpression", "string"},
          {"TimeZone", "string"},
          {"Missed", "Missed"},
          {"MissedLimit", "integer"},
          {"Overlap", "Overlap"},
          {"Enabled", "boolean"},
          {"Queue", "string?"},
          {"Priority", "integer?"},
          {"MaxRetries", "integer?"},
          {"NotifyOn", "NotifyOn"},
          {"NotifyTo", "string?"},
          {"NotifyLanguage", "string"},
          {"LastFiredOn", "UnixSeconds?"},
          {"NextFireOn", "UnixSeconds?", "It is null if the schedule never fires."},
          {"LastTaskQueueId", "Id?", "The task of the last firing."},
          {"Problem", "string", "Why the schedule never fires; empty if there is no problem."},
          {"CreatedOn", "UnixSeconds?"},
          {"CreatedById", "integer", "The user of the CMS who made it."}};
}

std::vector<Member> shownMembers() {
  auto all = scheduleMembers();
  all.push_back({"NextFirings", "UnixSeconds[]"});
  all.push_back({"Firings", "Firing[]", "The newest come first."});
  return all;
}

Operation writing(const char* id, const char* summary, int status, const char* done) {
  return {
      id,
      kSchedules,
      summary,
      {{status, done, "Created"}, {415, "The body is not application/json."}, {422, "A member is wrong."}},
      {},
      "NewSchedule"};
}

}  // namespace

const Operation kListSchedules{
    "listSchedules", kSchedules, "Lists the schedules.", {{200, "The schedules.", "Schedules"}}};
const Operation kAddSchedule = writing("addSchedule", "Adds a schedule.", 201, "The schedule was added.");
const Operation kChangeSchedule =
    writing("changeSchedule", "Replaces all members of a schedule.", 200, "The schedule was changed.");

const Operation kShowSchedule{"showSchedule",
                              kSchedules,
                              "Answers a schedule with its next and its last firings.",
                              {{200, "The schedule.", "ShownSchedule"}}};

const Operation kRemoveSchedule{
    "removeSchedule", kSchedules, "Removes a schedule.", {{200, "The schedule was removed.", "Created"}}};

const Operation kEnableSchedule{"enableSchedule",
                                kSchedules,
                                "Lets a schedule fire.",
                                {{200, "The schedule is enabled.", "ScheduleSwitch"}}};

const Operation kDisableSchedule{"disableSchedule",
                                 kSchedules,
                                 "Keeps a schedule from firing.",
                                 {{200, "The schedule is disabled.", "ScheduleSwitch"}}};

const Operation kFireSchedule{"fireSchedule",
                              kSchedules,
                              "Makes the schedule's task now.",
                              {{200, "The task, or the one that is in its way.", "FiredSchedule"}}};

std::vector<Schema> scheduleSchemas() {
  std::vector<Schema> all{
      {"NewSchedule",
       "A schedule: a task that is made again and again.",
       {{"Name", "Key"},
        {"TaskHandlerClass", "HandlerClass"},
        {"CronExpression", "string", "Minute, hour, day, month and weekday."},
        {"TimeZone", "string", "Such as Europe/Berlin; UTC if it is left out.", false},
        {"Missed", "Missed", "What happens with firings that were missed.", false},
        {"MissedLimit", "MissedLimit", "The most missed firings that make a task.", false},
        {"Overlap", "Overlap", "What happens while the task of the firing before is live.", false},
        {"Queue", "QueueName?", "", false},
        {"Priority", "Priority?", "", false},
        {"MaxRetries", "MaxRetries?", "", false},
        {"NotifyOn", "NotifyOn", "", false},
        {"NotifyTo", "string?", "", false},
        {"NotifyLanguage", "string", "", false},
        {"Enabled", "boolean", "", false},
        {"TaskData", "TaskData", "", false}},
       true},
      {"Schedules", "The schedules.", {{"Schedules", "Schedule[]"}}},
      {"Firing",
       "One firing of a schedule.",
       {{"FireOn", "UnixSeconds?", "The time by the schedule; null if it was fired by hand."},
        {"FiredOn", "UnixSeconds?"},
        {"Outcome", "FiringOutcome"},
        {"MissedCount", "integer"},
        {"TaskQueueId", "Id?"},
        {"TaskStatus", "RunStatus?"},
        {"RunMs", "integer?", "Milliseconds."}}},
      {"ScheduleSwitch",
       "What holds now.",
       {{"Id", "Id"}, {"Enabled", "boolean"}, {"Changed", "boolean", "It was otherwise before."}}},
      {"FiredSchedule",
       "What became of the firing.",
       {{"TaskQueueId", "Id"},
        {"Created", "boolean", "It is false when the task of an earlier firing is in its way."},
        {"Replaced", "Id", "The task that the new one superseded.", false}}}};
  all.push_back({"Schedule", "A schedule.", scheduleMembers()});
  all.push_back({"ShownSchedule", "A schedule with its firings.", shownMembers()});
  return all;
}

}  // namespace taskqueue::web::openapi
