// The form fields that new tasks, edits of tasks and schedules share: TaskData by the handler's schema or as raw
// JSON, options, and errors at their fields.
#pragma once

#include <kainjow/mustache.hpp>
#include <optional>
#include <string>
#include <vector>

#include "module/queue/task_queue.h"
#include "module/texts/texts.h"
#include "module/web/form.h"
#include "module/web/request.h"

namespace taskqueue::web {

// Returns the problem of the field names, if any. TaskData is one field, or one field for each member.
std::optional<Problem> findFieldsProblem(const Request& request, std::vector<std::string> known);

// Reads TaskData from the form. Adds an error for each required or unknown member.
std::string readDataFields(const Request& request, const std::string& schema, std::vector<InputError>& errors);
// Sets the values for data_fields.html. `raw` asks for one field with JSON, even if the schema gives fields.
void setDataFields(kainjow::mustache::data& to, const std::string& schema, const std::string& taskData, bool raw,
                   const std::vector<InputError>& errors, const Texts& say);

// Returns whether two JSON texts have the same value.
bool sameJson(const std::string& a, const std::string& b);

// Reads a whole number. Adds an error and returns nothing if the field has anything else.
std::optional<int> readNumberField(const FormValues& fields, const std::string& name,
                                   std::vector<InputError>& errors);
std::optional<UnixSeconds> readTimeField(const FormValues& fields, const std::string& name,
                                         std::vector<InputError>& errors);
std::optional<std::string> readTextField(const FormValues& fields, const std::string& name);

kainjow::mustache::data choicesOfNotifyOn(const std::string& chosen, const Texts& say);
// Makes the options of a select from words and their labels.
kainjow::mustache::data choices(const std::vector<std::pair<std::string, std::string>>& words,
                                const std::string& chosen);

// Says an error in the reader's language, without the terms of JSON Schema.
std::string wordsOf(const std::string& problem, const Texts& say);
// Sets `problems` for problems.html, and for each field `NAME` with an error `NAMEError`.
void setErrors(kainjow::mustache::data& to, const std::vector<InputError>& errors, const Texts& say);

}  // namespace taskqueue::web
