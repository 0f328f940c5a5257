// Says a cron expression in the reader's language, such as "At 03:30, Monday–Friday".
#pragma once

#include <string>

#include "module/queue/schedule/cron_expression.h"
#include "module/texts/texts.h"

namespace taskqueue::web {

std::string cronInWords(const CronExpression& expression, const Texts& say);

}  // namespace taskqueue::web
