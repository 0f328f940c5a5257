#include "module/web/pages/flash.h"

#include <algorithm>
#include <array>

#include "module/platform/secret.h"
#include "module/texts/marked.h"
#include "module/web/form.h"
#include "module/web/pages/preferences.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr const char* kCookie = "flash";
constexpr char kBetween = '!';
constexpr std::size_t kMaxSubjectBytes = 300;
constexpr const char* kKeptSeconds = "60";  // a browser that does not follow the redirect forgets it then

// Describes a sentence. {} in an address is the subject. `was` is the status that the undo expects.
struct Sentence {
  const char* word;
  const char* english;
  const char* link = "";
  const char* undo = "";
  const char* was = "";
};
constexpr std::array kSentences{
    Sentence{"cancelled", marked("Task %1 was cancelled."), "tasks/{}", "tasks/{}/retry", "cancelled"},
    Sentence{"stopping", marked("Task %1 was asked to stop."), "tasks/{}"},
    Sentence{"retried", marked("Task %1 runs again."), "tasks/{}"},
    Sentence{"restored", marked("Task %1 waits for its time again."), "tasks/{}"},
    Sentence{"due", marked("Task %1 is due now."), "tasks/{}"},
    Sentence{"changed", marked("Task %1 was changed."), "tasks/{}"},
    Sentence{"enqueued", marked("Task %1 was enqueued."), "tasks/{}"},
    Sentence{"joined", marked("Task %1 with the same unique key waits already, so no task was added."),
             "tasks/{}"},
    Sentence{"bulk", marked("This runs in the background as task %1."), "tasks/{}"},
    Sentence{"all-paused", marked("All queues are paused. What runs goes on."), "queues", "resume"},
    Sentence{"all-resumed", marked("All queues work again."), "queues"},
    Sentence{"queue-paused", marked("The queue %1 is paused. What runs goes on."), "queues",
             "queues/{}/resume"},
    Sentence{"queue-resumed", marked("The queue %1 works again."), "queues", "queues/{}/pause"},
    Sentence{"handler-paused", marked("The handler %1 is paused. What runs goes on."), "handlers",
             "handlers/{}/resume"},
    Sentence{"handler-resumed", marked("The handler %1 works again."), "handlers", "handlers/{}/pause"},
    Sentence{"handler-limit", marked("The concurrency limit of %1 was set."), "handlers"},
    Sentence{"runner-limit", marked("The runner limit is %1 now."), "runners"},
    Sentence{"draining", marked("Runner %1 finishes its runs, and then it ends."), "runners"},
    Sentence{"runner-stopping", marked("Runner %1 was asked to stop."), "runners"},
    Sentence{"schedule-enabled", marked("The schedule is enabled."), "schedules", "schedules/{}/disable"},
    Sentence{"schedule-disabled", marked("The schedule is disabled."), "schedules", "schedules/{}/enable"},
    Sentence{"schedule-added", marked("The schedule %1 was made.")},
    Sentence{"schedule-changed", marked("The schedule %1 was changed.")},
    Sentence{"schedule-removed", marked("The schedule %1 was removed. Its tasks stay.")},
    Sentence{"schedule-fired", marked("The schedule made task %1."), "tasks/{}"},
    Sentence{"schedule-skipped", marked("No task was made, because task %1 of this schedule has not ended."),
             "tasks/{}"},
};

const Sentence* sentenceOf(const std::string& word) {
  const auto* found = std::find_if(kSentences.begin(), kSentences.end(),
                                   [&](const Sentence& one) { return word == one.word; });
  return found == kSentences.end() ? nullptr : found;
}

std::string address(std::string pattern, const std::string& subject) {
  const auto at = pattern.find("{}");
  return at == std::string::npos ? pattern : pattern.replace(at, 2, percentEncoded(subject));
}

std::string signatureOf(const Flash& flash, const std::string& user, const Authorizer& authorizer) {
  constexpr std::size_t kDigits = 32;
  return authorizer.formTokenFor("flash\n" + user + '\n' + flash.word + '\n' + flash.subject)
      .substr(0, kDigits);
}

}  // namespace

std::string flashCookie(const Flash& flash, const std::string& user, const Authorizer& authorizer,
                        const std::string& basePath) {
  const std::string value =
      flash.word + kBetween + percentEncoded(flash.subject) + kBetween + signatureOf(flash, user, authorizer);
  return cookieFor(kCookie, value, basePath, kKeptSeconds);
}

std::string endedFlashCookie(const std::string& basePath) {
  return cookieFor(kCookie, "", basePath, "0");
}

std::optional<Flash> readFlash(const Request& request, const Authorizer& authorizer) {
  const std::string value = cookieValue(request.cookies, kCookie);
  const auto first = value.find(kBetween);
  const auto last = value.rfind(kBetween);
  if (first == std::string::npos || first == last) return std::nullopt;
  const auto decoded = decodeParameters("subject=" + value.substr(first + 1, last - first - 1));
  const auto* parameters = std::get_if<Parameters>(&decoded);
  if (parameters == nullptr || parameters->size() != 1) return std::nullopt;
  Flash flash{value.substr(0, first), parameters->front().second};
  if (flash.subject.size() > kMaxSubjectBytes || sentenceOf(flash.word) == nullptr) return std::nullopt;
  if (!platform::sameSecret(value.substr(last + 1), signatureOf(flash, request.user, authorizer)))
    return std::nullopt;
  return flash;
}

data flashValues(const Flash& flash, const Request& request, const Texts& say) {
  data values;
  const Sentence* sentence = sentenceOf(flash.word);
  if (sentence == nullptr) return values;
  values.set("text", say.text(sentence->english, {flash.subject}));
  std::string here;
  for (const std::string& part : request.path) here += (here.empty() ? "" : "/") + percentEncoded(part);
  const std::string link = address(sentence->link, flash.subject);
  if (!link.empty() && link != here) values.set("link", link);
  if (*sentence->undo != '\0' && roleMay(request.role, Access::Operate)) {
    data undo;
    undo.set("action", address(sentence->undo, flash.subject));
    if (*sentence->was != '\0') undo.set("was", std::string(sentence->was));
    values.set("undo", undo);
  }
  return values;
}

}  // namespace taskqueue::web
