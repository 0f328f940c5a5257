#include "runner/handlers/mail/send_mail.h"

#include <chrono>
#include <iostream>
#include <optional>
#include <thread>
#include <utility>

#include "module/json/read.h"
#include "module/platform/secret.h"
#include "runner/handlers/mail/delivery.h"
#include "runner/handlers/mail/loaded_mime.h"
#include "runner/handlers/mail/send_rate.h"
#include "runner/handlers/mail/sent_mails.h"
#include "runner/handlers/task_data.h"
#include "runner/mail/smtp_client.h"

namespace taskqueue::handlers {
namespace {

using mail::SendAnswer;

constexpr const char* kSendMailSchema = R"({
  "type": "object",
  "required": ["To"],
  "properties": {
    "To": {"type": "string", "minLength": 3, "maxLength": 65535, "description": "such as Ada <ada@example.org>; several are divided by commas"},
    "From": {"type": "string", "minLength": 3, "maxLength": 1000, "description": "one; empty: the site's own"},
    "Subject": {"type": "string", "maxLength": 2000},
    "Text": {"type": "string"},
    "Html": {"type": "string"},
    "Headers": {"type": "array", "description": "of a mail that is made already: [\"Name: value\"]; To, Cc and Bcc get it, too", "maxItems": 500, "items": {"type": "string", "maxLength": 65535}},
    "Body": {"type": "string"}
  },
  "anyOf": [{"required": ["Text"]}, {"required": ["Html"]}, {"required": ["Body"]}],
  "additionalProperties": false
})";

constexpr int kMaxRetries = 12;
constexpr int kFirstDelaySeconds = 60;
constexpr int kDelayLimitSeconds = 6 * 3600;
// Mails that one sender sends per minute; it sets how many may run at once.
constexpr int kMailsASenderManages = 60;
constexpr std::size_t kIdDigits = 16;

std::vector<std::string> headersIn(const json::Value& data) {
  std::vector<std::string> headers;
  const auto member = data.FindMember("Headers");
  if (member == data.MemberEnd() || !member->value.IsArray()) return headers;
  for (const json::Value& line : member->value.GetArray()) headers.emplace_back(json::textOf(line));
  return headers;
}

class SendMail : public ITaskHandler {
 public:
  SendMail(platform::SmtpConfiguration smtp, store::ConnectionSettings settings, store::TableNames names)
      : smtp_(std::move(smtp)), connection_(std::move(settings), std::move(names)), sent_(connection_) {
    if (smtp_.ratePerMinute > 0) rate_.emplace(connection_, smtp_.ratePerMinute);
  }

  void handleTaskRun(TaskRun& run) override {
    const std::optional<std::string> earlier = noteOf(run);
    if (earlier && Delivery::isWhole(*earlier)) {
      std::cout << "an earlier run has sent this mail" << std::endl;
      return run.setResults(*earlier);
    }
    const mail::MailStamp stamp = stampOf(run);
    mail::MailMessage message = messageOf(dataOf(run), stamp);
    Delivery delivery(message.recipients, earlier);
    message.recipients = delivery.waiting();
    waitForTurn(run);
    const SendAnswer answer = client().send(message);
    delivery.addAnswer(answer);
    const std::string results = delivery.results(message.from, stamp.id);
    run.setResults(results);
    for (const std::string& line : delivery.lines()) std::cout << line << std::endl;
    const bool isWhole = delivery.isSentToAll();
    if (delivery.needsNote()) note(run, isWhole ? results : delivery.note());
    if (!isWhole) throwProblem(delivery, answer);
  }

 private:
  [[noreturn]] void throwProblem(const Delivery& delivery, const SendAnswer& answer) {
    if (delivery.waiting().empty()) throw GiveUp(delivery.problemCode(), delivery.problem());
    constexpr int kPermanent = 500;
    const bool isAboutSender = answer.outcome == SendAnswer::Outcome::Temporary && answer.code >= kPermanent;
    if (isAboutSender) client_.reset();  // the password may have changed
    throw TaskError(delivery.problemCode(), delivery.problem());
  }

  // Returns the note of an earlier run that did not succeed, or died before its end was written.
  std::optional<std::string> noteOf(const TaskRun& run) {
    try {
      return sent_.findUnreported(run);
    } catch (const StoreError& error) {
      throw TaskError("database", error.what());
    }
  }

