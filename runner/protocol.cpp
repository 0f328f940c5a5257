#include "runner/protocol.h"

#include <algorithm>
#include <array>
#include <utility>

#include "module/json/handler_settings.h"
#include "module/json/task_data.h"
#include "module/json/writer.h"
#include "module/queue/limits.h"
#include "module/queue/utf8_text.h"
#include "runner/protocol_members.h"
#include "runner/text_cleaner.h"

namespace taskqueue::runner {
namespace {

constexpr json::Limits kLineLimits{.bytes = kMaxLineBytes, .depth = 64, .members = 200000};
// In a batch, TaskData is two levels deeper than in an order for one run.
constexpr json::Limits kOrderLimits{.bytes = kMaxLineBytes, .depth = 66, .members = 200000};

constexpr std::array<std::pair<Outcome::Kind, std::string_view>, 5> kOutcomeWords{{
    {Outcome::Kind::Result, "result"},
    {Outcome::Kind::Error, "error"},
    {Outcome::Kind::RetryAfter, "retry_after"},
    {Outcome::Kind::Snooze, "snooze"},
    {Outcome::Kind::GiveUp, "give_up"},
}};

constexpr std::array<std::pair<handlers::StopReason, std::string_view>, 3> kStopWords{{
    {handlers::StopReason::Cancelled, "cancel"},
    {handlers::StopReason::Shutdown, "shutdown"},
    {handlers::StopReason::TimeLimit, "time_limit"},
}};

std::string ended(json::Writer& message) {
  return message.endObject().text() + "\n";
}

// JSON text may contain line feeds between its values, but a message is one line. Text that is not JSON
// becomes a string.
void writeOnOneLine(json::Writer& to, const std::string& text) {
  const auto parsed = json::read(text, kLineLimits);
  if (const auto* document = std::get_if<json::Document>(&parsed)) {
    to.raw(json::write(*document));
  } else {
    to.value(text);
  }
}

json::Writer& begin(json::Writer& message, std::string_view type) {
  return message.startObject().member("type", type);
}

std::string textOr(const json::Value& object, const char* name, std::string_view defaultValue) {
  return withVisibleNul(json::textMember(object, name).value_or(defaultValue));
}

std::optional<std::int64_t> numberIn(const json::Value& message, const char* name,
                                     const json::NumberDomain& domain) {
  const auto found = message.FindMember(name);
  return found == message.MemberEnd() ? std::nullopt : json::readNumber(found->value, domain);
}

// Adds the handler to the announcement, and a problem for each part that cannot be used.
void readHandler(const json::Value& item, Handlers& to) {
  HandlerDeclaration handler;
  if (item.IsObject()) handler.taskHandlerClass = textOr(item, "TaskHandlerClass", "");
  if (!isHandlerClass(handler.taskHandlerClass)) {
    to.problems.push_back("a handler's class " + std::string(kHandlerClassRule) + "; left out is '" +
                          handler.taskHandlerClass + "'");
    return;
  }
  const auto tell = [&](const std::string& problem) {
    to.problems.push_back(handler.taskHandlerClass + ": " + problem);
  };
  std::optional<std::string> problem;
  handler.settings = json::readHandlerSettings(item, problem);
  if (problem) tell(*problem);
  const auto schema = item.FindMember("DataSchema");
  const bool isGiven = schema != item.MemberEnd() && !schema->value.IsNull();
  // PHP writes an object without members as an empty array.
  const bool isEmpty = isGiven && schema->value.IsArray() && schema->value.Empty();
  if (isGiven && schema->value.IsObject()) {
    handler.dataSchema = json::write(schema->value);
  } else if (isGiven && !isEmpty) {
    tell("DataSchema must be a JSON object; TaskData is not checked");
  }
  if (const auto unusable = json::findSchemaProblem(handler.dataSchema))
    tell("DataSchema cannot be used: " + *unusable);
  to.handlers.push_back(std::move(handler));
}

bool isTrue(const json::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  return member != object.MemberEnd() && member->value.IsTrue();
}

Handlers readHandlers(const json::Value& message) {
  Handlers to;
  to.protocol = static_cast<int>(numberIn(message, "protocol", kVersions).value_or(1));
  for (const auto& item : message["handlers"].GetArray()) readHandler(item, to);
  return to;
}

ResourceUse readUse(const json::Value& message) {
  ResourceUse use;
  use.userCpuMs = numberIn(message, "UserCpuMs", kResourceUse);
  use.systemCpuMs = numberIn(message, "SystemCpuMs", kResourceUse);
  use.maxRssKb = numberIn(message, "MaxRssKb", kResourceUse);
  return use;
}

Progress readProgress(const json::Value& message) {
  Progress progress;
  progress.percentsCompleted =
      static_cast<int>(numberIn(message, "PercentsCompleted", kPercents).value_or(0));
  progress.runToken = textOr(message, "RunToken", "");
  if (const auto note = json::textMember(message, "ProgressNote"))
    progress.progressNote = withVisibleNul(*note);
  return progress;
}

std::variant<Report, std::string> readOutcome(Outcome::Kind kind, const json::Value& message) {
  Outcome outcome;
  outcome.kind = kind;
  if (const auto results = message.FindMember("Results"); results != message.MemberEnd()) {
    if (!results->value.IsNull()) outcome.results = json::write(results->value);
    if (outcome.results && outcome.results->size() > kMaxResultsBytes) {
      return "Results larger than " + std::to_string(kMaxResultsBytes) + " bytes";
    }
  }
  const bool isError = kind != Outcome::Kind::Result && kind != Outcome::Kind::Snooze;
  outcome.errorCode = textOr(message, "ErrorCode", "");
  if (isError && outcome.errorCode.empty()) outcome.errorCode = "error";
  outcome.errorMessage = textOr(message, "ErrorMessage", "");
  outcome.seconds = numberIn(message, "Seconds", kDelaySeconds).value_or(0);
  outcome.use = readUse(message);
  outcome.runToken = textOr(message, "RunToken", "");
  outcome.last = isTrue(message, "last");
  outcome.recycle = isTrue(message, "recycle");
  outcome.next = isTrue(message, "next");
  if (const auto took = numberIn(message, "RunMicroseconds", kResourceUse))
    outcome.took = std::chrono::microseconds(*took);
  return Report(std::move(outcome));
}

handlers::StopReason parseStopReason(std::string_view word) {
  const auto* found = std::find_if(kStopWords.begin(), kStopWords.end(),
                                   [word](const auto& entry) { return entry.second == word; });
  return found == kStopWords.end() ? handlers::StopReason::Cancelled : found->first;
}

void writeRun(json::Writer& message, const ClaimedRun& run) {
  message.key("TaskRun").startObject();
  message.member("Id", run.owned.runId).member("TaskQueueId", run.owned.taskQueueId);
  message.member("Attempt", run.attempt).member("RunToken", run.owned.runToken).endObject();
  message.key("TaskQueue").startObject().member("Id", run.task.id);
  message.member("TaskHandlerClass", run.task.taskHandlerClass).key("TaskData");
  writeOnOneLine(message, run.task.taskData);
  message.member("ScheduledOn", run.task.scheduledOn).member("QueuedOn", run.task.queuedOn);
  message.member("QueuedById", run.task.queuedById).member("MaxRetries", run.task.maxRetries);
  message.member("TaskRunsFailed", run.task.taskRunsFailed).member("Queue", run.task.queue);
  message.member("Priority", run.task.priority).member("Title", run.task.title).endObject();
}

std::optional<RunOrder> readRun(const json::Value& message) {
  if (!message.IsObject() || !message.HasMember("TaskRun") || !message.HasMember("TaskQueue"))
    return std::nullopt;
  const json::Value& run = message["TaskRun"];
  const json::Value& task = message["TaskQueue"];
  if (!run.IsObject() || !task.IsObject() || !task.HasMember("TaskData")) return std::nullopt;
  RunOrder order;
  order.runId = static_cast<int>(json::integerMember(run, "Id").value_or(0));
  order.taskQueueId = static_cast<int>(json::integerMember(run, "TaskQueueId").value_or(0));
  order.attempt = static_cast<int>(json::integerMember(run, "Attempt").value_or(0));
  order.runToken = textOr(run, "RunToken", "");
  order.taskHandlerClass = textOr(task, "TaskHandlerClass", "");
  order.taskData = json::write(task["TaskData"]);
  return order;
}

std::optional<Order> readBatch(const json::Value& message) {
  const auto runs = message.FindMember("Runs");
  if (runs == message.MemberEnd() || !runs->value.IsArray()) return std::nullopt;
  BatchOrder batch;
  for (const json::Value& item : runs->value.GetArray()) {
    auto run = readRun(item);
    if (!run) return std::nullopt;
    batch.push_back(std::move(*run));
  }
  return batch.empty() ? std::nullopt : std::optional<Order>(std::move(batch));
}

std::string findLineProblem(const json::Problem& problem, std::string_view line) {
  std::string text = problem.text;
  if (text.ends_with('.')) text.pop_back();
  const std::string_view member = memberWithoutValue(line);
  if (member.empty()) return text;
  constexpr std::size_t kShownBytes = 60;
  return text + ", in the member \"" + std::string(cutAtCharacter(member, kShownBytes)) + "\"";
}

}  // namespace

std::string helloLine() {
  json::Writer message;
  begin(message, "hello").member("protocol", kProtocolVersion);
  return ended(message);
}

std::string cancelLine(handlers::StopReason reason, const std::string& runToken) {
  const auto* word = std::find_if(kStopWords.begin(), kStopWords.end(),
                                  [reason](const auto& entry) { return entry.first == reason; });
  json::Writer message;
  begin(message, "cancel").member("reason", word->second);
  if (!runToken.empty()) message.member("RunToken", runToken);
  return ended(message);
}

std::string runLine(const ClaimedRun& run) {
  json::Writer message;
  begin(message, "run");
  writeRun(message, run);
  return ended(message);
}

std::string batchLine(std::span<const ClaimedRun* const> runs) {
  json::Writer message;
  begin(message, "runs").key("Runs").startArray();
  for (const ClaimedRun* run : runs) {
    message.startObject();
    writeRun(message, *run);
    message.endObject();
  }
  message.endArray();
  return ended(message);
}

std::optional<Order> readOrder(std::string_view line) {
  auto parsed = json::read(line, kOrderLimits);
  auto* message = std::get_if<json::Document>(&parsed);
  if (message == nullptr) return std::nullopt;
  const auto type = json::textMember(*message, "type");
  if (type == "hello") return Hello{static_cast<int>(json::integerMember(*message, "protocol").value_or(1))};
  if (type == "cancel")
    return Cancel{parseStopReason(textOr(*message, "reason", "")), textOr(*message, "RunToken", "")};
  if (type == "runs") return readBatch(*message);
  if (type != "run") return std::nullopt;
  auto run = readRun(*message);
  return run ? std::optional<Order>(std::move(*run)) : std::nullopt;
}

std::string reportLine(const Handlers& handlers) {
  json::Writer message;
  begin(message, "handlers");
  if (handlers.protocol > 1) message.member("protocol", handlers.protocol);
  message.key("handlers").startArray();
  for (const HandlerDeclaration& handler : handlers.handlers) {
    message.startObject().member("TaskHandlerClass", handler.taskHandlerClass);
    if (!handler.dataSchema.empty()) writeOnOneLine(message.key("DataSchema"), handler.dataSchema);
    json::writeHandlerSettings(message, handler.settings);
    message.endObject();
  }
  message.endArray();
  return ended(message);
}

std::string reportLine(const Refusal& refusal) {
  json::Writer message;
  begin(message, "refused").member("Problem", refusal.problem);
  if (refusal.watches) message.member("watches", true);
  return ended(message);
}

std::string reportLine(const Progress& progress) {
  json::Writer message;
  begin(message, "progress").member("PercentsCompleted", progress.percentsCompleted);
  if (!progress.runToken.empty()) message.member("RunToken", progress.runToken);
  if (progress.progressNote) message.member("ProgressNote", *progress.progressNote);
  return ended(message);
}

std::string reportLine(const Mask& mask) {
  json::Writer message;
  begin(message, "mask").member("Value", mask.value);
  if (!mask.runToken.empty()) message.member("RunToken", mask.runToken);
  return ended(message);
}

std::string reportLine(const Outcome& outcome) {
  json::Writer message;
  const auto* word = std::find_if(kOutcomeWords.begin(), kOutcomeWords.end(),
                                  [&](const auto& entry) { return entry.first == outcome.kind; });
  begin(message, word->second);
  if (!outcome.runToken.empty()) message.member("RunToken", outcome.runToken);
  if (outcome.results) writeOnOneLine(message.key("Results"), *outcome.results);
  if (!outcome.errorCode.empty()) message.member("ErrorCode", outcome.errorCode);
  if (!outcome.errorMessage.empty()) message.member("ErrorMessage", outcome.errorMessage);
  const bool isWait = outcome.kind == Outcome::Kind::RetryAfter || outcome.kind == Outcome::Kind::Snooze;
  if (isWait) message.member("Seconds", outcome.seconds);
  if (outcome.use.userCpuMs) message.member("UserCpuMs", outcome.use.userCpuMs);
  if (outcome.use.systemCpuMs) message.member("SystemCpuMs", outcome.use.systemCpuMs);
  if (outcome.use.maxRssKb) message.member("MaxRssKb", outcome.use.maxRssKb);
  if (outcome.took) message.member("RunMicroseconds", outcome.took->count());
  if (outcome.next) message.member("next", true);
  return ended(message);
}

std::variant<Report, std::string> readReport(std::string_view line) {
  const auto parsed = json::read(line, kLineLimits);
  if (const auto* problem = std::get_if<json::Problem>(&parsed)) return findLineProblem(*problem, line);
  const auto& message = std::get<json::Document>(parsed);
  if (!message.IsObject()) return "not a JSON object";
  const auto type = json::textMember(message, "type");
  if (!type) return "a message without the member \"type\"";
  const auto members = membersOf(*type);
  if (!members) return "unknown type \"" + std::string(cutAtCharacter(*type, 40)) + "\"";
  if (auto problem = findMembersProblem(message, *members)) return *problem;
  if (type == "handlers") return Report(readHandlers(message));
  if (type == "refused") return Report(Refusal{textOr(message, "Problem", ""), isTrue(message, "watches")});
  if (type == "recycle") return Report(Recycle{});
  if (type == "progress") return Report(readProgress(message));
  if (type == "mask") {
    const std::string value(json::textMember(message, "Value").value_or(""));
    return Report(Mask{value, textOr(message, "RunToken", "")});
  }
  const auto* word = std::find_if(kOutcomeWords.begin(), kOutcomeWords.end(),
                                  [&](const auto& entry) { return entry.second == *type; });
  return readOutcome(word->first, message);
}

bool isWholeMask(std::string_view text) {
  constexpr std::size_t kMostBytes = 128 << 10;  // more than the longest mask has when JSON escapes all of it
  constexpr std::string_view kBlank = " \t\r";
  const auto end = text.find_last_not_of(kBlank);
  const bool mayBe = text.size() <= kMostBytes && end != std::string_view::npos && text[end] == '}' &&
                     text.find("\"mask\"") != std::string_view::npos;
  if (!mayBe) return false;
  const auto report = readReport(text);
  return std::holds_alternative<Report>(report) && std::holds_alternative<Mask>(std::get<Report>(report));
}

}  // namespace taskqueue::runner
