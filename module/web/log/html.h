// Lines of a log as HTML, the same elements that templates/static/log.js makes from its JSON.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "module/json/writer.h"
#include "module/web/log/line.h"

namespace taskqueue::web::log {

struct Presentation {
  std::string address;  // of the log's page, with a query; each line's number links to it
  std::optional<std::pair<std::int64_t, std::int64_t>> marked;  // first and last line
  std::string droppedText = "%1 bytes were left out here";      // %1: how many; the reader's language
  std::string hiddenText = "… %1 bytes more: see the raw log";
};

// Everything from outside is escaped.
std::string htmlOf(const std::vector<Line>& lines, const Presentation& presentation);

// An array of {"Number", "Dropped", "Hidden", "Spans": [[text, classes, found], …]}; members that say nothing
// are left out.
void writeLines(json::Writer& to, const std::vector<Line>& lines);

}  // namespace taskqueue::web::log
