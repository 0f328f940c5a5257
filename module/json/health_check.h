// A finding of the health checks as JSON: for the API, and in messages to operators.
#pragma once

#include "module/health/check.h"
#include "module/json/read.h"
#include "module/json/writer.h"

namespace taskqueue::json {

// "Name":…,"Status":…,"Subject":…,"Since":…,"Count":…,"Text":…,"Remedy":…; the object is the caller's.
void writeHealthCheck(Writer& to, const health::HealthCheck& check);

// What writes the same in another language: "Form":{"Text":…,"Values":[…],"Remedies":[…]}.
void writeHealthForm(Writer& to, const health::HealthCheck& check);
// A check as both have written it into a message.
health::HealthCheck readHealthCheck(const Value& message);

}  // namespace taskqueue::json
