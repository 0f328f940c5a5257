#include "module/web/openapi/schema_writer.h"

#include <algorithm>
#include <string>

#include "module/health/check.h"
#include "module/queue/notify_on.h"
#include "module/queue/pause.h"
#include "module/queue/schedule/schedule.h"
#include "module/queue/task_state.h"
#include "module/web/api.h"
#include "module/web/openapi/operations.h"
#include "module/web/pages/run_log.h"

namespace taskqueue::web::openapi {
namespace {

bool isBuiltIn(std::string_view type) {
  return type == "string" || type == "integer" || type == "boolean";
}

void writePart(json::Writer& to, std::string_view type) {
  if (type == "binary") {
    to.startObject().endObject();
    return;
  }
  if (type.ends_with('?') && isBuiltIn(type.substr(0, type.size() - 1))) {
    to.startObject().key("type").startArray().value(type.substr(0, type.size() - 1)).value("null");
    to.endArray().endObject();
  } else if (type.ends_with('?')) {
    to.startObject().key("anyOf").startArray();
    writePart(to, type.substr(0, type.size() - 1));
    to.startObject().member("type", "null").endObject().endArray().endObject();
  } else if (type.ends_with("[]")) {
    to.startObject().member("type", "array").key("items");
    writePart(to, type.substr(0, type.size() - 2));
    to.endObject();
  } else if (isBuiltIn(type)) {
    to.startObject().member("type", type).endObject();
  } else {
    to.startObject().member("$ref", "#/components/schemas/" + std::string(type)).endObject();
  }
}

// A reference cannot have a description in all tools, so a member with one wraps it.
void writeMember(json::Writer& to, const Member& member) {
  to.key(member.name);
  if (*member.description == '\0') return writeType(to, member.type);
  to.startObject().member("description", member.description).key("allOf").startArray();
  writeType(to, member.type);
  to.endArray().endObject();
}

void writeSchema(json::Writer& to, const Schema& schema) {
  to.key(schema.name).startObject().member("type", "object").member("description", schema.description);
  to.key("properties").startObject();
  for (const Member& member : schema.members) writeMember(to, member);
  to.endObject();
  const auto isRequired = [](const Member& member) { return member.required; };
  if (std::any_of(schema.members.begin(), schema.members.end(), isRequired)) {
    to.key("required").startArray();
    for (const Member& member : schema.members)
      if (member.required) to.value(member.name);
    to.endArray();
  }
  if (schema.closed) to.member("additionalProperties", false);
  to.endObject();
}

template <typename Values>
void writeWords(json::Writer& to, const char* name, const Values& values) {
  to.key(name).startObject().member("type", "string").key("enum").startArray();
  for (const auto value : values) to.value(toString(value));
  to.endArray().endObject();
}

void writeEnumerations(json::Writer& to) {
  writeWords(to, "RunStatus", kAllStatuses);
  writeWords(to, "TaskState", kAllTaskStates);
  writeWords(to, "RunnerStatus", kAllRunnerStatuses);
  writeWords(to, "NotifyOn", kAllNotifyOn);
  writeWords(to, "UniqueMode", kAllUniqueModes);
  writeWords(to, "OnCrash", kAllOnCrash);
  writeWords(to, "PauseKind", kAllPauseKinds);
  writeWords(to, "Missed", kAllMissed);
  writeWords(to, "Overlap", kAllOverlaps);
  writeWords(to, "FiringOutcome", kAllFiringOutcomes);
  writeWords(to, "HealthStatus", health::kAllHealth);
  writeWords(to, "OutputStream", kAllOutputStreams);
}

void writeNumber(json::Writer& to, const char* name, std::int64_t min, std::int64_t max) {
  to.key(name).startObject().member("type", "integer").member("minimum", min).member("maximum", max);
  to.endObject();
}

void writeText(json::Writer& to, const char* name, std::int64_t min, std::int64_t max,
               std::string_view description) {
  to.key(name).startObject().member("type", "string").member("minLength", min).member("maxLength", max);
  to.member("description", description).endObject();
}

void writeAny(json::Writer& to, const char* name, const char* type, const std::string& description) {
  to.key(name).startObject();
  if (*type != '\0') to.member("type", type);
  to.member("description", description).endObject();
}

void writeScalars(json::Writer& to, const QueueLimits& limits) {
  writeNumber(to, "Id", 1, INT32_MAX);
  writeNumber(to, "Count", 0, INT64_MAX);
  writeAny(to, "UnixSeconds", "integer", "Seconds since 1970-01-01 00:00:00 UTC.");
  writeNumber(to, "MaxRetries", 0, limits.maxRetries);
  writeNumber(to, "Priority", 0, limits.priorityLast);
  writeNumber(to, "UniqueSeconds", 0, limits.uniqueSeconds);
  writeNumber(to, "MissedLimit", 1, limits.missedLimit);
  writeNumber(to, "ListLimit", 1, kMaxListed);
  writeNumber(to, "RunnerCount", 0, kMaxTaskRunners);
  writeNumber(to, "RunningCount", 0, kMaxRunningAtOnce);
  writeNumber(to, "PauseSeconds", 1, kMaxPauseSeconds);
  writeText(to, "QueueName", 1, kQueueNameLength, "It " + std::string(kQueueNameRule) + ".");
  writeText(to, "HandlerClass", 1, kHandlerClassLength, "It " + std::string(kHandlerClassRule) + ".");
  writeText(to, "Title", 0, limits.nameLength, "One line without control characters.");
  writeText(to, "PauseReason", 0, kMaxPauseReasonCharacters, "One line without control characters.");
  writeText(to, "Key", 0, limits.keyLength, "One line without control characters.");
  writeText(to, "IdempotencyKey", 1, kIdempotencyKeyBytes, "Printable ASCII characters.");
  writeAny(to, "TaskData", "object",
           "What the handler works on, as its JSON Schema wants it. It has at most " +
               std::to_string(limits.taskDataBytes) + " bytes.");
  writeAny(to, "StoredJson", "", "JSON as it is stored. Text that is no JSON is a string.");
  writeAny(to, "JsonSchema", "object", "A JSON Schema.");
  writeAny(to, "OpenApiDocument", "object", "An OpenAPI document.");
  to.key("NewTasks").startObject().member("type", "array").key("items");
  writeType(to, "NewTask");
  to.member("maxItems", limits.tasksPerRequest).endObject();
}

std::vector<Schema> problemSchemas() {
  return {{"ProblemError",
           "One wrong member or parameter.",
           {{"pointer", "string", "A JSON pointer into the body, or ? and the parameter's name."},
            {"detail", "string", "How to mend it."}}},
          {"Problem",
           "Why a request was refused, as RFC 9457 has it.",
           {{"type", "string", "about:blank"},
            {"title", "string"},
            {"status", "integer"},
            {"detail", "string"},
            {"errors", "ProblemError[]", "It is left out if there is nothing to point to.", false}}}};
}

}  // namespace

void writeType(json::Writer& to, Type type) {
  const std::string_view all = type;
  if (all.find('|') == std::string_view::npos) return writePart(to, all);
  to.startObject().key("anyOf").startArray();
  for (std::size_t from = 0; from <= all.size();) {
    const std::size_t end = std::min(all.find('|', from), all.size());
    writePart(to, all.substr(from, end - from));
    from = end + 1;
  }
  to.endArray().endObject();
}

void writeSchemas(json::Writer& to, const QueueLimits& limits) {
  writeScalars(to, limits);
  writeEnumerations(to);
  for (const auto& group : {problemSchemas(), taskSchemas(), runSchemas(), runnerSchemas(), queueSchemas(),
                            scheduleSchemas(), stateSchemas(), eventSchemas()}) {
    for (const Schema& schema : group) writeSchema(to, schema);
  }
}

}  // namespace taskqueue::web::openapi
