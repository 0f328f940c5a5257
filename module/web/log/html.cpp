#include "module/web/log/html.h"

#include "module/web/log/escape.h"

namespace taskqueue::web::log {
namespace {

void addSpan(std::string& to, const Span& span) {
  const std::string classes = classesOf(span.style);
  if (span.found) to += "<mark>";
  if (!classes.empty()) to += "<span class=\"" + classes + "\">";
  addEscaped(to, span.text);
  if (!classes.empty()) to += "</span>";
  if (span.found) to += "</mark>";
}

void addNote(std::string& to, const char* classes, std::string text, std::int64_t bytes) {
  if (const auto at = text.find("%1"); at != std::string::npos) text.replace(at, 2, std::to_string(bytes));
  to += std::string("<span class=\"") + classes + "\">";
  addEscaped(to, text);
  to += "</span>";
}

void addLine(std::string& to, const Line& line, const Presentation& presentation) {
  const std::string number = std::to_string(line.number);
  const auto& marked = presentation.marked;
  const bool isMarked = marked && line.number >= marked->first && line.number <= marked->second;
  if (line.droppedBefore > 0) {
    to += "<div class=\"row\">";
    addNote(to, "gap", presentation.droppedText, line.droppedBefore);
    to += "</div>\n";
  }
  to += std::string("<div class=\"row") + (isMarked ? " marked" : "") + "\" id=\"L" + number + "\">";
  to += "<a class=\"number\" href=\"";
  addEscaped(to, presentation.address + "&lines=" + number + "#L" + number);
  to += "\" tabindex=\"-1\">" + number + "</a><code>";
  for (const Span& span : line.spans) addSpan(to, span);
  if (line.hiddenBytes > 0) addNote(to, "hidden-part", presentation.hiddenText, line.hiddenBytes);
  to += "</code></div>\n";
}

}  // namespace

std::string htmlOf(const std::vector<Line>& lines, const Presentation& presentation) {
  std::string html;
  for (const Line& line : lines) addLine(html, line, presentation);
  return html;
}

void writeLines(json::Writer& to, const std::vector<Line>& lines) {
  to.startArray();
  for (const Line& line : lines) {
    to.startObject().member("Number", line.number);
    if (line.droppedBefore > 0) to.member("Dropped", line.droppedBefore);
    if (line.hiddenBytes > 0) to.member("Hidden", line.hiddenBytes);
    to.key("Spans").startArray();
    for (const Span& span : line.spans) {
      to.startArray().value(span.text).value(classesOf(span.style)).value(span.found).endArray();
    }
    to.endArray().endObject();
  }
  to.endArray();
}

}  // namespace taskqueue::web::log
