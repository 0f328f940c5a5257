// The pages: made on the server from templates, complete without JavaScript.
#pragma once

#include <kainjow/mustache.hpp>
#include <map>
#include <string>

#include "module/queue/task_store.h"
#include "module/web/access.h"
#include "module/web/api.h"

namespace taskqueue::web {

// The templates of a directory (name.html), read once at start. Mustache escapes every value.
class Templates {
 public:
  // Throws std::runtime_error that names the file when one is missing or malformed.
  explicit Templates(const std::string& directory);

  std::string render(const std::string& name, const kainjow::mustache::data& data) const;

 private:
  std::map<std::string, std::string> texts_;
};

class Pages {
 public:
  using SchemaProblem = std::function<std::optional<std::string>()>;  // whether the schema fits

  Pages(TaskStore& store, const Templates& templates, const Gate& gate, const std::string& basePath,
        SchemaProblem schemaProblem)
      : store_(store),
        templates_(templates),
        gate_(gate),
        basePath_(basePath),
        schemaProblem_(std::move(schemaProblem)) {}

  Answer tasks(const Request& request);
  Answer task(const Request& request);
  Answer run(const Request& request);
  Answer runners(const Request& request);
  Answer health(const Request& request);
  Answer home(const Request& request);

  // After a form was carried out: back to the task's page, with a word on what happened.
  Response backToTask(const Request& request, const Answer& outcome);
  Response problemPage(const Request& request, const Problem& problem);

 private:
  Response page(const Request& request, const std::string& name, const std::string& title,
                kainjow::mustache::data data, int status = 200);

  TaskStore& store_;
  const Templates& templates_;
  const Gate& gate_;
  const std::string& basePath_;
  SchemaProblem schemaProblem_;
};

}  // namespace taskqueue::web
