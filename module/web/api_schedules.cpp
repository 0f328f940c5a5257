// This part of Api answers for schedules.
#include "module/queue/schedule/schedules.h"
#include "module/web/api.h"
#include "module/web/cms_events.h"
#include "module/web/schedule_json.h"

namespace taskqueue::web {
namespace {

constexpr int kMaxFirings = 50;
constexpr int kNextFirings = 5;

Problem refusal(const std::vector<InputError>& errors) {
  Problem problem{422, "The schedule was not accepted", "Nothing was written.", {}};
  for (const InputError& error : errors) problem.errors.emplace_back(error.member, error.problem);
  return problem;
}

// Reads a schedule from the body.
std::variant<ScheduleDefinition, Problem> definitionOf(const Request& request,
                                                       const platform::Configuration& configuration) {
  if (!isJson(request.contentType)) {
    return Problem{415, "Unsupported media type", "Send the schedule as application/json.", {}};
  }
  const QueueLimits& limits = configuration.limits;
  const auto parsed = readBody(request, {.bytes = configuration.web.bodyBytes,
                                         .depth = limits.taskDataDepth + 1,
                                         .members = limits.taskDataMembers + 16,
                                         .exactNumbers = true});
  if (const auto* problem = std::get_if<Problem>(&parsed)) return *problem;
  auto read = parseSchedule(std::get<json::Document>(parsed));
  if (const auto* errors = std::get_if<std::vector<InputError>>(&read)) return refusal(*errors);
  auto& definition = std::get<ScheduleDefinition>(read);
  if (auto error =
          refuseCmsEvent(definition.taskHandlerClass, definition.taskData, configuration.web.cmsEvents))
    return refusal({std::move(*error)});
  return std::move(definition);
}

}  // namespace

Answer Api::listSchedules(const Request& request) {
  json::Writer to;
  to.startObject().key("Schedules").startArray();
  for (Schedule& schedule :
       dependencies_.stores.schedules.findSchedules(dependencies_.configuration.limits.schedules)) {
    hideSecrets(request, schedule.definition.taskData, schedule.definition.taskHandlerClass);
    writeSchedule(to, schedule);
    to.endObject();
  }
  to.endArray().endObject();
  return answer(to);
}

Answer Api::addSchedule(const Request& request) {
  const auto definition = definitionOf(request, dependencies_.configuration);
  if (const auto* problem = std::get_if<Problem>(&definition)) return *problem;
  Schedules schedules(dependencies_.stores, dependencies_.queue, dependencies_.configuration.limits);
  const auto result = schedules.add(std::get<ScheduleDefinition>(definition), 0);
  if (!result.errors.empty()) return refusal(result.errors);
  return answer(json::Writer().startObject().member("Id", *result.id).endObject(), 201);
}

Answer Api::showSchedule(const Request& request) {
  const auto id = parseId(request);
  auto schedule = id ? dependencies_.stores.schedules.findSchedule(*id) : std::nullopt;
  if (!schedule) return notFound("schedule");
  Schedules schedules(dependencies_.stores, dependencies_.queue, dependencies_.configuration.limits);
  hideSecrets(request, schedule->definition.taskData, schedule->definition.taskHandlerClass);
  json::Writer to;
  writeSchedule(to, *schedule);
  to.key("NextFirings").startArray();
  if (schedule->definition.enabled) {
    for (const UnixSeconds instant : schedules.preview(schedule->definition, kNextFirings)) to.value(instant);
  }
  to.endArray().key("Firings").startArray();
  for (const ScheduleFiring& firing : dependencies_.stores.schedules.firingsOfSchedule(*id, kMaxFirings))
    writeFiring(to, firing);
  to.endArray().endObject();
  return answer(to);
}

Answer Api::changeSchedule(const Request& request) {
  const auto id = parseId(request);
  if (!id) return notFound("schedule");
  const auto definition = definitionOf(request, dependencies_.configuration);
  if (const auto* problem = std::get_if<Problem>(&definition)) return *problem;
  Schedules schedules(dependencies_.stores, dependencies_.queue, dependencies_.configuration.limits);
  const auto result = schedules.change(*id, std::get<ScheduleDefinition>(definition));
  if (!result.errors.empty()) return refusal(result.errors);
  if (!result.id) return notFound("schedule");
  return answer(json::Writer().startObject().member("Id", *id).endObject());
}

Answer Api::removeSchedule(const Request& request) {
  const auto id = parseId(request);
  Schedules schedules(dependencies_.stores, dependencies_.queue, dependencies_.configuration.limits);
  if (!id || !schedules.remove(*id)) return notFound("schedule");
  return answer(json::Writer().startObject().member("Id", *id).endObject());
}

Answer Api::setScheduleEnabled(const Request& request, bool enabled) {
  const auto id = parseId(request);
  Schedules schedules(dependencies_.stores, dependencies_.queue, dependencies_.configuration.limits);
  const auto switched = id ? schedules.setEnabled(*id, enabled) : std::nullopt;
  if (!switched) return notFound("schedule");
  json::Writer to;
  to.startObject().member("Id", *id).member("Enabled", enabled).member("Changed", switched->changed);
  return answer(to.endObject());
}

Answer Api::enableSchedule(const Request& request) {
  return setScheduleEnabled(request, true);
}
Answer Api::disableSchedule(const Request& request) {
  return setScheduleEnabled(request, false);
}

Answer Api::fireSchedule(const Request& request) {
  const auto id = parseId(request);
  Schedules schedules(dependencies_.stores, dependencies_.queue, dependencies_.configuration.limits);
  const auto task = id ? schedules.fire(*id) : std::nullopt;
  if (!task) return notFound("schedule");
  if (task->created) dependencies_.wake({});
  json::Writer to;
  to.startObject().member("TaskQueueId", task->id).member("Created", task->created);
  if (task->replacedId) to.member("Replaced", *task->replacedId);
  return answer(to.endObject());
}

}  // namespace taskqueue::web
