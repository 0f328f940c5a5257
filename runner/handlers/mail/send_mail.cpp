#include "runner/handlers/mail/send_mail.h"

#include <chrono>
#include <iostream>
#include <optional>
#include <thread>
#include <utility>

#include "module/json/writer.h"
#include "module/platform/secret.h"
#include "runner/handlers/mail/send_rate.h"
#include "runner/handlers/mail/sent_mails.h"
#include "runner/handlers/task_data.h"
#include "runner/mail/compose.h"
#include "runner/mail/encoding.h"
#include "runner/mail/smtp_client.h"

namespace taskqueue::handlers {
namespace {

using mail::Mailbox;
using mail::SendAnswer;

constexpr const char* kSchema = R"({
  "type": "object",
  "required": ["To"],
  "properties": {
    "To": {"type": "string", "minLength": 3, "maxLength": 1000, "description": "one, such as Ada <ada@example.org>"},
    "From": {"type": "string", "minLength": 3, "maxLength": 1000, "description": "empty: the site's own"},
    "Subject": {"type": "string", "maxLength": 2000},
    "Text": {"type": "string"},
    "Html": {"type": "string"},
    "Headers": {"type": "array", "description": "of a mail that is made already: [\"Name: value\"]", "maxItems": 500, "items": {"type": "string", "maxLength": 65535}},
    "Body": {"type": "string"}
  },
  "anyOf": [{"required": ["Text"]}, {"required": ["Html"]}, {"required": ["Body"]}],
  "additionalProperties": false
})";

constexpr int kMaxRetries = 12;
constexpr int kFirstDelaySeconds = 60;
constexpr int kDelayLimitSeconds = 6 * 3600;
constexpr int kMailsASenderManages = 60;  // in a minute: how many may send at once follows from it
constexpr std::size_t kIdDigits = 16;

std::string textIn(const json::Value& data, const char* name) {
  return std::string(json::textMember(data, name).value_or(""));
}

std::vector<mail::HeaderField> headersIn(const json::Value& data) {
  std::vector<mail::HeaderField> headers;
  const auto member = data.FindMember("Headers");
  if (member == data.MemberEnd() || !member->value.IsArray()) return headers;
  for (const json::Value& line : member->value.GetArray()) {
    if (!line.IsString()) continue;
    // One header each: a line end in a value that somebody else has chosen makes no further one.
    for (auto& field : mail::parseHeaders(mail::withoutControls(std::string(json::textOf(line)))))
      headers.push_back(std::move(field));
  }
  return headers;
}

Mailbox mailboxOf(const std::string& text, const char* member) {
  if (auto mailbox = Mailbox::parse(text)) return *mailbox;
  throw GiveUp("address", std::string(member) + " " + mail::kAddressRule + ": " + text);
}

// The task's own sender, else the one of the finished headers, else the site's.
Mailbox senderOf(const json::Value& data, const std::vector<mail::HeaderField>& headers,
                 const std::string& siteSender) {
  if (const std::string from = textIn(data, "From"); !from.empty()) return mailboxOf(from, "From");
  for (const char* name : {"Return-Path", "From"}) {
    for (const auto& field : headers) {
      if (!mail::isSameHeader(field.name, name)) continue;
      if (auto mailbox = Mailbox::parse(field.value)) return *mailbox;
    }
  }
  if (auto mailbox = Mailbox::parse(siteSender)) return *mailbox;
  throw TaskError("smtp_settings",
                  std::string("the mail names no sender, and smtp.from ") + mail::kAddressRule);
}

class SendMail : public ITaskHandler {
 public:
  SendMail(platform::SmtpConfiguration smtp, store::ConnectionSettings settings, store::TableNames names)
      : smtp_(std::move(smtp)), connection_(std::move(settings), std::move(names)), sent_(connection_) {
    if (smtp_.ratePerMinute > 0) rate_.emplace(connection_, smtp_.ratePerMinute);
  }

