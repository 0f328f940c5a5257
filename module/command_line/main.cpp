// The program `taskqueue`, the command line. Each subcommand has one function.
#include <pwd.h>
#include <sysexits.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <thread>

#include "module/command_line/attach.h"
#include "module/command_line/doctor/doctor.h"
#include "module/command_line/doctor/health_list.h"
#include "module/command_line/events.h"
#include "module/command_line/pauses.h"
#include "module/command_line/reload.h"
#include "module/command_line/restart.h"
#include "module/command_line/root_user.h"
#include "module/command_line/runners.h"
#include "module/command_line/schedules.h"
#include "module/command_line/tasks.h"
#include "module/command_line/webhooks.h"
#include "module/command_line/work.h"
#include "module/health/health.h"
#include "module/json/writer.h"
#include "module/platform/configuration.h"
#include "module/platform/queue_dependencies.h"
#include "module/platform/strict_options.h"
#include "module/platform/terminal_text.h"
#include "module/platform/wake.h"
#include "module/store/diagnosis/database_facts.h"
#include "module/store/from_configuration.h"
#include "module/store/migration.h"
#include "module/store/schedules/cms_scheduled_tasks.h"
#include "module/web/task_json.h"

namespace {

using namespace taskqueue;
using platform::terminalText;

struct Arguments {
  std::string configuration = platform::kDefaultConfigurationPath;
  NewTask task;
  std::optional<int> id;
  bool json = false;
  std::string name;
  std::int64_t maxRunning = 0;
  std::optional<std::int64_t> maxRunningPerKey;
  std::string uniqueMode;
  std::string notifyOn = "never";
  bool checkOnly = false;
};

struct Program {
  platform::Configuration configuration;
  std::unique_ptr<store::MariaStore> store;
  LeaseWatch leaseWatch;
  TaskQueue queue;

