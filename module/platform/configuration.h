// All settings in one struct, with units in the names and defaults here. One file is read once at the start.
// A wrong value stops the program with one clear line.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "module/health/settings.h"
#include "module/platform/import_configuration.h"
#include "module/platform/permission_cache_configuration.h"
#include "module/platform/process_owner.h"
#include "module/platform/settings_file.h"
#include "module/queue/limits.h"
#include "module/queue/rescue.h"

namespace taskqueue::platform {

struct DatabaseConfiguration {
  std::string optionFile;  // MariaDB option file: [client] socket or host, user, password
  std::string name;
  std::string tablePrefix = "inp_";
  std::string settingsTable;  // the CMS's settings table; empty: prefix + SystemSettings
  std::chrono::seconds connectLimit{3};
  std::chrono::seconds statementLimit{10};
  std::chrono::seconds lockWait{5};
};

struct WebConfiguration {
  std::string basePath = "/taskqueue/";
  std::string templatesDirectory;
  int threads = 16;
  std::int64_t bodyBytes = 8 << 20;            // largest body of one request
  std::vector<std::string> apiTokenSha256;     // hashes of tokens that may do everything; empty: none
  std::string apiTokensFile;                   // file of tokens with a name, a role and a scope; empty: none
  std::vector<std::string> cmsEvents;          // events that the API and the pages may enqueue; "*": any
  std::vector<std::string> eventSecretSha256;  // empty: the scheduled-task endpoints are closed
  std::vector<std::string>
      nginxSecretSha256;                     // proves that nginx names the user; empty: the pages are closed
  std::chrono::seconds standaloneLimit{25};  // time limit of a runner that a request starts
  std::string frameAncestors =
      "'none'";  // sites that may show the pages in a frame, as in a Content-Security-Policy
  // Members of TaskData and Results that no page and no export shows, at any depth. They are listed by
  // handler; those of "" apply to all handlers.
  std::map<std::string, std::vector<std::string>> sensitiveMembers;
};

struct RunnerConfiguration {
  std::string program;           // path of task-runner, for programs that start runners
  std::string runDirectory;      // holds the runners' files
  std::string wakeDirectory;     // holds the runners' wake sockets; the site's PHP may write to them
  std::string pluginsDirectory;  // directory of plug-ins with handlers; empty: none
  int slots = 4;                 // most runs at the same time
  std::vector<std::string> queues{"default"};
  std::chrono::seconds drainLimit{20};  // time for runs to finish after SIGTERM
  std::chrono::seconds killGrace{5};    // time between SIGTERM and SIGKILL for a worker
  std::chrono::milliseconds heartbeat{1000};
  std::chrono::seconds lease{60};        // a remote runner without a heartbeat for this time is dead
  std::chrono::seconds peerCheck{1};     // interval between a runner's checks of its peers
  std::chrono::milliseconds flush{300};  // interval between writes of live progress and output
  std::chrono::milliseconds pollBusy{20};
  std::chrono::milliseconds pollIdle{1000};
  std::chrono::milliseconds probe{100};     // between two questions for the newest task
  std::optional<ProcessOwner> workerOwner;  // user of all workers; a runner that is root must have one
  // The user of workers that run a site's code: PHP and other hosts, plug-ins, commands. If absent,
  // workerOwner.
  std::optional<ProcessOwner> handlerOwner;
  std::chrono::seconds timeLimit{3600};  // limit for one run, unless its handler declares another
  // A starting runner waits this long for worker pools before it begins with those that are ready.
  std::chrono::seconds poolsWait{3};
  bool logRuns = true;                       // writes a line to the log for each run that ends
  std::int64_t outputHeadBytes = 256 << 10;  // stored beginning of each stream of a run
  std::int64_t outputTailBytes = 768 << 10;  // stored end of each stream of a run

  const std::optional<ProcessOwner>& ownerOfHandlers() const {
    return handlerOwner ? handlerOwner : workerOwner;
  }

  // Returns how long supervisord and systemd must wait for a runner that they stop.
  std::chrono::seconds stopLimit() const { return drainLimit + killGrace + std::chrono::seconds(10); }

