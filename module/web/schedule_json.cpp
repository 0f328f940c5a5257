#include "module/web/schedule_json.h"

#include <functional>
#include <map>

#include "module/queue/utf8_text.h"
#include "module/web/task_json.h"

namespace taskqueue::web {
namespace {

// Sets a member. Returns nullptr, or the type that the member must have.
using SetScheduleMember = std::function<const char*(ScheduleDefinition&, const json::Value&)>;

template <typename Text>
SetScheduleMember text(Text ScheduleDefinition::*member) {
  return [member](ScheduleDefinition& to, const json::Value& value) -> const char* {
    constexpr bool kMayBeNull = !std::is_same_v<Text, std::string>;
    if (kMayBeNull && value.IsNull()) return nullptr;
    if (!value.IsString()) return "a string";
    to.*member = std::string(json::textOf(value));
    return nullptr;
  };
}

template <typename Number>
SetScheduleMember number(Number ScheduleDefinition::*member) {
  return [member](ScheduleDefinition& to, const json::Value& value) -> const char* {
    constexpr bool kMayBeNull = !std::is_same_v<Number, int>;
    if (kMayBeNull && value.IsNull()) return nullptr;
    if (!value.IsInt()) return "a whole number within 32 bits";
    to.*member = value.GetInt();
    return nullptr;
  };
}

template <typename Word, typename Read>
SetScheduleMember word(Word ScheduleDefinition::*member, Read read, const char* words) {
  return [member, read, words](ScheduleDefinition& to, const json::Value& value) -> const char* {
    const auto known = value.IsString() ? read(json::textOf(value)) : std::nullopt;
    if (!known) return words;
    to.*member = *known;
    return nullptr;
  };
}

const std::map<std::string, SetScheduleMember, std::less<>>& scheduleMembers() {
  using Definition = ScheduleDefinition;
  static const std::map<std::string, SetScheduleMember, std::less<>> all{
      {"Name", text(&Definition::name)},
      {"TaskHandlerClass", text(&Definition::taskHandlerClass)},
      {"CronExpression", text(&Definition::cronExpression)},
      {"TimeZone", text(&Definition::timeZone)},
      {"Missed", word(&Definition::missed, parseMissed, "skip, once or all")},
      {"MissedLimit", number(&Definition::missedLimit)},
      {"Overlap", word(&Definition::overlap, parseOverlap, "skip, queue or replace")},
      {"Queue", text(&Definition::queue)},
      {"Priority", number(&Definition::priority)},
      {"MaxRetries", number(&Definition::maxRetries)},
      {"NotifyOn", word(&Definition::notifyOn, parseNotifyOn, "never, success, failure or both")},
      {"NotifyTo", text(&Definition::notifyTo)},
      {"NotifyLanguage", text(&Definition::notifyLanguage)},
      {"Enabled",
       [](Definition& to, const json::Value& value) -> const char* {
         if (!value.IsBool()) return "true or false";
         to.enabled = value.GetBool();
         return nullptr;
       }},
      {"TaskData",
       [](Definition& to, const json::Value& value) -> const char* {
         if (!value.IsObject()) return "an object";
         to.taskData = json::write(value);
         return nullptr;
       }},
  };
  return all;
}

}  // namespace

std::variant<ScheduleDefinition, std::vector<InputError>> parseSchedule(const json::Value& object) {
  if (!object.IsObject()) return std::vector<InputError>{{"", "must be an object"}};
  ScheduleDefinition definition;
  std::vector<InputError> errors;
  for (const auto& member : object.GetObject()) {
    const std::string name(json::textOf(member.name));
    const auto known = scheduleMembers().find(name);
    if (known == scheduleMembers().end()) {
      errors.push_back(
          {"/" + std::string(cutAtCharacter(name, kQuotedBytes)), "is not a member of a schedule"});
    } else if (const char* type = known->second(definition, member.value)) {
      errors.push_back({"/" + name, std::string("must be ") + type});
    }
  }
  for (const char* name : {"Name", "TaskHandlerClass", "CronExpression"}) {
    if (!object.HasMember(name)) errors.push_back({std::string("/") + name, "is missing"});
  }
  if (!errors.empty()) return errors;
  return definition;
}

void writeSchedule(json::Writer& to, const Schedule& schedule) {
  const ScheduleDefinition& from = schedule.definition;
  to.startObject().member("Id", schedule.id).member("Name", from.name);
  to.member("TaskHandlerClass", from.taskHandlerClass);
  writeStored(to, "TaskData", from.taskData);
  to.member("CronExpression", from.cronExpression).member("TimeZone", from.timeZone);
  to.member("Missed", toString(from.missed)).member("MissedLimit", from.missedLimit);
  to.member("Overlap", toString(from.overlap)).member("Enabled", from.enabled).member("Queue", from.queue);
  to.member("Priority", from.priority).member("MaxRetries", from.maxRetries);
  to.member("NotifyOn", toString(from.notifyOn)).member("NotifyTo", from.notifyTo);
  to.member("NotifyLanguage", from.notifyLanguage);
  to.member("LastFiredOn", schedule.lastFiredOn).member("NextFireOn", schedule.nextFireOn);
  to.member("LastTaskQueueId", schedule.lastTaskQueueId).member("Problem", schedule.problem);
  to.member("CreatedOn", schedule.createdOn).member("CreatedById", schedule.createdById);
}

void writeFiring(json::Writer& to, const ScheduleFiring& firing) {
  to.startObject().member("FireOn", firing.fireOn).member("FiredOn", firing.firedOn);
  to.member("Outcome", toString(firing.outcome)).member("MissedCount", firing.missedCount);
  to.member("TaskQueueId", firing.taskQueueId);
  to.member("TaskStatus", firing.taskStatus ? std::optional(toString(*firing.taskStatus)) : std::nullopt);
  to.member("RunMs", firing.runMs).endObject();
}

}  // namespace taskqueue::web
