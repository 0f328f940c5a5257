// The fields of a form for TaskData that a JSON Schema describes, and the JSON that a filled one stands for.
#pragma once

#include <kainjow/mustache.hpp>
#include <optional>
#include <string>

#include "module/queue/task_queue.h"
#include "module/web/form.h"

namespace taskqueue::web {

// Nothing when the schema is not one of an object with known members: raw JSON it is, then. The values come
// from `taskData`, a JSON object.
std::optional<kainjow::mustache::data> makeFields(const std::string& schema, const std::string& taskData);

inline constexpr std::string_view kMemberPrefix = "m.";  // of the names of the fields

// Names the filled fields of members that the schema does not have: it may be another one since the form was
// made.
void addUnknownMembers(const std::string& schema, const FormValues& fields, std::vector<InputError>& to);

// The object of the fields m.NAME; those left empty are left out. A value that is not of its member's type is
// kept as text, so that the check of the schema names it.
std::string readTaskData(const std::string& schema, const FormValues& fields);

}  // namespace taskqueue::web
