// This is taskqueue-fcgi, the FastCGI program behind nginx.
#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <thread>
#include <utility>

#include "module/platform/configuration.h"
#include "module/platform/log.h"
#include "module/platform/parent.h"
#include "module/platform/queue_dependencies.h"
#include "module/platform/strict_options.h"
#include "module/platform/wake.h"
#include "module/store/database/server_notices.h"
#include "module/store/from_configuration.h"
#include "module/store/migration.h"
#include "module/web/application.h"
#include "module/web/fastcgi_server.h"

namespace {

using namespace taskqueue;

// Only one standalone runner works at a time, over all threads. A second request gets an empty answer, which
// means that one is at work.
QueueDependencies makeThreadDependencies(const platform::Configuration& configuration) {
  QueueDependencies dependencies = platform::makeQueueDependencies(configuration);
  dependencies.runOneStandalone = [run = dependencies.runOneStandalone](const auto& countMissing) {
    static std::mutex running;
    const std::unique_lock lock(running, std::try_to_lock);
    return lock.owns_lock() ? run(countMissing) : std::string();
  };
  return dependencies;
}

// A handler look-up at every enqueue would take a fifth of the server's time for the enqueue.
QueueLimits limitsOfThread(const platform::Configuration& configuration) {
  QueueLimits limits = configuration.limits;
  limits.handlerCacheTime = std::chrono::seconds{1};
  return limits;
}

// Holds the objects of one serving thread.
struct Thread {
  std::unique_ptr<store::MariaStore> store;
  TaskQueue queue;
  web::Api api;
  web::Pages pages;
  web::Application application;
  bool schemaFits = false;

  Thread(const platform::Configuration& configuration, LeaseWatch& leaseWatch, store::InsertBatcher& inserts,
         const web::Templates& templates, const web::Authorizer& authorizer, web::ResponseCache& recent,
         web::HealthCheckCache& healthCheckCache, platform::RunnerWaker& waker)
      : store(store::makeStore(configuration)),
        queue(store->roles(), makeThreadDependencies(configuration), configuration.rescue(), leaseWatch,
              limitsOfThread(configuration)),
        api({store->roles(), queue, configuration, [this] { return schemaProblem(); },
             [&waker](std::span<const int> newTasks) { waker.wake(newTasks); }, &healthCheckCache}),
        pages({store->roles(), queue, api, templates, authorizer, configuration, [&waker] { waker.wake(); }}),
        application(store->tasks, store->audit, api, pages, authorizer, recent, configuration.web) {
    store->tasks.batchInserts(inserts);
  }

  std::optional<std::string> schemaProblem() {
    if (schemaFits) {
      store->clock.now();  // the database must still answer
      return std::nullopt;
    }
    auto problem = store::Migrator(store->connection()).problem();
    schemaFits = !problem;
    return problem;
  }
};

// Computes the statistics of each minute, on its own thread and connection.
class StatsRollup {
 public:
  explicit StatsRollup(std::function<std::unique_ptr<store::MariaStore>()> makeStore)
      : thread_([this, makeStore = std::move(makeStore)] { work(makeStore); }) {}
  ~StatsRollup() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    stop_.notify_all();
    thread_.join();
  }
  StatsRollup(const StatsRollup&) = delete;
  StatsRollup& operator=(const StatsRollup&) = delete;

 private:
  void work(const std::function<std::unique_ptr<store::MariaStore>()>& makeStore) {
    constexpr std::chrono::seconds kBetween{20};
    constexpr int kAtOnce = 10;
    const auto store = makeStore();
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      lock.unlock();
      bool more = false;
      try {
        more = store->statistics.rollUpMinutes(kAtOnce) == kAtOnce;
      } catch (const StoreError& error) {
        platform::log(platform::Level::Warning, "minutes were not summed up", {{"problem", error.what()}});
      }
      lock.lock();
      if (!more) stop_.wait_for(lock, kBetween, [this] { return stopping_; });
    }
  }

  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

// Returns whether a program with this configuration file could start. Logs what is wrong.
bool couldStartWith(const std::string& path) {
  try {
    const auto configuration = platform::loadConfiguration(path);
    const web::Templates templates(configuration.web.templatesDirectory);
    platform::log(platform::Level::Info, "ending, to be started again with the new configuration");
    return true;
  } catch (const std::exception& error) {
    platform::log(platform::Level::Error, "the new configuration is not used", {{"problem", error.what()}});
    return false;
  }
}

// Logs limits of the database server that are smaller than this configuration needs.
void logNotices(const platform::Configuration& configuration) {
  try {
    const auto store = store::makeStore(configuration);
    const auto needs = store::serverNeeds(configuration, configuration.web.threads + 1);
    for (const std::string& notice : store::serverNotices(store->connection(), needs)) {
      platform::log(platform::Level::Warning, "the database server's limits are small",
                    {{"problem", notice}});
    }
  } catch (const StoreError& error) {
    platform::log(platform::Level::Warning, "the database server's limits are not known yet",
                  {{"problem", error.what()}});
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Serves the queue's pages, API and scheduled-task endpoints over FastCGI on descriptor 0.");
  app.set_version_flag("--version", TASKQUEUE_VERSION);
  std::string path = platform::kDefaultConfigurationPath;
  bool checkOnly = false;
  bool endWithParent = false;
  app.add_option("--config", path, "configuration file")->capture_default_str();
  app.add_flag("--end-with-parent", endWithParent,
               "end when the process that started this one dies, as supervisord may");
  app.add_flag("--check-config", checkOnly, "check the configuration and end");
  try {
    platform::parseStrictly(app, argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EX_OK : EX_USAGE;
  }
  platform::nameProgramInLog("taskqueue-fcgi");
  web::blockStopSignals();
  try {
    const auto configuration = platform::loadConfiguration(path);
    const web::Templates templates(configuration.web.templatesDirectory);
    if (checkOnly) {
      std::cout << "The configuration is valid.\n";
      return EX_OK;
    }
    if (endWithParent) platform::endWithParent();
    const web::Authorizer authorizer(configuration.web);
    LeaseWatch leaseWatch(configuration.runner.lease);
    web::ResponseCache recent;
    web::HealthCheckCache healthCheckCache;
    platform::RunnerWaker waker(configuration.runner.wakeDirectory);
    store::InsertBatcher inserts;
    logNotices(configuration);
    const StatsRollup minutes([&configuration] { return store::makeStore(configuration); });
    const auto makeHandler = [&]() -> web::RequestHandler {
      auto thread = std::make_shared<Thread>(configuration, leaseWatch, inserts, templates, authorizer,
                                             recent, healthCheckCache, waker);
      return [thread](web::Request& request) { return thread->application.handle(request); };
    };
    web::serveFastCgi(configuration.web, makeHandler, [&path] { return couldStartWith(path); });
    return EX_OK;
  } catch (const platform::ConfigurationError& error) {
    std::cerr << "taskqueue-fcgi: " << error.what() << "\n";
    return EX_CONFIG;
  } catch (const std::exception& error) {
    std::cerr << "taskqueue-fcgi: " << error.what() << "\n";
    return EX_SOFTWARE;
  }
}
