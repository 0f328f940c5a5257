// task-runner does the queue's work. It is started by supervisord, by the overseer, or by itself as a worker.
#include <sysexits.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <climits>
#include <cstdlib>
#include <iostream>

#include "module/json/writer.h"
#include "module/platform/configuration.h"
#include "module/platform/log.h"
#include "module/platform/parent.h"
#include "module/platform/php_pool.h"
#include "module/platform/queue_dependencies.h"
#include "module/platform/random.h"
#include "module/platform/service_manager.h"
#include "module/platform/started_runs.h"
#include "module/platform/strict_options.h"
#include "module/store/database/server_notices.h"
#include "module/store/from_configuration.h"
#include "module/store/migration.h"
#include "runner/handlers/shipped.h"
#include "runner/plugins.h"
#include "runner/run_report.h"
#include "runner/runner.h"
#include "runner/wake_socket.h"
#include "runner/worker_main.h"
#include "runner/workers/process_guard.h"
#include "runner/workers/process_launcher.h"
#include "runner/workers/process_tree.h"

namespace {

using namespace taskqueue;
using platform::Level;

struct Arguments {
  std::string configuration;
  bool worker = false;
  std::string plugin;
  bool endWithParent = false;
  bool standalone = false;
  bool checkConfiguration = false;
  int seconds = 25;
  std::string bootstrap;
  std::vector<std::string> queues;
  std::optional<int> slots;
  bool printRuns = false;
};

std::string ownPath() {
  char path[PATH_MAX];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  return size > 0 ? std::string(path, static_cast<std::size_t>(size)) : "task-runner";
}

void printSummary(const runner::RunnerSummary& summary) {
  json::Writer out;
  const auto countOf = [&](RunStatus status) {
    const auto found = summary.ended.find(status);
    return found == summary.ended.end() ? 0 : found->second;
  };
  out.startObject().member("TaskRunnerId", summary.taskRunnerId).member("Claimed", summary.claimed);
  out.member("Succeeded", countOf(RunStatus::Success)).member("Failed", countOf(RunStatus::Error));
  out.member("Cancelled", countOf(RunStatus::Cancelled)).member("Released", summary.released).endObject();
  std::cout << out.text() << std::endl;
}

int exitCodeOf(runner::RunnerEnd end) {
  switch (end) {
    case runner::RunnerEnd::Done:
      return EX_OK;
    case runner::RunnerEnd::Fenced:
      return EX_TEMPFAIL;
    case runner::RunnerEnd::Broken:
      return EX_SOFTWARE;
    case runner::RunnerEnd::Unwritten:
      return EX_UNAVAILABLE;
  }
  return EX_SOFTWARE;
}

// A wrong schema ends the program. An unavailable database does not: the runner waits for it later.
bool schemaFits(store::Connection& connection) {
  try {
    const auto problem = store::Migrator(connection).problem();
    if (problem) platform::log(Level::Error, *problem);
    return !problem;
  } catch (const StoreError& error) {
    platform::log(Level::Warning, "the schema cannot be checked yet", {{"problem", error.what()}});
    return true;
  }
}

// Returns the server's limits that are smaller than ours. The log and the page `health` show them.
std::vector<RunnerProblem> noticesOf(store::Connection& connection,
                                     const platform::Configuration& configuration) {
  std::vector<RunnerProblem> notices;
  const auto needs = store::serverNeeds(configuration, configuration.runner.slots + 1);
  try {
    for (std::string& notice : store::serverNotices(connection, needs)) {
      platform::log(Level::Warning, "the database server's limits are small", {{"problem", notice}});
      notices.push_back({"database", std::move(notice)});
    }
  } catch (const StoreError& error) {
    platform::log(Level::Warning, "the database server's limits are not known yet",
                  {{"problem", error.what()}});
  }
  return notices;
}

// Returns a setting that the runner has no right to apply, or nothing. A runner that is root never runs
// handlers as root.
std::optional<std::string> missingRight(const platform::Configuration& configuration) {
  const bool isRoot = ::geteuid() == 0;
  const auto isRootsOwn = [](const auto& owner) { return owner && owner->user == 0; };
  if (isRoot && (!configuration.runner.workerOwner || isRootsOwn(configuration.runner.workerOwner))) {
    return "a runner that is started as root needs runner.worker_user, and that may not be root";
  }
  if (isRootsOwn(configuration.runner.handlerOwner)) return "runner.handler_user may not be root";
  if (isRoot) return std::nullopt;
  const auto isOther = [](const auto& owner) { return owner && owner->user != ::geteuid(); };
  if (isOther(configuration.runner.workerOwner))
    return "runner.worker_user can be another user only if the runner is root";
  if (isOther(configuration.runner.handlerOwner))
    return "runner.handler_user can be another user only if the runner is root";
  for (const platform::CommandHandler& command : configuration.commands) {
    if (isOther(command.owner)) {
      return "handler." + command.taskHandlerClass + ".user can be another user only if the runner is root";
    }
  }
  return std::nullopt;
}

// When this process has ended, the process guards kill the workers, and peers rescue the runs.
void endAtOnce() {
  platform::log(Level::Error, "the runner ends: its loop stands still");
  ::_exit(EX_SOFTWARE);
}

// Throws ConfigurationError.
void applyOptions(const Arguments& arguments, platform::Configuration& configuration) {
  if (arguments.slots) configuration.runner.slots = *arguments.slots;
  if (!arguments.queues.empty()) configuration.runner.queues = arguments.queues;
  for (const std::string& queue : arguments.queues) {
    if (!isQueueName(queue)) throw platform::ConfigurationError("--queue " + std::string(kQueueNameRule));
  }
  if (!arguments.bootstrap.empty()) platform::servePhp(configuration, arguments.bootstrap);
}

// Returns whether a runner with the file and these options could start. Logs what is wrong.
bool couldStartWith(const Arguments& arguments) {
  try {
    auto configuration = platform::loadConfiguration(arguments.configuration);
    applyOptions(arguments, configuration);
    if (const auto problem = missingRight(configuration)) throw platform::ConfigurationError(*problem);
    platform::log(Level::Info, "draining, to be started again with the new configuration");
    return true;
  } catch (const std::exception& error) {
    platform::log(Level::Error, "the new configuration is not used", {{"problem", error.what()}});
    return false;
  }
}

// TERM and INT drain within a time, and at once if they come again. HUP drains without a limit, if a runner
// could start with the configuration as it is now.
class SignalHandlers {
 public:
  SignalHandlers(boost::asio::io_context& loop, runner::Runner& runner, std::function<bool()> couldStart)
      : signals_(loop, SIGTERM, SIGINT, SIGHUP), runner_(runner), couldStart_(std::move(couldStart)) {
    wait();
  }

