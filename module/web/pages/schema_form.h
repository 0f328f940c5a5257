// Makes form fields for TaskData from a JSON Schema, and reads the filled fields back as JSON.
#pragma once

#include <kainjow/mustache.hpp>
#include <map>
#include <optional>
#include <string>

#include "module/queue/task_queue.h"
#include "module/web/form.h"

namespace taskqueue::web {

// Returns the fields with values from `taskData`, a JSON object. Returns nothing if the schema does not
// describe an object with named members; the form then has raw JSON. `errors` are shown at the members.
std::optional<kainjow::mustache::data> makeFields(const std::string& schema, const std::string& taskData,
                                                  const std::map<std::string, std::string>& errors = {});

// Returns an object of the defaults that the schema gives for its members.
std::string defaultTaskData(const std::string& schema);

inline constexpr std::string_view kMemberPrefix = "m.";  // prefix of the fields' names

// Adds an error for each filled field that the schema does not have. The schema may have changed since the
// form was made.
void addUnknownMembers(const std::string& schema, const FormValues& fields, std::vector<InputError>& to);

// Adds an error for each empty field that the schema requires.
void addMissingMembers(const std::string& schema, const FormValues& fields, std::vector<InputError>& to);

// Returns an object of the fields m.NAME, without empty ones. A value of the wrong type stays a string, so
// that the schema check names it.
std::string readTaskData(const std::string& schema, const FormValues& fields);

}  // namespace taskqueue::web
