// Makes and edits schedules by a form, and shows the next times of a cron expression as it is typed.
#pragma once

#include "module/queue/schedule/schedules.h"
#include "module/queue/store/stores.h"
#include "module/web/pages/json_tree.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

// The next instants that pages show of a schedule.
inline constexpr int kNextShown = 10;

class ScheduleFormPage {
 public:
  ScheduleFormPage(const Stores& stores, TaskQueue& queue, const PageFrame& frame,
                   const platform::Configuration& configuration)
      : stores_(stores),
        queue_(queue),
        schedules_(stores, queue, configuration.limits),
        frame_(frame),
        tree_(configuration.web.sensitiveMembers),
        cmsEvents_(configuration.web.cmsEvents) {}

  Answer showNew(const Request& request);   // the choice of a handler, or the empty form
  Answer add(const Request& request);       // 303 to the new schedule, or 422 with the form and its errors
  Answer showEdit(const Request& request);  // the filled form
  Answer change(const Request& request);    // 303 to the schedule; 409 if it was changed meanwhile; 422
  // Answers JSON: Words and Next of the parameters cron and zone, or Problem.
  Answer preview(const Request& request);

 private:
  // Holds the values of the form.
  struct Draft {
    int id = 0;  // 0: a new schedule
    ScheduleDefinition definition;
    std::string shownData;  // TaskData with its secrets masked, or as it was typed
    std::string version;    // of the schedule that the form shows
    bool raw = false;
    bool masked = false;
    std::vector<InputError> errors;
  };
  Response form(const Request& request, const Draft& draft);
  std::string schemaOf(const std::string& taskHandlerClass);
  // Reads the form over the definition, whose handler stays.
  std::optional<Problem> readForm(const Request& request, Draft& draft, const std::string& storedData);

  Stores stores_;
  TaskQueue& queue_;
  Schedules schedules_;
  const PageFrame& frame_;
  JsonTree tree_;
  const std::vector<std::string>& cmsEvents_;  // events that this page may schedule
};

// Says the times of a definition: in words, and the next ones as rows of `exact` and `iso`, or the problem.
void setTimes(kainjow::mustache::data& to, const ScheduleDefinition& definition,
              const std::vector<UnixSeconds>& next, const Texts& say);

}  // namespace taskqueue::web
