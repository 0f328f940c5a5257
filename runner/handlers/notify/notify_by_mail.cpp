#include "runner/handlers/notify/notify_by_mail.h"

#include <utility>

#include "module/json/writer.h"
#include "module/queue/message_origin.h"
#include "module/queue/notification.h"
#include "runner/handlers/mail/loaded_mime.h"
#include "runner/handlers/mail/send_mail.h"
#include "runner/handlers/notify/mail_texts.h"
#include "runner/handlers/notify/notification_settings.h"
#include "runner/handlers/task_data.h"

namespace taskqueue::handlers {
namespace {

constexpr int kRoot = -1;

constexpr const char* kNotifyByMailSchema = R"({
  "type": "object",
  "properties": {
    "To": {"type": ["string", "null"], "maxLength": 500},
    "QueuedById": {"type": "integer"},
    "Language": {"type": "string", "maxLength": 20},
    "SentBy": {"enum": ["queue", "hand"]},
    "Message": {"type": "object"}
  },
  "required": ["Message"],
  "additionalProperties": false
})";

// The current run as SendMail sees it, with a mail as its TaskData.
class RunWithMail : public TaskRun {
 public:
  RunWithMail(TaskRun& run, std::string mail) : run_(run), mail_(std::move(mail)) {}

  int id() const override { return run_.id(); }
  int taskQueueId() const override { return run_.taskQueueId(); }
  int attempt() const override { return run_.attempt(); }
  const std::string& runToken() const override { return run_.runToken(); }
  std::string_view taskData() const override { return mail_; }
  void setProgress(int percents, std::string_view note) override { run_.setProgress(percents, note); }
  void setResults(std::string json) override { run_.setResults(std::move(json)); }
  std::optional<StopReason> stopReason() override { return run_.stopReason(); }
  void finished() override { run_.finished(); }
  void mask(std::string_view value) override { run_.mask(value); }

 private:
  TaskRun& run_;
  std::string mail_;
};

class NotifyByMail : public ITaskHandler {
 public:
  NotifyByMail(const platform::Configuration& configuration, store::ConnectionSettings settings,
               store::TableNames names)
      : users_(configuration.cmsUsers),
        texts_(configuration),
        settings_(std::move(settings)),
        names_(std::move(names)),
        sendMail_(makeSendMail(configuration.smtp, settings_, names_).handler) {}

  void handleTaskRun(TaskRun& run) override {
    const auto data = dataOf(run);
    const auto message = data.FindMember("Message");
    json::Document empty;
    empty.SetObject();
    const json::Value& told = message == data.MemberEnd() ? empty : message->value;
    const std::string address = addressOf(data);
    checkIsOne(address);
    const bool isByHand = json::textMember(data, kSentBy) != kSentByQueue;
    const SubjectAndText words =
        write(told, std::string(json::textMember(data, "Language").value_or("")), isByHand);
    json::Writer mail;
    mail.startObject().member("To", address).member("Subject", words.subject).member("Text", words.text);
    RunWithMail withMail(run, mail.endObject().text());
    sendMail_->handleTaskRun(withMail);
  }

 private:
  std::string addressOf(const json::Value& data) {
    if (const auto to = json::textMember(data, "To")) return std::string(*to);
    const auto user = json::integerMember(data, "QueuedById").value_or(0);
    if (user == kRoot) {
      if (!users_.rootEmail.empty()) return users_.rootEmail;
      throw GiveUp("no_address", "The user -1, root, has no address: set cms_users.root_email.");
    }
    const std::string table = names_.prefix() + users_.table;
    std::string address = lookUp(table, user);
    if (address.empty())
      throw GiveUp("no_address",
                   "The user " + std::to_string(user) + " has no e-mail address in " + table + ".");
    return address;
  }

  // SendMail reports a list that cannot be parsed.
  static void checkIsOne(const std::string& address) {
    const auto list = loadedMime().readMailboxes(address);
    const auto* mailboxes = std::get_if<std::vector<mail::Mailbox>>(&list);
    if (mailboxes != nullptr && mailboxes->size() != 1)
      throw GiveUp("address", "A message goes to one address; it is: " + address);
  }

  // The identifiers come only from the configuration.
  std::string lookUp(const std::string& table, std::int64_t user) {
    try {
      store::Connection connection(settings_, names_);
      auto rows = connection.queryText(
          "SELECT `" + users_.emailColumn + "` FROM `" + table + "` WHERE `" + users_.idColumn + "` = ?",
          {user});
      return rows.empty() ? "" : rows.front().optionalText().value_or("");
    } catch (const StoreError& error) {
      throw TaskError("database",
                      std::string(error.what()) + " (the table of users is named in [cms_users])");
    }
  }

  SubjectAndText write(const json::Value& message, const std::string& language, bool isByHand) {
    try {
      return texts_.write(message, language, isByHand);
    } catch (const std::runtime_error& error) {
      throw TaskError("template", error.what());
    }
  }

  platform::CmsUsersConfiguration users_;
  MailTexts texts_;
  store::ConnectionSettings settings_;
  store::TableNames names_;
  std::unique_ptr<ITaskHandler> sendMail_;
};

}  // namespace

HandlerEntry makeNotifyByMail(const platform::Configuration& configuration,
                              store::ConnectionSettings settings, store::TableNames names) {
  HandlerEntry entry;
  entry.taskHandlerClass = kMailHandler;
  entry.dataSchema = kNotifyByMailSchema;
  entry.settings = notificationSettings(configuration.smtp.sendLimit);
  entry.settings.maxRunning = sendMailSettings(configuration.smtp).maxRunning;
  entry.handler = std::make_unique<NotifyByMail>(configuration, std::move(settings), std::move(names));
  return entry;
}

}  // namespace taskqueue::handlers
