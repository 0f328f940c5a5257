// Everything that can be set, in one struct: each value with its unit in its name and its default here. Read
// once at start from one file; a value that does not fit stops the program with one clear line.
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
  std::string settingsTable;  // the CMS's; empty: prefix + SystemSettings
  std::chrono::seconds connectLimit{3};
  std::chrono::seconds statementLimit{10};
  std::chrono::seconds lockWait{5};
};

struct WebConfiguration {
  std::string basePath = "/taskqueue/";
  std::string templatesDirectory;
  int threads = 16;
  std::int64_t bodyBytes = 8 << 20;            // of one request
  std::vector<std::string> apiTokenSha256;     // of tokens that may do all; empty: none
  std::string apiTokensFile;                   // of tokens with a name, a role and a scope; empty: none
  std::vector<std::string> cmsEvents;          // that API and pages may enqueue; "*": any
  std::vector<std::string> eventSecretSha256;  // empty: the scheduled-task endpoints are closed
  std::vector<std::string>
      nginxSecretSha256;                     // proves that nginx names the user; empty: the pages are closed
  std::chrono::seconds standaloneLimit{25};  // of a runner that a request starts
  std::string frameAncestors =
      "'none'";  // who may show the pages in a frame, as in a Content-Security-Policy
  // Members of TaskData and Results that no page and no export shows, wherever they stand; by handler, "" for
  // all.
  std::map<std::string, std::vector<std::string>> sensitiveMembers;
};

struct RunnerConfiguration {
  std::string program;           // path of task-runner, for those who start runners
  std::string runDirectory;      // where runners put their wake sockets
  std::string pluginsDirectory;  // of shared objects with handlers; empty: none
  int slots = 4;                 // runs at once
  std::vector<std::string> queues{"default"};
  std::chrono::seconds drainLimit{20};  // after TERM, for runs to finish by themselves
  std::chrono::seconds killGrace{5};    // between the polite and the hard stop of a worker
  std::chrono::milliseconds heartbeat{1000};
  std::chrono::seconds lease{60};        // a runner out of sight is dead after this long without a heartbeat
  std::chrono::seconds fellowCheck{1};   // how often a runner looks whether its fellows live
  std::chrono::milliseconds flush{300};  // between two writes of live progress and output
  std::chrono::milliseconds pollBusy{20};
  std::chrono::milliseconds pollIdle{320};
  std::optional<ProcessOwner> workerOwner;  // of all workers; a runner that is root must have it
  // Of the workers that run a site's code: PHP and other hosts, plug-ins, commands. Empty: as workerOwner.
  std::optional<ProcessOwner> handlerOwner;
  std::chrono::seconds timeLimit{3600};  // of one run, unless its handler says otherwise
  // How long a starting runner waits for hosts of workers before it begins with those that are ready.
  std::chrono::seconds hostsWait{3};
  std::int64_t outputHeadBytes = 256 << 10;  // of each stream of a run, kept from its beginning
  std::int64_t outputTailBytes = 768 << 10;  // and from its end

  const std::optional<ProcessOwner>& ownerOfHandlers() const {
    return handlerOwner ? handlerOwner : workerOwner;
  }

  // Where commands get their working directories; empty: nowhere.
  std::string workBase() const { return runDirectory.empty() ? "" : runDirectory + "/work"; }
};

// What one process of a command may use; 0: as much as the runner itself.
struct ProcessLimits {
  std::int64_t memoryBytes = 0;  // address space
  std::int64_t cpuSeconds = 0;
  std::int64_t fileBytes = 0;  // of any file that it writes
  std::int64_t processes = 0;  // of its user, all together
};

// An executable that handles a class of tasks. Only the configuration can name one, never the database.
struct CommandHandler {
  std::string taskHandlerClass;
  std::vector<std::string> command;  // absolute program, then its arguments
  std::string dataSchema;
  HandlerSettings settings;
  std::chrono::seconds retryAfter{60};   // the delay that exit status 75 asks for
  std::vector<std::string> environment;  // NAME=value, besides the fixed ones
  ProcessLimits limits;
  std::optional<ProcessOwner> owner;  // empty: that of all handlers (RunnerConfiguration::ownerOfHandlers)
};

