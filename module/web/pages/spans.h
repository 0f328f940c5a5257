// Spans of time that pages sum up, and the intervals into which they are cut.
#pragma once

#include <array>
#include <kainjow/mustache.hpp>
#include <string>
#include <vector>

#include "module/queue/time_units.h"
#include "module/texts/texts.h"
#include "module/web/form.h"

namespace taskqueue::web {

struct LongSpan {
  const char* word;
  std::int64_t seconds;
  int part;  // seconds of an interval; whole hours
};
inline constexpr std::array kLongSpans{
    LongSpan{"day", kDaySeconds, 3600}, LongSpan{"week", 7 * kDaySeconds, 6 * 3600},
    LongSpan{"month", 30 * kDaySeconds, 86400}, LongSpan{"year", 400 * kDaySeconds, 8 * 86400}};

// Returns nothing if the word is unknown.
const LongSpan* longSpanNamed(const std::string& word);
// Sets `spans` for a list of links, with `query` for each.
void setSpans(kainjow::mustache::data& to, const LongSpan& chosen, const Parameters& others,
              const Texts& say);

// A bar of a small chart. A template draws it as a rectangle of an SVG.
// Sets `bars`, `barsWidth` and `barsLabel`. The highest bar fills the height; a value above 0 is never
// invisible.
void setBars(kainjow::mustache::data& to, const std::vector<std::int64_t>& values, const std::string& label);

}  // namespace taskqueue::web
