// Lets parked tasks of a handler wait again. Only the parts of MariaTaskStore that do this include it.
#pragma once

#include "module/store/sql.h"

namespace taskqueue::store {

// The parameter has the classes: [{"c": TaskHandlerClass}]. Served by the index TaskHandlerClass.
inline const Sql kUnparkTasks{
    "unpark-tasks",
    "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (TaskHandlerClass VARCHAR(255) PATH '$.c')) v "
    "STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (TaskHandlerClass) ON t.TaskHandlerClass = "
    "v.TaskHandlerClass COLLATE utf8mb4_nopad_bin SET t.NextRunOn = COALESCE(t.ScheduledOn, "
    "UNIX_TIMESTAMP()), t.ParkedReason = '' WHERE t.ParkedReason <> '' AND t.NextRunOn IS NULL"};

}  // namespace taskqueue::store
