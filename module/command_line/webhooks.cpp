#include "module/command_line/webhooks.h"

#include <sysexits.h>

#include <iostream>

#include "module/platform/terminal_text.h"
#include "module/platform/webhook_signature.h"
#include "module/queue/notification.h"

namespace taskqueue::command_line {

WebhookCommands::WebhookCommands(CLI::App& app)
    : secret_(
          app.add_subcommand("webhook-secret", "print the secret that a receiver needs to check webhooks")) {
  secret_->add_option("url", url_, "URL of the receiver, exactly as in NotifyTo")->required();
}

int WebhookCommands::run(const platform::WebhookConfiguration& configuration) const {
  const auto problem = isUrl(url_) ? findNotifyToProblem(url_) : "must begin with http:// or https://";
  if (problem) {
    std::cerr << "the URL " << *problem << ": " << platform::terminalText(url_) << "\n";
    return EX_DATAERR;
  }
  if (configuration.secretFile.empty()) {
    std::cerr << "there are no webhooks: set webhook.secret_file in the configuration\n";
    return EX_CONFIG;
  }
  const auto mainSecret = platform::mainWebhookSecret(configuration.secretFile);
  if (!mainSecret) {
    std::cerr << "no secret can be read from the first line of " << configuration.secretFile
              << ", which this user may not read, or which is empty\n";
    return EX_NOPERM;
  }
  std::cout << platform::webhookSecret(*mainSecret, url_) << "\n";
  return EX_OK;
}

}  // namespace taskqueue::command_line