  // The recipients in the note already have the mail, so a failure to store it does not fail the run.
  void note(TaskRun& run, const std::string& results) {
    constexpr int kTries = 2;  // the server may have closed an idle connection
    for (int number = 1; number <= kTries; ++number) {
      try {
        return sent_.note(run, results);
      } catch (const StoreError& error) {
        if (number == kTries)
          std::cerr << "that the mail was sent is not noted: " << error.what() << std::endl;
      }
    }
  }

  // All attempts use the same stamp, so that a recipient can detect a duplicate.
  static mail::MailStamp stampOf(const TaskRun& run) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return {
        std::chrono::duration_cast<std::chrono::seconds>(now).count(),
        std::to_string(run.taskQueueId()) + "." + platform::sha256Hex(run.taskData()).substr(0, kIdDigits)};
  }

  mail::MailMessage messageOf(const json::Document& data, const mail::MailStamp& stamp) const {
    const bool isMade = data.HasMember("Body");
    if (isMade && (data.HasMember("Text") || data.HasMember("Html")))
      throw GiveUp("body", "Body excludes Text and Html: it is the whole of a mail that is made already");
    if (!isMade && data.HasMember("Headers"))
      throw GiveUp("headers", "Headers need a Body: they are of a mail that is made already");
    const mail::Mime& mime = loadedMime();
    const mail::MailRules rules{smtp_.from, static_cast<std::size_t>(smtp_.maxRecipients)};
    const std::string from = json::textOrEmpty(data, "From");
    const std::string to = json::textOrEmpty(data, "To");
    const std::string subject = json::textOrEmpty(data, "Subject");
    auto made = isMade ? mime.complete({from, to, subject, headersIn(data), json::textOrEmpty(data, "Body")},
                                       rules, stamp)
                       : mime.compose({from, to, subject, json::textOrEmpty(data, "Text"),
                                       json::textOrEmpty(data, "Html")},
                                      rules, stamp);
    if (auto* message = std::get_if<mail::MailMessage>(&made)) return std::move(*message);
    const auto& refusal = std::get<mail::Refusal>(made);
    if (refusal.code == "smtp_settings") throw TaskError(refusal.code, refusal.text);
    throw GiveUp(refusal.code, refusal.text);
  }

  void waitForTurn(TaskRun& run) {
    if (!rate_) return;
    std::chrono::milliseconds wait{};
    try {
      wait = rate_->take();
    } catch (const StoreError& error) {
      throw TaskError("database", error.what());
    }
    constexpr std::chrono::milliseconds kLook{50};
    const auto until = std::chrono::steady_clock::now() + wait;
    if (wait > kLook)
      run.setProgress(0, "waits for its turn: " + std::to_string(smtp_.ratePerMinute) + " a minute");
    while (std::chrono::steady_clock::now() < until) {
      run.stopIfAsked("the mail was not sent");
      std::this_thread::sleep_until(std::min(until, std::chrono::steady_clock::now() + kLook));
    }
  }

  mail::SmtpClient& client() {
    try {
      if (!client_) client_.emplace(mail::smtpSettings(smtp_));
    } catch (const platform::ConfigurationError& error) {
      throw TaskError("smtp_settings", error.what());
    }
    return *client_;
  }

  platform::SmtpConfiguration smtp_;
  store::Connection connection_;
  SentMails sent_;
  std::optional<SendRate> rate_;
  std::optional<mail::SmtpClient> client_;
};

}  // namespace

HandlerSettings sendMailSettings(const platform::SmtpConfiguration& smtp) {
  HandlerSettings settings;
  settings.maxRetries = kMaxRetries;
  settings.retryDelaySeconds = kFirstDelaySeconds;
  settings.retryDelayLimitSeconds = kDelayLimitSeconds;
  // A run that waits for its turn occupies a worker, so the limit allows only as many as the rate needs.
  if (smtp.ratePerMinute > 0) settings.maxRunning = 1 + smtp.ratePerMinute / kMailsASenderManages;
  return settings;
}

HandlerEntry makeSendMail(const platform::SmtpConfiguration& smtp, store::ConnectionSettings settings,
                          store::TableNames names) {
  HandlerEntry entry;
  entry.taskHandlerClass = kSendMail;
  entry.dataSchema = kSendMailSchema;
  entry.settings = sendMailSettings(smtp);
  entry.handler = std::make_unique<SendMail>(smtp, std::move(settings), std::move(names));
  return entry;
}

}  // namespace taskqueue::handlers
