#include "module/platform/configuration_sections.h"

#include <algorithm>
#include <array>

#include "module/platform/setting_kinds.h"
#include "module/queue/mail_address.h"
#include "module/queue/notification.h"

namespace taskqueue::platform {
namespace {

bool isLoopback(std::string_view url) {
  url.remove_prefix(url.find("//") + 2);
  constexpr std::array<std::string_view, 3> kHosts{"localhost", "127.0.0.1", "[::1]"};
  return std::any_of(kHosts.begin(), kHosts.end(), [&](std::string_view host) {
    const bool begins = url.starts_with(host);
    return begins && (url.size() == host.size() || url[host.size()] == ':' || url[host.size()] == '/');
  });
}

}  // namespace

WebhookConfiguration readWebhook(SettingsFile& file) {
  WebhookConfiguration to;
  to.secretFile = absolutePath(file, "webhook.secret_file");
  to.privateTargets = file.number("webhook.private_targets", 0, 0, 1) == 1;
  to.caFile = absolutePath(file, "webhook.ca_file");
  to.connectLimit = secondsOf(file, "webhook.connect_seconds", to.connectLimit);
  to.sendLimit = secondsOf(file, "webhook.send_seconds", to.sendLimit);
  to.answerBytes = file.number("webhook.answer_bytes", to.answerBytes, 0, 64 << 10);
  return to;
}

CmsUsersConfiguration readCmsUsers(SettingsFile& file) {
  CmsUsersConfiguration to;
  to.table = identifier(file, "cms_users.table", to.table, false);
  to.idColumn = identifier(file, "cms_users.id_column", to.idColumn, false);
  to.emailColumn = identifier(file, "cms_users.email_column", to.emailColumn, false);
  to.rootEmail = file.text("cms_users.root_email", "");
  if (!to.rootEmail.empty() && !isMailAddress(to.rootEmail))
    file.refuse("cms_users.root_email", kMailAddressRule);
  return to;
}

NotifyConfiguration readNotify(SettingsFile& file) {
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

SmtpConfiguration readSmtp(SettingsFile& file) {
  SmtpConfiguration to;
  to.url = file.text("smtp.url", "");
  const bool fits = (to.url.starts_with("smtp://") || to.url.starts_with("smtps://")) &&
                    !to.url.ends_with('/') && to.url.find_first_of("@ \t") == std::string::npos;
  if (!to.url.empty() && !fits) {
    file.refuse("smtp.url", "must be smtp://host:25 or smtps://host:465; set the user in smtp.user");
  }
  to.user = file.text("smtp.user", "");
  to.passwordFile = absolutePath(file, "smtp.password_file");
  to.requireTls = file.number("smtp.require_tls", 1, 0, 1) == 1;
  if (!to.user.empty() && to.passwordFile.empty())
    file.refuse("smtp.password_file", "must be set with smtp.user");
  if (!to.user.empty() && !to.requireTls && !isLoopback(to.url)) {
    file.refuse("smtp.require_tls", "must be 1 with smtp.user: otherwise the password is sent unencrypted");
  }
  to.caFile = absolutePath(file, "smtp.ca_file");
  to.from = file.text("smtp.from", "");
  if (!to.from.empty() && !isMailSender(to.from)) file.refuse("smtp.from", kMailSenderRule);
  to.connectLimit = secondsOf(file, "smtp.connect_seconds", to.connectLimit);
  to.sendLimit = secondsOf(file, "smtp.send_seconds", to.sendLimit);
  to.keepLimit = secondsOf(file, "smtp.keep_seconds", to.keepLimit);
  to.maxRecipients = static_cast<int>(file.number("smtp.max_recipients", to.maxRecipients, 1, 1000));
  to.ratePerMinute = static_cast<int>(file.number("smtp.rate_per_minute", to.ratePerMinute, 0, 60000));
  return to;
}

EmailQueueConfiguration readEmailQueue(SettingsFile& file) {
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

}  // namespace taskqueue::platform
