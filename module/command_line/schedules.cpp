#include "module/command_line/schedules.h"

#include <sysexits.h>

#include <chrono>
#include <iostream>

#include "module/command_line/root_user.h"
#include "module/platform/terminal_text.h"
#include "module/queue/schedule/firing_plan.h"
#include "module/queue/schedule/local_time.h"
#include "module/queue/whole_number.h"
#include "module/web/schedule_json.h"
#include "module/web/task_json.h"

namespace taskqueue::command_line {
namespace {

using platform::terminalText;

constexpr int kMaxPreviewed = 1000;

int sayGone() {
  std::cerr << "the schedule has been deleted in the meantime\n";
  return 1;
}

int refuse(const std::vector<InputError>& errors) {
  for (const InputError& error : errors)
    std::cerr << terminalText(error.member + " " + error.problem) << "\n";
  return EX_DATAERR;
}

}  // namespace

ScheduleCommands::ScheduleCommands(CLI::App& app)
    : command_(app.add_subcommand("schedule", "manage schedules, which make tasks at fixed times")) {
  command_->require_subcommand(1);
  list_ = command_->add_subcommand("list", "list the schedules");
  add_ = command_->add_subcommand("add", "create a schedule and print its Id");
  change_ = command_->add_subcommand("change", "change the given properties of a schedule");
  enable_ = command_->add_subcommand("enable", "let a schedule fire again; missed times are not made up for");
  disable_ = command_->add_subcommand("disable", "stop a schedule from firing");
  fire_ = command_->add_subcommand("fire", "make the task of a schedule now and print the task's Id");
  remove_ = command_->add_subcommand("remove", "delete a schedule; its tasks stay");
  preview_ = command_->add_subcommand("preview", "show the next times of a cron expression");
  import_ = command_->add_subcommand(
      "import", "copy the CMS's scheduled tasks; schedules with the same name stay unchanged");
  list_->add_flag("--json", json_, "print JSON as the API does");
  for (CLI::App* each : {add_, change_, enable_, disable_, fire_, remove_}) {
    each->add_option("name", name_, each == add_ ? "name of the schedule" : "name or Id of the schedule")
        ->required();
  }
  add_->add_option("class", taskHandlerClass_, "TaskHandlerClass")->required();
  add_->add_option("cron", cronExpression_, "minute hour day-of-month month day-of-week, or @daily …")
      ->required();
  add_->add_option("data", taskData_, "TaskData, a JSON object");
  add_->add_flag("--disabled", disabled_);
  change_->add_option("--name", newName_);
  change_->add_option("--class", taskHandlerClass_, "TaskHandlerClass");
  change_->add_option("--cron", cronExpression_);
  change_->add_option("--data", taskData_, "TaskData, a JSON object");
  preview_->add_option("cron", cronExpression_)->required();
  preview_->add_option("--count", count_)->check(CLI::Range(1, kMaxPreviewed))->capture_default_str();
  for (CLI::App* each : {add_, change_, preview_, import_}) {
    each->add_option("--time-zone", timeZone_,
                     "time zone of the cron expression, such as Europe/Riga; default: UTC");
  }
  for (CLI::App* each : {add_, change_}) {
    each->add_option("--missed", missed_, "how many missed times are made up for; default: once")
        ->check(CLI::IsMember({"skip", "once", "all"}));
    each->add_option("--missed-limit", missedLimit_, "most times that --missed all makes up for");
    each->add_option("--overlap", overlap_, "what to do if an earlier task is unfinished; default: skip")
        ->check(CLI::IsMember({"skip", "queue", "replace"}));
    each->add_option("--queue", queue_);
    each->add_option("--priority", priority_, "0 (claimed first) to 9 (claimed last)");
    each->add_option("--max-retries", maxRetries_);
    each->add_option("--notify-on", notifyOn_, "when to notify of the end of a task; default: never")
        ->check(CLI::IsMember({"never", "success", "failure", "both"}));
    each->add_option("--notify-to", notifyTo_, "whom to notify: an e-mail address or the URL of a webhook");
    each->add_option("--notify-language", notifyLanguage_, "language of the e-mail, such as de");
  }
  import_->add_option("--table", cmsNames_.table,
                      "name of the table without its prefix; default: ScheduledTasks");
  import_->add_option("--name-column", cmsNames_.name, "default: Name");
  import_->add_option("--event-column", cmsNames_.event, "default: Event");
  import_->add_option("--schedule-column", cmsNames_.runSchedule, "default: RunSchedule");
  import_->add_option("--status-column", cmsNames_.status,
                      "column that is 1 for active tasks; default: Status");
}

int ScheduleCommands::run(const Dependencies& dependencies) const {
  Schedules schedules(dependencies.stores, dependencies.queue, dependencies.limits);
  if (*list_) return list(dependencies);
  if (*add_) return add(schedules);
  if (*change_) return change(dependencies, schedules);
  if (*preview_) return preview(schedules);
  if (*import_) return import(dependencies, schedules);
  return onNamed(dependencies, schedules);
}

ScheduleDefinition ScheduleCommands::definitionOver(ScheduleDefinition definition) const {
  const auto take = [](const auto& from, auto& to) {
    if (from) to = *from;
  };
  take(newName_, definition.name);
  take(taskHandlerClass_, definition.taskHandlerClass);
  take(taskData_, definition.taskData);
  take(cronExpression_, definition.cronExpression);
  take(timeZone_, definition.timeZone);
  take(missedLimit_, definition.missedLimit);
  if (missed_) definition.missed = parseMissed(*missed_).value_or(definition.missed);
  if (overlap_) definition.overlap = parseOverlap(*overlap_).value_or(definition.overlap);
  if (queue_) definition.queue = queue_;
  if (priority_) definition.priority = priority_;
  if (maxRetries_) definition.maxRetries = maxRetries_;
  if (notifyOn_) definition.notifyOn = parseNotifyOn(*notifyOn_).value_or(definition.notifyOn);
  if (definition.notifyOn ==
      NotifyOn::Never) {  // without notifications, the address and language are cleared too
    definition.notifyTo.reset();
    definition.notifyLanguage.clear();
  }
  take(notifyTo_, definition.notifyTo);
  take(notifyLanguage_, definition.notifyLanguage);
  return definition;
}

std::variant<Schedule, int> ScheduleCommands::named(ScheduleStore& store) const {
  std::optional<Schedule> found;
  for (const Schedule& schedule : store.findSchedules(INT32_MAX)) {
    if (schedule.definition.name == name_) found = schedule;
  }
  const auto number = wholeNumber(name_, 1, INT32_MAX);
  auto byId = number ? store.findSchedule(static_cast<int>(*number)) : std::nullopt;
  if (found && byId && found->id != byId->id) {
    std::cerr << name_ << " is the name of the schedule " << found->id << " and the Id of the schedule '"
              << terminalText(byId->definition.name) << "': give the Id or the name that only it has\n";
    return EX_DATAERR;
  }
  if (!found) found = std::move(byId);
  if (found) return *found;
  std::cerr << "there is no schedule " << terminalText(name_) << "\n";
  return 1;
}

int ScheduleCommands::list(const Dependencies& dependencies) const {
  const auto schedules = dependencies.stores.schedules.findSchedules(INT32_MAX);
  if (json_) {
    json::Writer to;
    web::writeObjectWithArray(to, "Schedules", schedules, [](json::Writer& each, const Schedule& schedule) {
      web::writeSchedule(each, schedule);
      each.endObject();
    });
    std::cout << to.text() << "\n";
    return EX_OK;
  }
  for (const Schedule& schedule : schedules) {
    const ScheduleDefinition& definition = schedule.definition;
    std::cout << schedule.id << "  " << terminalText(definition.name) << "  "
              << terminalText(definition.cronExpression) << "  " << terminalText(definition.timeZone) << "  "
              << terminalText(definition.taskHandlerClass) << "  ";
    if (!schedule.problem.empty()) {
      std::cout << "cannot fire: " << terminalText(schedule.problem);
    } else if (!definition.enabled) {
      std::cout << "disabled";
    } else if (schedule.nextFireOn.value_or(kUnscheduled) != kUnscheduled) {
      std::cout << "next " << localTimeText(*schedule.nextFireOn, definition.timeZone);
    } else {
      std::cout << "next time not computed yet";
    }
    if (schedule.lastFiredOn)
      std::cout << "  last " << localTimeText(*schedule.lastFiredOn, definition.timeZone);
    if (schedule.lastTaskQueueId) std::cout << "  task " << *schedule.lastTaskQueueId;
    std::cout << "\n";
  }
  return EX_OK;
}

int ScheduleCommands::add(Schedules& schedules) const {
  ScheduleDefinition definition = definitionOver({});
  definition.name = name_;
  definition.enabled = !disabled_;
  const auto result = schedules.add(definition, kRoot);
  if (!result.errors.empty()) return refuse(result.errors);
  std::cout << *result.id << "\n";
  return EX_OK;
}

int ScheduleCommands::change(const Dependencies& dependencies, Schedules& schedules) const {
  const auto found = named(dependencies.stores.schedules);
  if (const int* exitCode = std::get_if<int>(&found)) return *exitCode;
  const auto& schedule = std::get<Schedule>(found);
  const auto result = schedules.change(schedule.id, definitionOver(schedule.definition));
  if (!result.errors.empty()) return refuse(result.errors);
  return result.id ? EX_OK : sayGone();
}

int ScheduleCommands::onNamed(const Dependencies& dependencies, Schedules& schedules) const {
  const auto found = named(dependencies.stores.schedules);
  if (const int* exitCode = std::get_if<int>(&found)) return *exitCode;
  const int id = std::get<Schedule>(found).id;
  if (*enable_ || *disable_) return schedules.setEnabled(id, enable_->parsed()) ? EX_OK : sayGone();
  if (*remove_) return schedules.remove(id) ? EX_OK : sayGone();
  const auto task = schedules.fire(id);
  if (!task) return sayGone();
  std::cout << task->id << "\n";
  if (task->replacedId) std::cerr << "task " << *task->replacedId << " was replaced by it\n";
  if (!task->created) std::cerr << "skipped: this task of an earlier firing is unfinished\n";
  if (task->created) dependencies.wake();
  return task->created ? EX_OK : 1;
}

int ScheduleCommands::preview(Schedules& schedules) const {
  const ScheduleDefinition definition = definitionOver({});
  const auto times = parseFiringTimes(definition);
  if (const auto* problem = std::get_if<FiringTimesProblem>(&times))
    return refuse({{"/" + problem->member, problem->problem}});
  const auto instants = schedules.preview(definition, count_);
  if (instants.empty()) return refuse({{"/CronExpression", "never comes"}});
  for (const UnixSeconds instant : instants) {
    std::cout << instant << "  " << localTimeText(instant, definition.timeZone) << "\n";
  }
  return EX_OK;
}

int ScheduleCommands::import(const Dependencies& dependencies, Schedules& schedules) const {
  int imported = 0;
  int present = 0;
  int refused = 0;
  const auto tasks = dependencies.readCms(cmsNames_);
  if (const auto* problem = std::get_if<std::string>(&tasks)) {
    std::cerr << terminalText(*problem) << "\n";
    return EX_DATAERR;
  }
  for (const CmsScheduledTask& task : std::get<0>(tasks)) {
    const auto read = makeCmsSchedule(task, timeZone_.value_or(kDefaultTimeZone));
    if (const auto* problem = std::get_if<std::string>(&read)) {
      std::cerr << terminalText(task.name + ": " + *problem) << "\n";
      ++refused;
      continue;
    }
    const auto result = schedules.add(std::get<ScheduleDefinition>(read), kRoot);
    if (result.errors.empty()) ++imported;
    if (result.nameTaken) ++present;
    if (result.errors.empty() || result.nameTaken) continue;
    ++refused;
    for (const InputError& error : result.errors)
      std::cerr << terminalText(task.name + ": " + error.member + " " + error.problem) << "\n";
  }
  std::cout << imported << " imported, " << present << " exist already, " << refused << " refused\n";
  return refused == 0 ? EX_OK : EX_DATAERR;
}

}  // namespace taskqueue::command_line
