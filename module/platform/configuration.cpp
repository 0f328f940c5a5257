#include "module/platform/configuration.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "module/json/masking.h"
#include "module/json/task_data.h"
#include "module/platform/secret_access.h"
#include "module/platform/setting_kinds.h"
#include "module/platform/site_access.h"
#include "module/queue/mail_address.h"
#include "module/queue/notification.h"
#include "module/queue/whole_number.h"

namespace taskqueue::platform {
namespace {

constexpr std::int64_t kMaxSeconds = 366LL * 86400;
constexpr std::int64_t kMaxMilliseconds = 3600LL * 1000;

std::chrono::seconds seconds(SettingsFile& file, const std::string& key, std::chrono::seconds defaultValue,
                             std::int64_t min = 1) {
  return std::chrono::seconds(file.number(key, defaultValue.count(), min, kMaxSeconds));
}

std::chrono::milliseconds milliseconds(SettingsFile& file, const std::string& key,
                                       std::chrono::milliseconds defaultValue) {
  return std::chrono::milliseconds(file.number(key, defaultValue.count(), 1, kMaxMilliseconds));
}

std::vector<std::string> hashes(SettingsFile& file, const std::string& key) {
  auto list = file.words(key, {});
  for (const std::string& hash : list) {
    const bool fits = hash.size() == 64 && hash.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!fits) file.refuse(key, "must be SHA-256 hashes of 64 lower-case hexadecimal digits");
  }
  return list;
}

DatabaseConfiguration database(SettingsFile& file) {
  DatabaseConfiguration to;
  to.optionFile = absolutePath(file, "database.option_file");
  to.name = file.text("database.name", "");
  if (to.name.empty()) file.refuse("database.name", "is missing");
  to.tablePrefix = identifier(file, "database.table_prefix", to.tablePrefix, true);
  to.settingsTable = identifier(file, "database.settings_table", "", true, kTableNameBytes);
  to.connectLimit = seconds(file, "database.connect_seconds", to.connectLimit);
  to.statementLimit = seconds(file, "database.statement_seconds", to.statementLimit);
  to.lockWait = seconds(file, "database.lock_wait_seconds", to.lockWait);
  return to;
}

RetryPolicy retry(SettingsFile& file) {
  RetryPolicy to;
  to.delay = seconds(file, "retry.delay_seconds", to.delay, 0);
  to.delayLimit = seconds(file, "retry.delay_limit_seconds", to.delayLimit, 0);
  to.jitter = static_cast<double>(file.number("retry.jitter_percents", 20, 0, 100)) / 100.0;
  return to;
}

QueueLimits limits(SettingsFile& file) {
  QueueLimits to;
  to.taskDataBytes = file.number("limits.task_data_bytes", to.taskDataBytes, 2, 2 << 20);
  to.tasksPerRequest =
      static_cast<int>(file.number("limits.tasks_per_request", to.tasksPerRequest, 1, 10000));
  to.maxRetries = static_cast<int>(file.number("limits.max_retries", to.maxRetries, 1, 1000000));
  to.overseerBatch = static_cast<int>(file.number("limits.overseer_batch", to.overseerBatch, 1, 100000));
  to.overseerSilentSeconds = static_cast<int>(
      file.number("schedules.overseer_silent_seconds", to.overseerSilentSeconds, 1, kMaxSeconds));
  to.missedAfterSeconds =
      static_cast<int>(file.number("schedules.missed_after_seconds", to.missedAfterSeconds, 1, kMaxSeconds));
  to.queueWaitsSeconds =
      static_cast<int>(file.number("notify.queue_waits_seconds", to.queueWaitsSeconds, 0, kMaxSeconds));
  to.alertSeconds =
      static_cast<int>(file.number("notify.again_after_seconds", to.alertSeconds, 60, to.uniqueSeconds));
  const std::string unknown = file.text("enqueue.unknown_handlers", "refuse");
  if (unknown != "refuse" && unknown != "park")
    file.refuse("enqueue.unknown_handlers", "must be refuse or park");
  to.unknownHandlers = unknown == "park" ? UnknownHandlers::Park : UnknownHandlers::Refuse;
  if (to.missedAfterSeconds <= to.overseerSilentSeconds) {
    file.refuse("schedules.missed_after_seconds", "must be more than schedules.overseer_silent_seconds");
  }
  return to;
}

RetentionPolicy retention(SettingsFile& file) {
  RetentionPolicy to;
  const auto days = [&](const std::string& key, int& value, int min) {
    value = static_cast<int>(file.number("retention." + key, value, min, kMaxRetentionDays));
  };
  days("keep_days", to.keepDays, 0);
  days("file_days", to.fileDays, 0);
  days("request_days", to.requestDays, 0);
  days("handler_days", to.handlerDays, 0);
  days("runner_days", to.runnerDays, 0);
  days("change_days", to.changeDays, 0);
  days("firing_days", to.firingDays, kMinFiringDays);
  return to;
}

health::HealthLimits healthLimits(SettingsFile& file) {
  constexpr int kMax = 1'000'000'000;
  constexpr int kPercent = 100;
  health::HealthLimits to;
  const auto limit = [&](const std::string& key, int& value, int min, std::int64_t max) {
    value = static_cast<int>(file.number("health." + key, value, min, max));
  };
  limit("stuck_seconds", to.stuckSeconds, 1, kMaxSeconds);
  limit("unwritten_seconds", to.unwrittenSeconds, 1, kMaxSeconds);
  limit("failing_runs", to.failingRuns, 1, kMax);
  limit("failing_percent", to.failingPercent, 1, kPercent);
  limit("failing_above_usual_percent", to.failingAboveUsualPercent, 1, kPercent);
  limit("lost_runners", to.lostRunners, 1, kMax);
  limit("ids_percent", to.idsPercent, 1, kPercent);
  limit("free_megabytes", to.freeMegabytes, 0, kMax);
  limit("pause_seconds", to.pauseSeconds, 0, kMaxSeconds);
  return to;
}

std::string frameAncestors(SettingsFile& file) {
  constexpr const char* kKey = "web.frame_ancestors";
  std::string list;
  for (const std::string& word : file.words(kKey, {"none"})) {
    const bool isKeyword = word == "none" || word == "self";
    const bool isOrigin = (word.starts_with("https://") || word.starts_with("http://")) &&
                          word.find_first_of(";,'\"") == std::string::npos;
    if (!isKeyword && !isOrigin)
      file.refuse(kKey, "must be none, self, or origins such as https://cms.example");
    list += (list.empty() ? "" : " ") + (isKeyword ? "'" + word + "'" : word);
  }
  return list.empty() ? "'none'" : list;
}

std::map<std::string, std::vector<std::string>> sensitiveMembers(SettingsFile& file) {
  std::map<std::string, std::vector<std::string>> to;
  to[""] = file.words("web.sensitive_members", json::usualSensitiveMembers());
  to[kWebhookHandler] = {"To"};  // a sender that knows this address may be able to post to it
  for (const std::string& name : file.namesIn("sensitive_members")) {
    to[name] = file.words("sensitive_members." + name, {});
  }
  return to;
}

WebConfiguration web(SettingsFile& file) {
  WebConfiguration to;
  to.basePath = file.text("web.base_path", to.basePath);
  if (!to.basePath.starts_with('/') || !to.basePath.ends_with('/')) {
    file.refuse("web.base_path", "must begin and end with '/'");
  }
  to.templatesDirectory = absolutePath(file, "web.templates_directory");
  to.threads = static_cast<int>(file.number("web.threads", to.threads, 1, 256));
  to.bodyBytes = file.number("web.body_bytes", to.bodyBytes, 1024, 64 << 20);
  to.apiTokenSha256 = hashes(file, "web.api_token_sha256");
  to.apiTokensFile = file.text("web.api_tokens_file", "");
  if (!to.apiTokensFile.empty()) to.apiTokensFile = absolutePath(file, "web.api_tokens_file");
  to.cmsEvents = file.words("web.cms_events", {});
  to.eventSecretSha256 = hashes(file, "web.event_secret_sha256");
  to.nginxSecretSha256 = hashes(file, "web.nginx_secret_sha256");
  to.standaloneLimit = seconds(file, "web.standalone_seconds", to.standaloneLimit);
  to.frameAncestors = frameAncestors(file);
  to.sensitiveMembers = sensitiveMembers(file);
  return to;
}

std::optional<ProcessOwner> owner(SettingsFile& file, const std::string& key) {
  const std::string name = file.text(key, "");
  if (name.empty()) return std::nullopt;
  auto found = findProcessOwner(name);
  if (!found) file.refuse(key, "names no user of this machine: " + name);
  return found;
}

RunnerConfiguration runner(SettingsFile& file) {
  RunnerConfiguration to;
  to.program = absolutePath(file, "runner.program");
  to.runDirectory = absolutePath(file, "runner.run_directory");
  to.wakeDirectory = absolutePath(file, "runner.wake_directory");
  if (to.wakeDirectory.empty()) to.wakeDirectory = to.runDirectory;
  to.pluginsDirectory = absolutePath(file, "runner.plugins_directory");
  to.slots = static_cast<int>(file.number("runner.slots", to.slots, 1, kMaxSlots));
  to.queues = file.words("runner.queues", to.queues);
  if (to.queues.empty()) file.refuse("runner.queues", "must name one queue at least");
  for (const std::string& queue : to.queues) {
    if (!isQueueName(queue)) file.refuse("runner.queues", std::string(kQueueNameRule) + ", each of them");
  }
  to.drainLimit = seconds(file, "runner.drain_seconds", to.drainLimit, 0);
  to.killGrace = seconds(file, "runner.kill_grace_seconds", to.killGrace, 0);
  to.heartbeat = milliseconds(file, "runner.heartbeat_milliseconds", to.heartbeat);
  to.lease = seconds(file, "runner.lease_seconds", to.lease, 3);
  to.peerCheck = seconds(file, "runner.peer_check_seconds", to.peerCheck);
  to.flush = milliseconds(file, "runner.flush_milliseconds", to.flush);
  to.pollBusy = milliseconds(file, "runner.poll_busy_milliseconds", to.pollBusy);
  to.pollIdle = milliseconds(file, "runner.poll_idle_milliseconds", to.pollIdle);
  to.timeLimit = seconds(file, "runner.time_limit_seconds", to.timeLimit);
  to.poolsWait = seconds(file, "runner.pools_wait_seconds", to.poolsWait, 0);
  to.workerOwner = owner(file, "runner.worker_user");
  to.handlerOwner = owner(file, "runner.handler_user");
  to.logRuns = file.number("runner.log_runs", 1, 0, 1) == 1;
  to.outputHeadBytes = file.number("runner.output_head_bytes", to.outputHeadBytes, 1024, 4 << 20);
  to.outputTailBytes = file.number("runner.output_tail_bytes", to.outputTailBytes, 1024, 4 << 20);
  if (to.lease < 3 * to.heartbeat) {
    file.refuse("runner.lease_seconds", "must be at least three heartbeats");
  }
  return to;
}

std::string contentOf(SettingsFile& file, const std::string& key, const std::string& path) {
  std::ifstream in(path);
  if (!in) file.refuse(key, "cannot be read: " + path);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

constexpr std::array<std::string_view, 20> kHandlerSettings{"command",
                                                            "data_schema_file",
                                                            "retry_after_seconds",
                                                            "environment",
                                                            "memory_bytes",
                                                            "cpu_seconds",
                                                            "file_bytes",
                                                            "processes",
                                                            "user",
                                                            "time_limit_seconds",
                                                            "max_retries",
                                                            "retry_delay_seconds",
                                                            "retry_delay_limit_seconds",
                                                            "retry_delays",
                                                            "unique_seconds",
                                                            "on_crash",
                                                            "queue",
                                                            "priority",
                                                            "max_running",
                                                            "max_running_per_key"};

std::vector<int> retryDelays(SettingsFile& file, const std::string& key) {
  std::vector<int> delays;
  bool fits = true;
  for (const std::string& word : file.words(key, {})) {
    const auto seconds = wholeNumber(word, 0, kMaxHandlerSeconds);
    fits = fits && seconds;
    if (fits) delays.push_back(static_cast<int>(*seconds));
  }
  if (!fits || delays.size() > kMaxRetryDelays) {
    file.refuse(key, "must be at most " + std::to_string(kMaxRetryDelays) + " whole numbers from 0 to " +
                         std::to_string(kMaxHandlerSeconds));
  }
  return delays;
}

HandlerSettings handlerSettings(SettingsFile& file, const std::string& section) {
  constexpr QueueLimits kLimits;
  const auto number = [&](const char* name, std::int64_t min, std::int64_t max) -> std::optional<int> {
    const std::string key = section + "." + name;
    if (file.text(key, "").empty()) return std::nullopt;
    return static_cast<int>(file.number(key, 0, min, max));
  };
  HandlerSettings to;
  to.timeLimitSeconds = number("time_limit_seconds", 0, kMaxHandlerSeconds).value_or(0);
  to.maxRetries = number("max_retries", 1, kLimits.maxRetries).value_or(0);
  to.retryDelaySeconds = number("retry_delay_seconds", 0, kMaxHandlerSeconds);
  to.retryDelayLimitSeconds = number("retry_delay_limit_seconds", 0, kMaxHandlerSeconds);
  to.retryDelays = retryDelays(file, section + ".retry_delays");
  to.uniqueSeconds = number("unique_seconds", 0, kLimits.uniqueSeconds).value_or(0);
  to.priority = number("priority", 0, kLimits.priorityLast);
  to.maxRunning = number("max_running", 0, kMaxRunningAtOnce).value_or(0);
  to.maxRunningPerKey = number("max_running_per_key", 0, kMaxRunningAtOnce).value_or(0);
  to.queue = file.text(section + ".queue", "");
  if (!to.queue.empty() && !isQueueName(to.queue))
    file.refuse(section + ".queue", std::string(kQueueNameRule));
  const auto onCrash = parseOnCrash(file.text(section + ".on_crash", std::string(toString(OnCrash::Retry))));
  if (!onCrash) file.refuse(section + ".on_crash", "must be retry or fail");
  to.onCrash = onCrash.value_or(OnCrash::Retry);
  return to;
}

std::vector<std::string> environment(SettingsFile& file, const std::string& key) {
  auto list = file.words(key, {});
  for (const std::string& entry : list) {
    const auto equals = entry.find('=');
    const bool isOurs = entry.starts_with("TASKQUEUE_") || entry.starts_with("LD_");
    if (equals == std::string::npos || equals == 0 || isOurs) {
      file.refuse(key, "must be words NAME=value; names beginning with TASKQUEUE_ or LD_ cannot be set");
    }
  }
  return list;
}

ProcessLimits processLimits(SettingsFile& file, const std::string& section) {
  ProcessLimits to;
  to.memoryBytes = file.number(section + ".memory_bytes", 0, 0, INT64_MAX);
  to.cpuSeconds = file.number(section + ".cpu_seconds", 0, 0, kMaxSeconds);
  to.fileBytes = file.number(section + ".file_bytes", 0, 0, INT64_MAX);
  to.processes = file.number(section + ".processes", 0, 0, 1000000);
  return to;
}

std::vector<std::string> programOf(SettingsFile& file, const std::string& key) {
  auto command = file.words(key, {});
  if (command.empty() || !command.front().starts_with('/')) {
    file.refuse(key, "must be the absolute path of a program, then its arguments");
  }
  return command;
}

std::vector<WorkerPoolConfig> workerPools(SettingsFile& file) {
  constexpr std::array<std::string_view, 1> kHostSettings{"command"};
  constexpr std::size_t kLongestName = 20;
  std::vector<WorkerPoolConfig> list;
  for (const std::string& name : file.sectionsOf("worker")) {
    const std::string section = "worker." + name;
    if (name == "cpp" || name == "command" || name == "plugin" || name.size() > kLongestName) {
      file.refuse(
          section,
          "must have another name, of at most 20 bytes; cpp, command and plugin have their own meaning");
    }
    refuseOthers(file, section, kHostSettings);
    list.push_back({name, name, programOf(file, section + ".command")});
  }
  return list;
}

std::vector<CommandHandler> commands(SettingsFile& file) {
  std::vector<CommandHandler> list;
  for (const std::string& name : file.sectionsOf("handler")) {
    const std::string section = "handler." + name;
    if (!isHandlerClass(name)) file.refuse(section, "the name " + std::string(kHandlerClassRule));
    CommandHandler handler;
    handler.taskHandlerClass = name;
    refuseOthers(file, section, kHandlerSettings);
    handler.command = programOf(file, section + ".command");
    handler.retryAfter = seconds(file, section + ".retry_after_seconds", handler.retryAfter, 0);
    handler.environment = environment(file, section + ".environment");
    handler.limits = processLimits(file, section);
    handler.owner = owner(file, section + ".user");
    handler.settings = handlerSettings(file, section);
    if (const std::string path = absolutePath(file, section + ".data_schema_file"); !path.empty()) {
      handler.dataSchema = contentOf(file, section + ".data_schema_file", path);
      if (const auto problem = json::findSchemaProblem(handler.dataSchema)) {
        file.refuse(section + ".data_schema_file", "is not a JSON Schema: " + *problem);
      }
    }
    list.push_back(std::move(handler));
  }
  return list;
}

SiteConfiguration site(SettingsFile& file) {
  SiteConfiguration to;
  to.user = file.text("site.user", "");
  to.directory = absolutePath(file, "site.directory");
  return to;
}

WebhookConfiguration webhook(SettingsFile& file) {
  WebhookConfiguration to;
  to.secretFile = absolutePath(file, "webhook.secret_file");
  to.privateTargets = file.number("webhook.private_targets", 0, 0, 1) == 1;
  to.caFile = absolutePath(file, "webhook.ca_file");
  to.connectLimit = seconds(file, "webhook.connect_seconds", to.connectLimit);
  to.sendLimit = seconds(file, "webhook.send_seconds", to.sendLimit);
  to.answerBytes = file.number("webhook.answer_bytes", to.answerBytes, 0, 64 << 10);
  return to;
}

CmsUsersConfiguration cmsUsers(SettingsFile& file) {
  CmsUsersConfiguration to;
  to.table = identifier(file, "cms_users.table", to.table, false);
  to.idColumn = identifier(file, "cms_users.id_column", to.idColumn, false);
  to.emailColumn = identifier(file, "cms_users.email_column", to.emailColumn, false);
  to.rootEmail = file.text("cms_users.root_email", "");
  if (!to.rootEmail.empty() && !isMailAddress(to.rootEmail))
    file.refuse("cms_users.root_email", kMailAddressRule);
  return to;
}

NotifyConfiguration notify(SettingsFile& file) {
  NotifyConfiguration to;
  to.language = file.text("notify.language", to.language);
  if (!isLanguageCode(to.language)) file.refuse("notify.language", "must be a language's code, such as en");
  to.pagesUrl = file.text("notify.pages_url", "");
  if (!to.pagesUrl.empty() &&
      (!isUrl(to.pagesUrl) || findNotifyToProblem(to.pagesUrl) || !to.pagesUrl.ends_with('/')))
    file.refuse("notify.pages_url", "must be the URL of the pages, such as https://cms.example/taskqueue/");
  to.operators = file.words("notify.operators", {});
  for (const std::string& address : to.operators) {
    if (const auto problem = findNotifyToProblem(address))
      file.refuse("notify.operators", address + " " + *problem);
  }
  to.failuresOf = file.words("notify.failures_of", to.failuresOf);
  return to;
}

bool isLoopback(std::string_view url) {
  url.remove_prefix(url.find("//") + 2);
  constexpr std::array<std::string_view, 3> kHosts{"localhost", "127.0.0.1", "[::1]"};
  return std::any_of(kHosts.begin(), kHosts.end(), [&](std::string_view host) {
    const bool begins = url.starts_with(host);
    return begins && (url.size() == host.size() || url[host.size()] == ':' || url[host.size()] == '/');
  });
}

SmtpConfiguration smtp(SettingsFile& file) {
  SmtpConfiguration to;
  to.url = file.text("smtp.url", "");
  const bool fits = (to.url.starts_with("smtp://") || to.url.starts_with("smtps://")) &&
                    !to.url.ends_with('/') && to.url.find_first_of("@ \t") == std::string::npos;
  if (!to.url.empty() && !fits) {
    file.refuse("smtp.url", "must be smtp://host:25 or smtps://host:465; the user stands in smtp.user");
  }
  to.user = file.text("smtp.user", "");
  to.passwordFile = absolutePath(file, "smtp.password_file");
  to.requireTls = file.number("smtp.require_tls", 1, 0, 1) == 1;
  if (!to.user.empty() && to.passwordFile.empty())
    file.refuse("smtp.password_file", "must be set with smtp.user");
  if (!to.user.empty() && !to.requireTls && !isLoopback(to.url)) {
    file.refuse("smtp.require_tls", "must be 1 with smtp.user: the password would be readable on the way");
  }
  to.caFile = absolutePath(file, "smtp.ca_file");
  to.from = file.text("smtp.from", "");
  if (!to.from.empty() && !isMailSender(to.from)) file.refuse("smtp.from", kMailSenderRule);
  to.connectLimit = seconds(file, "smtp.connect_seconds", to.connectLimit);
  to.sendLimit = seconds(file, "smtp.send_seconds", to.sendLimit);
  to.keepLimit = seconds(file, "smtp.keep_seconds", to.keepLimit);
  to.maxRecipients = static_cast<int>(file.number("smtp.max_recipients", to.maxRecipients, 1, 1000));
  to.ratePerMinute = static_cast<int>(file.number("smtp.rate_per_minute", to.ratePerMinute, 0, 60000));
  return to;
}

EmailQueueConfiguration emailQueue(SettingsFile& file) {
  EmailQueueConfiguration to;
  to.table = identifier(file, "email_queue.table", to.table, false);
  to.keyColumn = identifier(file, "email_queue.key_column", to.keyColumn, false);
  to.toColumn = identifier(file, "email_queue.to_column", to.toColumn, false);
  to.subjectColumn = identifier(file, "email_queue.subject_column", to.subjectColumn, false);
  to.headersColumn = identifier(file, "email_queue.headers_column", to.headersColumn, false);
  to.bodyColumn = identifier(file, "email_queue.body_column", to.bodyColumn, false);
  to.batchRows = static_cast<int>(file.number("email_queue.batch_rows", to.batchRows, 1, 1000));
  return to;
}

}  // namespace

health::Settings healthSettings(const Configuration& configuration) {
  health::Settings to{
      .limits = configuration.health, .queue = configuration.limits, .lease = configuration.runner.lease};
  to.secretsOfHandlers = secretsThatHandlersCanRead(configuration);
  to.site = findSiteAccess(configuration);
  to.directories = {configuration.runner.runDirectory, configuration.web.templatesDirectory};
  // One statement writes both streams of a run with its results.
  to.packetBytes += 2 * (configuration.runner.outputHeadBytes + configuration.runner.outputTailBytes) -
                    2 * (RunnerConfiguration().outputHeadBytes + RunnerConfiguration().outputTailBytes);
  return to;
}

Configuration loadConfiguration(const std::string& path) {
  SettingsFile file(path);
  Configuration to;
  to.path = path;
  to.database = database(file);
  to.retry = retry(file);
  to.maxRunnerDeaths = static_cast<int>(file.number("retry.max_runner_deaths", to.maxRunnerDeaths, 1, 1000));
  to.limits = limits(file);
  to.limits.retention = retention(file);
  to.health = healthLimits(file);
  to.web = web(file);
  to.runner = runner(file);
  if (to.runner.lease < 3 * (to.database.connectLimit + to.database.statementLimit)) {
    file.refuse("runner.lease_seconds",
                "must be at least three times database.connect_seconds + statement_seconds");
  }
  to.commands = commands(file);
  to.workerPools = workerPools(file);
  to.site = site(file);
  to.webhook = webhook(file);
  to.cmsUsers = cmsUsers(file);
  to.notify = notify(file);
  to.smtp = smtp(file);
  to.emailQueue = emailQueue(file);
  to.imports = readImports(file);
  to.permissionCache = readPermissionCache(file);
  file.refuseUnknown();
  to.settings = file.describe();
  return to;
}

}  // namespace taskqueue::platform