  void handleTaskRun(TaskRun& run) override {
    if (wasSentBefore(run)) return;
    const mail::MailStamp stamp = stampOf(run);
    const mail::MailMessage message = messageOf(dataOf(run), stamp);
    waitForTurn(run);
    const SendAnswer answer = client().send(message);
    const std::string results = resultsOf(message, stamp, answer);
    run.setResults(results);
    const std::string words =
        answer.code == 0 ? answer.text : std::to_string(answer.code) + " " + answer.text;
    std::cout << message.recipients.front() << ": " << words << std::endl;
    if (answer.outcome == SendAnswer::Outcome::Sent) return note(run, results);
    const std::string code = answer.code == 0 ? "smtp_unanswered" : "smtp_" + std::to_string(answer.code);
    if (answer.outcome == SendAnswer::Outcome::Permanent) throw GiveUp(code, words);
    constexpr int kPermanent = 500;
    if (answer.code >= kPermanent)
      client_.reset();  // not about the mail: the password may be another one by now
    throw TaskError(code, words);
  }

 private:
  // An earlier run may have sent it and died before its end was written.
  bool wasSentBefore(TaskRun& run) {
    std::optional<std::string> results;
    try {
      results = sent_.findUntold(run);
    } catch (const StoreError& error) {
      throw TaskError("database", error.what());
    }
    if (!results) return false;
    std::cout << "an earlier run has sent this mail" << std::endl;
    run.setResults(std::move(*results));
    return true;
  }

  // Whatever happens here, the mail is sent.
  void note(TaskRun& run, const std::string& results) {
    constexpr int kTries = 2;  // the server may have closed an idle connection
    for (int number = 1; number <= kTries; ++number) {
      try {
        return sent_.note(run, results);
      } catch (const StoreError& error) {
        if (number == kTries) std::cerr << "that it was sent is not noted: " << error.what() << std::endl;
      }
    }
  }

  // The same for every attempt, so that whoever gets the mail twice can see it.
  static mail::MailStamp stampOf(const TaskRun& run) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return {
        std::chrono::duration_cast<std::chrono::seconds>(now).count(),
        std::to_string(run.taskQueueId()) + "." + platform::sha256Hex(run.taskData()).substr(0, kIdDigits)};
  }

  mail::MailMessage messageOf(const json::Document& data, const mail::MailStamp& stamp) const {
    const Mailbox to = mailboxOf(textIn(data, "To"), "To");
    auto headers = headersIn(data);
    Mailbox from = senderOf(data, headers, smtp_.from);
    if (data.HasMember("Body")) {
      return mail::completeMail(
          {std::move(from), to, textIn(data, "Subject"), std::move(headers), textIn(data, "Body")}, stamp);
    }
    return mail::composeMail(
        {std::move(from), to, textIn(data, "Subject"), textIn(data, "Text"), textIn(data, "Html")}, stamp);
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

  static std::string resultsOf(const mail::MailMessage& message, const mail::MailStamp& stamp,
                               const SendAnswer& answer) {
    json::Writer results;
    results.startObject().member("To", message.recipients.front()).member("From", message.from);
    results.member("MessageId", stamp.id).member("Code", answer.code).member("Answer", answer.text);
    return results.endObject().text();
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
  // Whoever waits for its turn holds a slot: no more of them than the rate needs.
  if (smtp.ratePerMinute > 0) settings.maxRunning = 1 + smtp.ratePerMinute / kMailsASenderManages;
  return settings;
}

HandlerEntry makeSendMail(const platform::SmtpConfiguration& smtp, store::ConnectionSettings settings,
                          store::TableNames names) {
  HandlerEntry entry;
  entry.taskHandlerClass = kSendMail;
  entry.dataSchema = kSchema;
  entry.settings = sendMailSettings(smtp);
  entry.handler = std::make_unique<SendMail>(smtp, std::move(settings), std::move(names));
  return entry;
}

}  // namespace taskqueue::handlers
