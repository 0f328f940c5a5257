#include "runner/handlers/shipped.h"

#include "module/store/from_configuration.h"
#include "runner/handlers/bulk_control.h"
#include "runner/handlers/echo.h"
#include "runner/handlers/import/table_import.h"
#include "runner/handlers/mail/email_queue.h"
#include "runner/handlers/mail/send_mail.h"
#include "runner/handlers/noop.h"
#include "runner/handlers/notify/notify_by_mail.h"
#include "runner/handlers/notify/webhook.h"
#include "runner/handlers/permission_cache/category_permission_cache.h"

namespace taskqueue::handlers {

std::vector<HandlerEntry> shippedHandlers(const platform::Configuration& configuration) {
  std::vector<HandlerEntry> handlers;
  handlers.push_back(makeNoop());
  handlers.push_back(makeEcho());
  const auto settings = store::connectionSettings(configuration.database);
  const auto names = store::tableNames(configuration.database);
  handlers.push_back(makeBulkRetry(settings, names, configuration.runner.wakeDirectory));
  handlers.push_back(makeBulkCancel(settings, names, configuration.runner.wakeDirectory));
  if (!configuration.webhook.secretFile.empty()) handlers.push_back(makeWebhook(configuration.webhook));
  handlers.push_back(makeCategoryPermissionCache(configuration.permissionCache, settings, names));
  for (const platform::ImportConfiguration& import : configuration.imports) {
    handlers.push_back(makeTableImport(import, settings, names));
  }
  if (!configuration.smtp.url.empty()) {
    handlers.push_back(makeSendMail(configuration.smtp, settings, names));
    handlers.push_back(makeEmailQueue(configuration, settings, names));
    handlers.push_back(makeNotifyByMail(configuration, settings, names));
  }
  return handlers;
}

}  // namespace taskqueue::handlers
