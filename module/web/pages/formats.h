// Times, lengths of time, sizes and words of state as the pages write them.
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

// Pages count tasks up to this number; beyond it they say that there are more.
constexpr int kMaxCountedOnPages = 10000;

// "2026-01-31 08:30:00 UTC"; the script of the pages shows it in the reader's zone.
std::string timeText(const std::optional<UnixSeconds>& time);
// Sets `name` to what the template `time` shows; leaves it out when there is no time.
void setTime(kainjow::mustache::data& to, const std::string& name, const std::optional<UnixSeconds>& time);

// Two units at most: "850 ms", "12 s", "3 min 20 s", "1 d 4 h".
std::string durationText(const std::optional<std::int64_t>& milliseconds);
std::string bytesText(std::int64_t bytes);
// A dash where there is no text.
std::string orDash(const std::string& text);
// "> 10,000" where there are more.
std::string countText(const BoundedCount& count, const Texts& texts);

// A status in the reader's language, and as the templates `status` want it.
std::string statusText(std::string_view word, const Texts& texts);
void setStatus(kainjow::mustache::data& to, std::string_view word, const Texts& texts);

}  // namespace taskqueue::web
