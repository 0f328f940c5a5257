// Asks before an action: what will happen, to which tasks, and how to go back.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "module/queue/task.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

// The tasks that a question names by their titles.
inline constexpr std::size_t kTasksNamed = 10;

struct Confirmation {
  // All texts are translated.
  std::string title;
  std::string question;
  std::vector<std::string> facts;  // sentences on what will happen
  kainjow::mustache::data filter{kainjow::mustache::data::type::list};  // rows with name and value or time
  std::vector<Task> tasks;         // the first kTasksNamed of those that change
  std::string confirmText;         // empty: nothing can be done, so there is no button
  bool isDangerous = false;
  std::string action;  // the path of the form
  std::vector<std::pair<std::string, std::string>> fields;
  std::string back;  // the page to which "No, go back" leads
};

Response confirmationPage(const PageFrame& frame, const Request& request, const Confirmation& question);

}  // namespace taskqueue::web
