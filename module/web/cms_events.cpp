#include "module/web/cms_events.h"
#include "module/texts/marked.h"

#include <algorithm>

#include "module/json/read.h"
#include "module/queue/schedule/cms_schedule.h"

namespace taskqueue::web {
namespace {

constexpr json::Limits kTaskData{.bytes = 16 << 20, .depth = 100, .members = 1000000};

// Returns the event that TaskData names, or an empty text.
std::string eventIn(const std::string& taskData) {
  const auto parsed = json::read(taskData, kTaskData);
  const auto* document = std::get_if<json::Document>(&parsed);
  if (document == nullptr || !document->IsObject()) return "";
  const auto found = document->FindMember("Event");
  return found != document->MemberEnd() && found->value.IsString() ? found->value.GetString() : "";
}

}  // namespace

std::optional<InputError> refuseCmsEvent(const std::string& taskHandlerClass, const std::string& taskData,
                                         const std::vector<std::string>& allowed) {
  if (taskHandlerClass != kCmsEventClass) return std::nullopt;
  const auto isAllowed = [&](const std::string& event) {
    return std::find(allowed.begin(), allowed.end(), event) != allowed.end();
  };
  if (isAllowed(kAnyCmsEvent) || isAllowed(eventIn(taskData))) return std::nullopt;
  return InputError{"/TaskData/Event", marked("must be one of the events that web.cms_events allows")};
}

}  // namespace taskqueue::web
