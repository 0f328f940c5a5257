// A handler's settings in JSON, under the names of their columns: as a worker announces them, as the store
// writes them and as the API shows them.
#pragma once

#include <optional>
#include <string>

#include "module/json/read.h"
#include "module/json/writer.h"
#include "module/queue/handler_settings.h"

namespace taskqueue::json {

// How a number is written that the handler does not declare: as null, for people, or as 0, as the columns
// have it.
enum class Undeclared { IsNull, IsZero };

// Members of the object that is open.
void writeHandlerSettings(Writer& to, const HandlerSettings& settings,
                          Undeclared undeclared = Undeclared::IsZero);

// Those of the object that are there; what is out of its limits is `problem`, and stays at its default.
HandlerSettings readHandlerSettings(const Value& object, std::optional<std::string>& problem);

}  // namespace taskqueue::json
