#include "runner/handlers/notify/webhook.h"

#include <algorithm>
#include <ctime>

#include "module/json/writer.h"
#include "module/platform/webhook_signature.h"
#include "module/queue/message_origin.h"
#include "module/queue/notification.h"
#include "module/queue/utf8_text.h"
#include "runner/handlers/notify/http_post.h"
#include "runner/handlers/notify/notification_settings.h"
#include "runner/handlers/task_data.h"

namespace taskqueue::handlers {
namespace {

constexpr std::chrono::seconds kLongestRetryAfter{86400};  // longest wait that is respected
constexpr std::size_t kQuotedBytes = 200;                  // part of an answer that an error message quotes

constexpr const char* kWebhookSchema = R"({
  "type": "object",
  "properties": {
    "To": {"type": "string", "minLength": 1, "maxLength": 500},
    "QueuedById": {"type": "integer"},
    "Language": {"type": "string", "maxLength": 20},
    "SentBy": {"enum": ["queue", "hand"]},
    "Message": {"type": "object"}
  },
  "required": ["To", "Message"],
  "additionalProperties": false
})";

std::string readSecret(const std::string& path) {
  if (auto secret = platform::mainWebhookSecret(path)) return *secret;
  throw TaskError("secret_unreadable", "No secret can be read from the first line of " + path + ".");
}

// Tells whether a retry may succeed: the receiver is busy or broken, rather than rejecting the message.
bool isTemporary(int status) {
  return status >= 500 || status == 408 || status == 425 || status == 429;
}

class Webhook : public ITaskHandler {
 public:
  explicit Webhook(const platform::WebhookConfiguration& configuration) : configuration_(configuration) {}

  void handleTaskRun(TaskRun& run) override {
    const auto data = dataOf(run);
    const std::string to(json::textMember(data, "To").value_or(""));
    if (!isUrl(to)) throw GiveUp("bad_target", "The target must begin with http:// or https://.");
    if (const auto problem = findNotifyToProblem(to))
      throw GiveUp("bad_target", "The target " + *problem + ".");
    const auto message = data.FindMember("Message");
    const platform::WebhookParts parts{
        .id = run.taskQueueId(),
        .time = std::time(nullptr),
        .sentBy = std::string(json::textMember(data, kSentBy).value_or(kSentByHand)),
        .target = to.substr(0, to.find('#')),
        .body = message == data.MemberEnd() ? "{}" : json::write(message->value)};
    judge(run, httpPost(parts.target, signedHeaders(parts), parts.body, limits()));
  }

 private:
  HttpLimits limits() const {
    return {.connectLimit = configuration_.connectLimit,
            .sendLimit = configuration_.sendLimit,
            .answerBytes = static_cast<std::size_t>(configuration_.answerBytes),
            .privateTargets = configuration_.privateTargets,
            .caFile = configuration_.caFile};
  }

  // All tries send the same Id, so that a receiver can detect a duplicate.
  std::vector<std::string> signedHeaders(const platform::WebhookParts& parts) const {
    const std::string secret = platform::webhookSecret(readSecret(configuration_.secretFile), parts.target);
    return {"Content-Type: application/json",
            "Expect:",
            "X-TaskQueue-Id: " + std::to_string(parts.id),
            "X-TaskQueue-Timestamp: " + std::to_string(parts.time),
            "X-TaskQueue-Sent-By: " + parts.sentBy,
            "X-TaskQueue-Target: " + parts.target,
            "X-TaskQueue-Signature: " + platform::webhookSignature(secret, parts)};
  }

  static void judge(TaskRun& run, const HttpAnswer& answer) {
    if (answer.isPrivateTarget) {
      throw GiveUp(
          "private_target",
          "The target has no public address; webhook.private_targets=1 in the configuration allows such.");
    }
    if (answer.status == 0) throw TaskError("no_answer", "There was no answer: " + answer.problem + ".");
    json::Writer results;
    results.startObject().member("HttpStatus", answer.status).member("Answer", answer.body).endObject();
    run.setResults(results.text());
    if (answer.status >= 200 && answer.status < 300) return;
    const std::string code = "http_" + std::to_string(answer.status);
    const std::string said = "The answer was " + std::to_string(answer.status) + ": " +
                             std::string(cutAtCharacter(answer.body, kQuotedBytes));
    if (!isTemporary(answer.status)) throw GiveUp(code, said);
    if (answer.retryAfter) throw RetryAfter(code, said, std::min(*answer.retryAfter, kLongestRetryAfter));
    throw TaskError(code, said);
  }

  platform::WebhookConfiguration configuration_;
};

}  // namespace

HandlerEntry makeWebhook(const platform::WebhookConfiguration& configuration) {
  HandlerEntry entry;
  entry.taskHandlerClass = kWebhookHandler;
  entry.dataSchema = kWebhookSchema;
  entry.settings = notificationSettings(configuration.sendLimit);
  entry.handler = std::make_unique<Webhook>(configuration);
  return entry;
}

}  // namespace taskqueue::handlers