 private:
  void wait() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal != SIGHUP) runner_.requestDrain();
      if (signal == SIGHUP && couldStart_()) runner_.drainWithoutLimit();
      wait();
    });
  }

  boost::asio::signal_set signals_;
  runner::Runner& runner_;
  std::function<bool()> couldStart_;
};

// Tells systemd that the loop turns.
class SignsOfLife {
 public:
  explicit SignsOfLife(boost::asio::io_context& loop) : timer_(loop) {
    if (watchdog_.interval()) send();
  }

 private:
  void send() {
    watchdog_.send(platform::ServiceWatchdog::Clock::now());
    timer_.expires_after(*watchdog_.interval());
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) send();
    });
  }

  platform::ServiceWatchdog watchdog_;
  boost::asio::steady_timer timer_;
};

int runRunner(const platform::Configuration& configuration, const Arguments& arguments) {
  if (arguments.endWithParent) platform::endWithParent();
  if (const auto problem = missingRight(configuration)) {
    std::cerr << "task-runner: " << *problem << "\n";
    return EX_CONFIG;
  }
  runner::becomeSubreaper();
  // A row that is locked by a site's transaction must not hold up the others (DatabaseThread::deferLocked).
  constexpr std::chrono::seconds kLockWait{1};
  auto store = store::makeStore(configuration, kLockWait);
  if (!schemaFits(store->connection())) return EX_CONFIG;
  LeaseWatch leaseWatch(configuration.runner.lease);
  TaskQueue queue(store->roles(), platform::makeQueueDependencies(configuration), configuration.rescue(),
                  leaseWatch, configuration.limits);

  boost::asio::io_context loop;
  runner::ProcessLauncher launcher(loop);
  if (!configuration.runner.runDirectory.empty()) launcher.sweep(configuration.runner.workBase());
  runner::Runner::Settings settings;
  settings.configuration = configuration.runner;
  settings.commands = configuration.commands;
  const std::vector<std::string> workerCommand{ownPath(), "--worker", "--config", configuration.path};
  settings.workerPools = {{"cpp", "cpp", workerCommand}};
  settings.workerPools.insert(settings.workerPools.end(), configuration.workerPools.begin(),
                              configuration.workerPools.end());
  for (auto& pool : runner::pluginPools(configuration.runner.pluginsDirectory, workerCommand)) {
    settings.workerPools.push_back(std::move(pool));
  }
  settings.retry = configuration.retry;
  settings.version = TASKQUEUE_VERSION;
  settings.notices = noticesOf(store->connection(), configuration);
  settings.journal = [&configuration](int id) { return platform::ResultsJournal(configuration, id); };
  constexpr int kNameBytes = 8;
  const std::string name = platform::randomHex(kNameBytes);
  settings.started = [&configuration, name](int id) {
    return std::make_unique<platform::StartedRuns>(configuration, id, name);
  };
  settings.batchRecord = [&configuration, name, made = 0]() mutable {
    return std::make_unique<platform::BatchRecord>(configuration, name, ++made);
  };
  if (arguments.standalone) settings.standaloneLimit = std::chrono::seconds(arguments.seconds);
  if (arguments.printRuns) settings.onRunOver = &runner::printRunReport;
  runner::WakeSocket wakeUps(configuration.runner.wakeDirectory);
  runner::Runner runner(
      {loop, store->runners, queue, launcher, &platform::randomChance, &endAtOnce, &wakeUps},
      std::move(settings));

  const SignalHandlers signals(loop, runner, [&] { return couldStartWith(arguments); });

  const SignsOfLife signsOfLife(loop);
  runner.start();
  platform::notifyServiceManager("READY=1");
  loop.run();
  if (arguments.standalone) printSummary(runner.summary());
  platform::log(Level::Info, "the runner has ended", {{"exit_code", std::int64_t{exitCodeOf(runner.end())}}});
  return exitCodeOf(runner.end());
}

