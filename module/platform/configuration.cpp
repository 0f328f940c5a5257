#include "module/platform/configuration.h"

#include "module/platform/configuration_sections.h"
#include "module/platform/secret_access.h"
#include "module/platform/setting_kinds.h"
#include "module/platform/site_access.h"

namespace taskqueue::platform {
namespace {

DatabaseConfiguration database(SettingsFile& file) {
  DatabaseConfiguration to;
  to.optionFile = absolutePath(file, "database.option_file");
  to.name = file.text("database.name", "");
  if (to.name.empty()) file.refuse("database.name", "is missing");
  to.tablePrefix = identifier(file, "database.table_prefix", to.tablePrefix, true);
  to.settingsTable = identifier(file, "database.settings_table", "", true, kTableNameBytes);
  to.connectLimit = secondsOf(file, "database.connect_seconds", to.connectLimit);
  to.statementLimit = secondsOf(file, "database.statement_seconds", to.statementLimit);
  to.lockWait = secondsOf(file, "database.lock_wait_seconds", to.lockWait);
  return to;
}

RetryPolicy retry(SettingsFile& file) {
  RetryPolicy to;
  to.delay = secondsOf(file, "retry.delay_seconds", to.delay, 0);
  to.delayLimit = secondsOf(file, "retry.delay_limit_seconds", to.delayLimit, 0);
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

SiteConfiguration site(SettingsFile& file) {
  SiteConfiguration to;
  to.user = file.text("site.user", "");
  to.directory = absolutePath(file, "site.directory");
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
  to.web = readWeb(file);
  to.runner = readRunner(file);
  if (to.runner.lease < 3 * (to.database.connectLimit + to.database.statementLimit)) {
    file.refuse("runner.lease_seconds",
                "must be at least three times database.connect_seconds + statement_seconds");
  }
  to.commands = readCommands(file);
  to.workerPools = readWorkerPools(file);
  to.site = site(file);
  to.webhook = readWebhook(file);
  to.cmsUsers = readCmsUsers(file);
  to.notify = readNotify(file);
  to.smtp = readSmtp(file);
  to.emailQueue = readEmailQueue(file);
  to.imports = readImports(file);
  to.permissionCache = readPermissionCache(file);
  file.refuseUnknown();
  to.settings = file.describe();
  return to;
}

}  // namespace taskqueue::platform