  // Returns the directory for the working directories of commands; empty: they have none.
  std::string workBase() const { return runDirectory.empty() ? "" : runDirectory + "/work"; }
};

// Resource limits for each process of a command. 0 means the runner's own limit.
struct ProcessLimits {
  std::int64_t memoryBytes = 0;  // address space
  std::int64_t cpuSeconds = 0;
  std::int64_t fileBytes = 0;  // largest file that it writes
  std::int64_t processes = 0;  // all processes of its user
};

// An executable that handles a class of tasks. It can only come from the configuration, never from the
// database.
struct CommandHandler {
  std::string taskHandlerClass;
  std::vector<std::string> command;  // absolute program, then its arguments
  std::string dataSchema;
  HandlerSettings settings;
  std::chrono::seconds retryAfter{60};   // delay after exit status 75
  std::vector<std::string> environment;  // NAME=value, in addition to the fixed variables
  ProcessLimits limits;
  std::optional<ProcessOwner> owner;  // empty: that of all handlers (RunnerConfiguration::ownerOfHandlers)
};

// A persistent worker program with handlers of one language (runner/PROTOCOL.md). It announces its handler
// classes and does one run after another. The program of the C++ handlers needs no entry.
struct WorkerPoolConfig {
  std::string name;
  std::string kind;                  // Kind of its handlers
  std::vector<std::string> command;  // absolute program, then its arguments
};

// What the site's own PHP may use. `taskqueue attach` makes it.
struct SiteConfiguration {
  std::string user;       // who runs the site's PHP, such as www-data; empty: not configured
  std::string directory;  // has kSiteTokenFile and kSiteSecretFile for this user; empty: none
};
inline constexpr const char* kSiteTokenFile = "api.token";
inline constexpr const char* kSiteSecretFile = "event.secret";

// Settings of webhooks, which are HTTP messages to the URLs that tasks name.
struct WebhookConfiguration {
  std::string secretFile;       // its first line signs each message; empty: no webhooks
  bool privateTargets = false;  // allows addresses of this machine and of private networks
  std::string caFile;           // trusted certificates; empty: those of the machine
  std::chrono::seconds connectLimit{5};
  std::chrono::seconds sendLimit{20};  // limit for one message, including the connection
  std::int64_t answerBytes = 2000;     // stored part of the answer, in Results
};

// The CMS's table of users. It gives the e-mail address of QueuedById.
struct CmsUsersConfiguration {
  std::string table = "Users";  // without the table prefix
  std::string idColumn = "PortalUserId";
  std::string emailColumn = "Email";
  std::string rootEmail;  // address of the user -1, who has no row; empty: no notification
};

// Notification settings beyond those of each task.
struct NotifyConfiguration {
  std::string language = "en";  // default language
  std::string
      pagesUrl;  // URL of the admin pages for links, such as https://cms.example/taskqueue/; empty: no links
  std::vector<std::string> operators;        // e-mail addresses and URLs; empty: none
  std::vector<std::string> failuresOf{"*"};  // handlers whose failures are reported; "*": all
};

// The mail server that takes the site's mail.
struct SmtpConfiguration {
  std::string url;           // smtp://host:25 or smtps://host:465; empty: no mail is sent
  std::string user;          // empty: no authentication
  std::string passwordFile;  // the first line is the password
  bool requireTls = true;    // requires a valid certificate
  std::string caFile;        // trusted certificates; empty: those of the machine
  std::string from;          // default sender
  std::chrono::seconds connectLimit{10};
  std::chrono::seconds sendLimit{120};  // limit for one mail, including the connection
  std::chrono::seconds keepLimit{60};   // lifetime of an idle connection
  int maxRecipients = 100;              // most recipients of one mail; every server accepts 100 (RFC 5321)
  int ratePerMinute = 0;                // mails per minute over all runners; 0: no limit
};

// The CMS's table of waiting mails.
struct EmailQueueConfiguration {
  std::string table = "EmailQueue";  // without the table prefix
  std::string keyColumn = "EmailQueueId";
  std::string toColumn = "ToEmail";
  std::string subjectColumn = "Subject";
  std::string headersColumn = "MessageHeaders";
  std::string bodyColumn = "MessageBody";
  int batchRows = 100;  // rows moved in one transaction
};

struct Configuration {
  std::string path;  // path of the file that was read
  DatabaseConfiguration database;
  RetryPolicy retry;
  int maxRunnerDeaths = 3;  // runner deaths after which a task is no longer retried automatically
  QueueLimits limits;
  health::HealthLimits health;
  WebConfiguration web;
  RunnerConfiguration runner;
  std::vector<CommandHandler> commands;
  std::vector<WorkerPoolConfig> workerPools;
  SiteConfiguration site;
  WebhookConfiguration webhook;
  CmsUsersConfiguration cmsUsers;
  NotifyConfiguration notify;
  SmtpConfiguration smtp;
  EmailQueueConfiguration emailQueue;
  std::vector<ImportConfiguration> imports;
  PermissionCacheConfiguration permissionCache;
  RescuePolicy rescue() const { return {retry, maxRunnerDeaths}; }

  std::vector<std::string> settings;  // one line for each setting, see SettingsFile::describe()
};

// Returns the limits of the health checks.
health::Settings healthSettings(const Configuration& configuration);

inline constexpr int kMaxSlots = 1000;

// The file that is read without --config.
inline constexpr const char* kDefaultConfigurationPath = "/etc/taskqueue/taskqueue.ini";

// Throws ConfigurationError.
Configuration loadConfiguration(const std::string& path);

}  // namespace taskqueue::platform
