// Converts a finding of the health checks to and from JSON, for the API and for messages to operators.
#pragma once

#include "module/health/check.h"
#include "module/json/read.h"
#include "module/json/writer.h"

namespace taskqueue::json {

// Writes "Name":…,"Status":…,"Subject":…,"Since":…,"Count":…,"Text":…,"Fix":… into the caller's open
// object.
void writeHealthCheck(Writer& to, const health::HealthCheck& check);

// Writes the parts from which the text can be made in another language:
// "Form":{"Text":…,"Values":[…],"Fixes":[…]}.
void writeHealthForm(Writer& to, const health::HealthCheck& check);
// Reads a check from a message that both functions wrote.
health::HealthCheck readHealthCheck(const Value& message);

}  // namespace taskqueue::json
