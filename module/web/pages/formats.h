// Formats times, durations, sizes and statuses for the pages.
#pragma once

#include <cstdint>
#include <kainjow/mustache.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "module/queue/status.h"
#include "module/queue/task.h"
#include "module/queue/task_grid.h"
#include "module/texts/texts.h"

namespace taskqueue::web {

// Pages count tasks up to this number. Beyond it they say that there are more.
constexpr int kMaxCountedOnPages = 10000;

// Returns a time such as "2026-01-31 08:30:00 UTC". The pages' script shows it in the reader's time zone.
std::string timeText(const std::optional<UnixSeconds>& time);
// Returns the form that <input type="datetime-local"> expects, or an empty text.
std::string fieldTime(const std::optional<UnixSeconds>& time);
// Sets `name` for the template `time`, or leaves it out if there is no time.
void setTime(kainjow::mustache::data& to, const std::string& name, const std::optional<UnixSeconds>& time);

// Returns a duration in at most two units: "850 ms", "12 s", "3 min 20 s", "1 d 4 h".
std::string durationText(const std::optional<std::int64_t>& milliseconds);
std::string bytesText(std::int64_t bytes);
// Returns a dash if the text is empty.
std::string orDash(const std::string& text);
// Returns the count, or "> 10,000" if there are more.
std::string countText(const BoundedCount& count, const Texts& texts);

// Translates a status; setStatus() sets it for the template `status`.
std::string statusText(std::string_view word, const Texts& texts);
void setStatus(kainjow::mustache::data& to, std::string_view word, const Texts& texts);

}  // namespace taskqueue::web
