// Readers of groups of sections, each in a file of its own. loadConfiguration() calls all of them.
//
// They refuse wrong values by SettingsFile::refuse.
#pragma once

#include <vector>

#include "module/platform/configuration.h"
#include "module/platform/settings_file.h"

namespace taskqueue::platform {

// configuration_web.cpp
WebConfiguration readWeb(SettingsFile& file);

// configuration_runner.cpp
RunnerConfiguration readRunner(SettingsFile& file);

// configuration_handlers.cpp
std::vector<WorkerPoolConfig> readWorkerPools(SettingsFile& file);
std::vector<CommandHandler> readCommands(SettingsFile& file);

// configuration_messages.cpp
WebhookConfiguration readWebhook(SettingsFile& file);
CmsUsersConfiguration readCmsUsers(SettingsFile& file);
NotifyConfiguration readNotify(SettingsFile& file);
SmtpConfiguration readSmtp(SettingsFile& file);
EmailQueueConfiguration readEmailQueue(SettingsFile& file);

}  // namespace taskqueue::platform
