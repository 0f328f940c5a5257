// Writes the schemas of the OpenAPI document.
#pragma once

#include "module/json/writer.h"
#include "module/queue/limits.h"
#include "module/web/openapi/operation.h"

namespace taskqueue::web::openapi {

// Writes the schema of a type as a value. Other schemas are written as references.
void writeType(json::Writer& to, Type type);

// Writes all named schemas as members of the open object. The limits are those of the configuration.
void writeSchemas(json::Writer& to, const QueueLimits& limits);

}  // namespace taskqueue::web::openapi
