// Converts a handler's settings to and from JSON with their column names. Workers, the store and the API use
// this form.
#pragma once

#include <optional>
#include <string>

#include "module/json/read.h"
#include "module/json/writer.h"
#include "module/queue/handler_settings.h"

namespace taskqueue::json {

// Decides how an undeclared number is written: as null for people, or as 0 like in the columns.
enum class Undeclared { IsNull, IsZero };

// Writes the settings as members of the open object.
void writeHandlerSettings(Writer& to, const HandlerSettings& settings,
                          Undeclared undeclared = Undeclared::IsZero);

// Reads the settings that the object has. A value outside its limits sets `problem` and keeps its default.
HandlerSettings readHandlerSettings(const Value& object, std::optional<std::string>& problem);

}  // namespace taskqueue::json