  explicit Program(platform::Configuration from)
      : configuration(std::move(from)),
        store(store::makeStore(configuration)),
        leaseWatch(configuration.runner.lease),
        queue(store->roles(), platform::makeQueueDependencies(configuration), configuration.rescue(),
              leaseWatch, configuration.limits) {
    const passwd* user = ::getpwuid(::getuid());
    store->audit.actAs({user == nullptr ? "uid " + std::to_string(::getuid()) : user->pw_name, "cli"});
  }
};

// Returns exit code 1 if the schema is not this program's.
int checkSchema(Program& program) {
  const auto problem = store::Migrator(program.store->connection()).problem();
  std::cout << problem.value_or("The schema is this program's.") << "\n";
  return problem ? 1 : EX_OK;
}

int migrate(Program& program) {
  // A change of a large table can take hours.
  auto settings = store::connectionSettings(program.configuration.database);
  settings.statementLimit = std::chrono::hours(24);
  store::Connection connection(settings, store::tableNames(program.configuration.database));
  store::Migrator migrator(connection);
  const auto applied = migrator.apply(
      [](const store::Migration& migration) { std::cerr << "applying " << migration.name << "\n"; });
  std::cout << "schema version " << migrator.currentVersion() << ", " << applied.size() << " applied\n";
  return EX_OK;
}

int enqueue(Program& program, const NewTask& task) {
  const AddResult result = program.queue.addTask(task);
  for (const InputError& error : result.errors)
    std::cerr << terminalText(error.member + " " + error.problem) << "\n";
  if (!result.errors.empty()) return EX_DATAERR;
  platform::wakeRunners(program.configuration.runner.wakeDirectory);
  const AddedTask& added = result.outcome.tasks.at(0);
  std::cout << added.id << "\n";
  if (added.replacedId) std::cerr << "task " << *added.replacedId << " was replaced by it\n";
  if (!added.created)
    std::cerr << "an unfinished task with this unique key exists already: no task was made\n";
  return EX_OK;
}

int show(Program& program, int id, bool asJson) {
  const auto facts = program.store->tasks.findWaitFacts(id);
  if (!facts) {
    std::cerr << "there is no task " << id << "\n";
    return 1;
  }
  const auto runs = program.store->tasks.runsOfTask(id);
  if (asJson) {
    json::Writer to;
    web::writeTaskWithRuns(to, *facts, program.store->tasks.findNotification(id), runs);
    std::cout << to.text() << "\n";
    return EX_OK;
  }
  const Task& task = facts->task;
  std::cout << "task " << task.id << "  " << terminalText(task.taskHandlerClass) << "  "
            << toString(task.lastStatus) << "  failed " << task.taskRunsFailed << " of " << task.maxRetries
            << "  " << terminalText(task.title) << "\n";
  if (const auto reason = findWaitReason(*facts)) {
    std::cout << "  waits: " << terminalText(reason->text) << "\n";
    const std::string help = suggestHelp(*reason, *facts);
    if (!help.empty()) std::cout << "  fix: " << terminalText(help) << "\n";
  }
  for (const Run& run : runs) {
    std::cout << "  run " << run.id << "  attempt " << run.attempt << "  " << toString(run.status) << "  "
              << run.percentsCompleted << " %  " << terminalText(run.progressNote);
    if (!run.errorCode.empty()) std::cout << "  " << terminalText(run.errorCode + ": " + run.errorMessage);
    std::cout << "\n";
    if (run.results) std::cout << "    results " << terminalText(*run.results) << "\n";
  }
  return EX_OK;
}

// Prints the new output of a stream from `offset` on, and advances the offset. The run's error output goes to
// standard error. Control characters are escaped on a terminal only.
bool printNewOutput(Program& program, int runId, OutputStream stream, std::int64_t& offset) {
  constexpr std::int64_t kBytesAtOnce = 64 << 10;
  const auto slice = program.store->tasks.readOutput(runId, stream, offset, kBytesAtOnce);
  if (!slice) return false;
  const bool isError = stream == OutputStream::ErrorOutput;
  const bool isTerminal = ::isatty(isError ? STDERR_FILENO : STDOUT_FILENO) == 1;
  (isError ? std::cerr : std::cout) << (isTerminal ? platform::terminalLines(slice->content) : slice->content)
                                    << std::flush;
  offset = slice->nextOffset;
  return !slice->content.empty();
}

// Prints the output of the task's newest run as it grows, until it ends.
int tail(Program& program, int id) {
  const auto runs = program.store->tasks.runsOfTask(id);
  if (runs.empty()) {
    std::cerr << "task " << id << " has no run yet\n";
    return 1;
  }
  constexpr std::chrono::milliseconds kBetweenLooks{300};
  const int runId = runs.back().id;
  std::int64_t printedOutput = 0;
  std::int64_t printedErrors = 0;
  while (true) {
    const auto run = program.store->tasks.findRun(runId);
    if (!run) return 1;
    const bool moreOutput = printNewOutput(program, runId, OutputStream::StandardOutput, printedOutput);
    const bool moreErrors = printNewOutput(program, runId, OutputStream::ErrorOutput, printedErrors);
    if (moreOutput || moreErrors) continue;
    if (!isOpen(run->status)) return run->status == RunStatus::Success ? EX_OK : 1;
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

health::SchemaProblem schemaProblemOf(Program& program) {
  return [&] { return store::Migrator(program.store->connection()).problem(); };
}

int runDoctor(Program& program, const command_line::DoctorCommand& command) {
  const auto read = [&](bool withSchema) {
    return store::readDatabaseFacts(program.store->connection(), program.configuration.database.name,
                                    withSchema);
  };
  return command.run(program.configuration, program.store->roles(), schemaProblemOf(program), read);
}

int showHealth(Program& program) {
  return command_line::printHealth(health::checkHealth(program.store->roles(), schemaProblemOf(program),
                                                       platform::healthSettings(program.configuration)));
}

int setLimit(Program& program, const Arguments& arguments) {
  const auto result = program.queue.setHandlerLimit(arguments.name, arguments.maxRunning,
                                                    arguments.maxRunningPerKey, command_line::kRoot);
  if (result.error) {
    std::cerr << result.error->member << " " << result.error->problem << "\n";
    return EX_DATAERR;
  }
  platform::wakeRunners(program.configuration.runner.wakeDirectory);
  const auto shown = [](int max) { return max == 0 ? std::string("unlimited") : std::to_string(max); };
  std::cout << "handler " << terminalText(arguments.name) << ": " << shown(result.limits.maxRunning)
            << " at the same time, " << shown(result.limits.maxRunningPerKey) << " per ConcurrencyKey\n";
  if (!result.known)
    std::cerr << terminalText(TaskQueue::unknownText(PauseKind::Handler, arguments.name)) << "\n";
  return EX_OK;
}

auto readCms(Program& program, const command_line::CmsNames& given) {
  store::CmsScheduleNames names;
  const auto take = [](const std::string& from, std::string& to) {
    if (!from.empty()) to = from;
  };
  take(given.table, names.table);
  take(given.name, names.name);
  take(given.event, names.event);
  take(given.runSchedule, names.runSchedule);
  take(given.status, names.status);
  return store::readCmsScheduledTasks(program.store->connection(), names);
}

int schedule(Program& program, const command_line::ScheduleCommands& commands) {
  return commands.run({program.store->roles(), program.queue, program.configuration.limits,
                       [&] { platform::wakeRunners(program.configuration.runner.wakeDirectory); },
                       [&](const command_line::CmsNames& names) { return readCms(program, names); }});
}

// Returns the first word if it is not a subcommand, or nothing.
std::optional<std::string> unknownCommand(const CLI::App& app) {
  if (!app.get_subcommands().empty()) return std::nullopt;
  for (const std::string& word : app.remaining()) {
    if (!word.starts_with('-')) return word;
  }
  return std::nullopt;
}

// Reports an unknown subcommand. CLI11 itself would only say that a subcommand is required.
int refuseCommand(const CLI::App& app, const CLI::ParseError& error) {
  const auto unknown = unknownCommand(app);
  if (!unknown) return app.exit(error) == 0 ? EX_OK : EX_USAGE;
  std::cerr << "there is no command '" << terminalText(*unknown) << "'; there are:";
  for (const CLI::App* command : app.get_subcommands({})) std::cerr << " " << command->get_name();
  std::cerr << "\nRun with --help for more information.\n";
  return EX_USAGE;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app(
      "The task queue's command line. Exit codes: 0 success, 1 not done, 64 wrong usage, 65 bad input, 69 no "
      "database, 77 "
      "missing rights, 78 invalid configuration.");
  app.set_version_flag("--version", TASKQUEUE_VERSION);
  app.require_subcommand(1);
  app.add_option("--config", arguments.configuration, "configuration file")
      ->envname("TASKQUEUE_CONFIG")
      ->capture_default_str();
  auto* migrateCommand = app.add_subcommand("migrate", "bring the schema to this program's version");
  migrateCommand->add_flag("--check", arguments.checkOnly,
                           "change nothing; exit code 1 if the schema is of another version");
  auto* enqueueCommand = app.add_subcommand("enqueue", "enqueue a task and print its Id");
  enqueueCommand->add_option("class", arguments.task.taskHandlerClass, "TaskHandlerClass")->required();
  enqueueCommand->add_option("data", arguments.task.taskData, "TaskData, a JSON object");
  enqueueCommand->add_option("--title", arguments.task.title);
  enqueueCommand->add_option("--queue", arguments.task.queue);
  enqueueCommand->add_option("--priority", arguments.task.priority, "0 (claimed first) to 9 (claimed last)");
  enqueueCommand->add_option("--max-retries", arguments.task.maxRetries);
  enqueueCommand->add_option("--scheduled-on", arguments.task.scheduledOn,
                             "start no earlier than this time in Unix seconds; default: now");
  enqueueCommand->add_option("--unique-key", arguments.task.uniqueKey);
  enqueueCommand
      ->add_option("--unique-mode", arguments.uniqueMode,
                   "what to do if an unfinished task has the unique key")
      ->check(CLI::IsMember({"keep", "replace", "window"}))
      ->capture_default_str();
  enqueueCommand->add_option("--unique-seconds", arguments.task.uniqueSeconds,
                             "length of the window of --unique-mode window");
  enqueueCommand->add_option("--concurrency-key", arguments.task.concurrencyKey,
                             "tasks with the same key share the handler's limit per key");
  enqueueCommand->add_option("--notify-on", arguments.notifyOn, "when to notify")
      ->check(CLI::IsMember({"never", "success", "failure", "both"}))
      ->capture_default_str();
  enqueueCommand->add_option("--notify-to", arguments.task.notifyTo,
                             "whom to notify: an e-mail address or the URL of a webhook");
  enqueueCommand->add_option("--notify-language", arguments.task.notifyLanguage,
                             "language of the e-mail, such as de");
  auto* showCommand = app.add_subcommand("show", "show a task and its runs");
  showCommand->add_option("id", arguments.id)->required();
  showCommand->add_flag("--json", arguments.json, "print JSON as the API does");
  auto* tailCommand = app.add_subcommand("tail", "follow the output of a task's newest run, both streams");
  tailCommand->add_option("id", arguments.id)->required();
  auto* limitCommand =
      app.add_subcommand("limit", "limit how many tasks of a handler run at the same time on all runners");
  limitCommand->add_option("class", arguments.name, "TaskHandlerClass")->required();
  limitCommand->add_option("number", arguments.maxRunning, "the limit; 0 means unlimited")->required();
  limitCommand->add_option("--per-key", arguments.maxRunningPerKey,
                           "limit per ConcurrencyKey; 0 means unlimited; default: unchanged");
  auto* settingsCommand = app.add_subcommand("settings", "list all settings with their defaults and limits");
  auto* healthCommand =
      app.add_subcommand("health", "run the health checks and show fixes; exit code 1 if a check failed");
  const command_line::DoctorCommand doctorCommand(app);
  const command_line::PauseCommands pauseCommands(app);
  const command_line::RunnerCommands runnerCommands(app);
  const command_line::TaskCommands taskCommands(app);
  const command_line::ScheduleCommands scheduleCommands(app);
  const command_line::WebhookCommands webhookCommands(app);
  const command_line::AttachCommands attachCommands(app);
  const command_line::EventCommand eventCommand(app);
  const command_line::ReloadCommand reloadCommand(app);
  const command_line::RestartCommand restartCommand(app);
  const command_line::WorkCommand workCommand(app);
  try {
    platform::parseStrictly(app, argc, argv);
  } catch (const CLI::RequiredError& error) {
    return refuseCommand(app, error);
  } catch (const CLI::ExtrasError& error) {
    return refuseCommand(app, error);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EX_OK : EX_USAGE;
  }

  try {
    if (attachCommands.isAttachWanted()) return attachCommands.attach();
    platform::Configuration configuration = platform::loadConfiguration(arguments.configuration);
    if (*settingsCommand) {
      for (const std::string& line : configuration.settings) std::cout << line << "\n";
      return EX_OK;
    }
    if (webhookCommands.isWanted()) return webhookCommands.run(configuration.webhook);
    if (attachCommands.isDetachWanted()) return attachCommands.detach(configuration);
    if (reloadCommand.isWanted()) return reloadCommand.run(configuration);
    if (workCommand.isWanted()) return workCommand.run(configuration);
    Program program(std::move(configuration));
    if (restartCommand.isWanted())
      return restartCommand.run(program.store->roles(), program.queue, program.configuration.runner);
    if (*migrateCommand) return arguments.checkOnly ? checkSchema(program) : migrate(program);
    arguments.task.uniqueMode = parseUniqueMode(arguments.uniqueMode);
    arguments.task.notifyOn = parseNotifyOn(arguments.notifyOn).value_or(NotifyOn::Never);
    if (*enqueueCommand) return enqueue(program, arguments.task);
    if (*showCommand) return show(program, arguments.id.value_or(0), arguments.json);
    if (*tailCommand) return tail(program, arguments.id.value_or(0));
    if (pauseCommands.isWanted()) {
      return pauseCommands.run(program.store->clock, program.queue,
                               [&] { platform::wakeRunners(program.configuration.runner.wakeDirectory); });
    }
    if (*limitCommand) return setLimit(program, arguments);
    if (eventCommand.isWanted())
      return eventCommand.run(
          {program.store->roles(), program.queue, program.leaseWatch, program.configuration});
    if (*healthCommand) return showHealth(program);
    if (doctorCommand.isWanted()) return runDoctor(program, doctorCommand);
    if (runnerCommands.isWanted()) return runnerCommands.run(program.store->roles(), program.queue);
    if (taskCommands.isWanted()) {
      return taskCommands.run(program.store->statistics, program.queue,
                              [&] { platform::wakeRunners(program.configuration.runner.wakeDirectory); });
    }
    if (scheduleCommands.isWanted()) return schedule(program, scheduleCommands);
    return EX_USAGE;
  } catch (const platform::ConfigurationError& error) {
    std::cerr << "taskqueue: " << terminalText(error.what()) << "\n";
    return EX_CONFIG;
  } catch (const StoreError& error) {
    std::cerr << "taskqueue: " << terminalText(error.what()) << "\n";
    return error.kind() == StoreError::Kind::Unavailable ? EX_UNAVAILABLE : EX_SOFTWARE;
  }
}
