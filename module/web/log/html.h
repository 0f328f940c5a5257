// Writes lines of a log as HTML or JSON. templates/static/log_lines.js makes the same elements from the JSON.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "module/json/writer.h"
#include "module/web/log/line.h"

namespace taskqueue::web::log {

struct Presentation {
  std::string address;  // address of the log's page, with a query; each line number links to it
  std::optional<std::pair<std::int64_t, std::int64_t>> marked;  // first and last line
  std::string droppedText = "%1 bytes were left out here";  // in the reader's language; %1: number of bytes
  std::string hiddenText = "… %1 bytes more: see the raw log";
};

// Escapes everything that comes from outside.
std::string htmlOf(const std::vector<Line>& lines, const Presentation& presentation);

// Writes an array of {"Number", "Dropped", "Hidden", "Spans": [[text, classes, found], …]}. Dropped and
// Hidden are left out if they are 0.
void writeLines(json::Writer& to, const std::vector<Line>& lines);

}  // namespace taskqueue::web::log