// A program that hosts handlers of one language: kept, it announces the classes that it handles and does one
// run after the other (runner/PROTOCOL.md). The host of the C++ handlers needs no entry.
struct WorkerHost {
  std::string name;
  std::string kind;                  // of its handlers
  std::vector<std::string> command;  // absolute program, then its arguments
};

// Webhooks: messages by HTTP to the addresses that tasks name.
struct WebhookConfiguration {
  std::string secretFile;       // its first line signs each message; empty: no webhooks
  bool privateTargets = false;  // also to addresses that only this machine or its network can reach
  std::string caFile;           // of certificates to trust; empty: those of the machine
  std::chrono::seconds connectLimit{5};
  std::chrono::seconds sendLimit{20};  // of one message, with connecting
  std::int64_t answerBytes = 2000;     // of the answer, kept in Results
};

// The CMS's users, whose addresses QueuedById stands for.
struct CmsUsersConfiguration {
  std::string table = "Users";  // after the table prefix
  std::string idColumn = "PortalUserId";
  std::string emailColumn = "Email";
  std::string rootEmail;  // of -1, who has no row; empty: nobody is told
};

// Who is told of what, besides what tasks say themselves.
struct NotifyConfiguration {
  std::string language = "en";  // of who says nothing
  std::string pagesUrl;  // of the admin pages, for links, such as https://cms.example/taskqueue/; empty: none
  std::vector<std::string> operators;        // e-mail addresses and URLs; empty: nobody
  std::vector<std::string> failuresOf{"*"};  // handlers; "*": of all
};

// The mail server that takes the site's mail.
struct SmtpConfiguration {
  std::string url;           // smtp://host:25 or smtps://host:465; empty: no mail is sent
  std::string user;          // empty: no authentication
  std::string passwordFile;  // its first line is the password
  bool requireTls = true;    // with a certificate that fits
  std::string caFile;        // of certificates to trust; empty: those of the machine
  std::string from;          // of mails that name no sender
  std::chrono::seconds connectLimit{10};
  std::chrono::seconds sendLimit{120};  // of one mail, with connecting
  std::chrono::seconds keepLimit{60};   // of an idle connection
  int maxRecipients = 100;              // of one mail; every server takes 100 (RFC 5321)
  int ratePerMinute = 0;                // over all runners; 0: any number
};

// The CMS's own table of mails that wait.
struct EmailQueueConfiguration {
  std::string table = "EmailQueue";  // after the table prefix
  std::string keyColumn = "EmailQueueId";
  std::string toColumn = "ToEmail";
  std::string subjectColumn = "Subject";
  std::string headersColumn = "MessageHeaders";
  std::string bodyColumn = "MessageBody";
  int batchRows = 100;  // moved in one transaction
};

struct Configuration {
  std::string path;  // of the file it came from
  DatabaseConfiguration database;
  RetryPolicy retry;
  int mostRescues = 3;  // of one task under which runners died, until it is left alone
  QueueLimits limits;
  health::HealthLimits health;
  WebConfiguration web;
  RunnerConfiguration runner;
  std::vector<CommandHandler> commands;
  std::vector<WorkerHost> hosts;
  WebhookConfiguration webhook;
  CmsUsersConfiguration cmsUsers;
  NotifyConfiguration notify;
  SmtpConfiguration smtp;
  EmailQueueConfiguration emailQueue;
  std::vector<ImportConfiguration> imports;
  PermissionCacheConfiguration permissionCache;
  RescuePolicy rescue() const { return {retry, mostRescues}; }

  std::vector<std::string> settings;  // a line for each, see SettingsFile::describe()
};

// What the health checks compare with.
health::Settings healthSettings(const Configuration& configuration);

// Where the file is looked for when no --config is given.
inline constexpr const char* kDefaultConfigurationPath = "/etc/taskqueue/taskqueue.ini";

// Throws ConfigurationError.
Configuration loadConfiguration(const std::string& path);

}  // namespace taskqueue::platform