// Works without the configuration, because the user of plug-ins may have no right to read it.
int runPluginWorker(const std::string& plugin) {
  auto loaded = runner::loadPlugin(plugin);
  if (const auto* problem = std::get_if<std::string>(&loaded)) return runner::refuseToServe(*problem);
  return runner::workerMain(std::get<std::vector<handlers::HandlerEntry>>(loaded));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Runs the tasks of the queue: claims what is due, runs handlers in worker processes, writes their "
      "ends.");
  app.set_version_flag("--version", TASKQUEUE_VERSION);
  Arguments arguments;
  app.add_option("--config", arguments.configuration, "configuration file")
      ->default_val(platform::kDefaultConfigurationPath);
  auto* standalone = app.add_flag("--standalone", arguments.standalone,
                                  "end when nothing is due, and print a summary as JSON");
  app.add_option("--seconds", arguments.seconds, "with --standalone: stop claiming after this many seconds")
      ->needs(standalone)
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();
  app.add_flag("--check-config", arguments.checkConfiguration, "check the configuration and end");
  auto* worker =
      app.add_flag("--worker", arguments.worker, "run C++ handlers for a runner, which starts this process");
  app.add_flag("--end-with-parent", arguments.endWithParent,
               "drain and end if the parent process, such as supervisord, dies");
  app.add_option("--plugin", arguments.plugin, "with --worker: run the handlers of this shared object")
      ->needs(worker);
  app.add_option("--bootstrap", arguments.bootstrap,
                 "serve the PHP handlers of this file in place of the worker pool php");
  app.add_option("--queue", arguments.queues, "in place of runner.queues; may be given several times");
  app.add_option("--slots", arguments.slots, "in place of runner.slots")
      ->check(CLI::Range(1, platform::kMaxSlots));
  app.add_flag("--print-runs", arguments.printRuns, "print a line of JSON for each run that is over");
  try {
    platform::parseStrictly(app, argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EX_OK : EX_USAGE;
  }

  platform::nameProgramInLog(arguments.worker ? "task-worker" : "task-runner");
  try {
    if (arguments.worker && !arguments.plugin.empty()) return runPluginWorker(arguments.plugin);
    auto configuration = platform::loadConfiguration(arguments.configuration);
    applyOptions(arguments, configuration);
    if (arguments.checkConfiguration) {
      std::cout << "The configuration is valid. supervisord needs stopwaitsecs="
                << configuration.runner.stopLimit().count() << "\n";
      return EX_OK;
    }
    if (arguments.worker) return runner::workerMain(handlers::shippedHandlers(configuration));
    runner::nameGuardsIn(argc, argv);
    return runRunner(configuration, arguments);
  } catch (const platform::ConfigurationError& error) {
    std::cerr << "task-runner: " << error.what() << "\n";
    return EX_CONFIG;
  } catch (const std::exception& error) {
    platform::log(Level::Error, "the program ends", {{"problem", error.what()}});
    return EX_SOFTWARE;
  }
}
