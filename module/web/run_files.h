// Files that a run has left for download, for the API and the pages.
#pragma once

#include "module/json/writer.h"
#include "module/queue/task_store.h"
#include "module/web/answer.h"

namespace taskqueue::web {

// {"Files": [{"Name", "ContentType", "Bytes"}]} of the run that the address names; 404.
Answer listRunFiles(TaskStore& store, const Request& request);

// The file {Name} of the run {Id}, to be saved, never to be shown; 404.
Answer sendRunFile(TaskStore& store, const Request& request);

}  // namespace taskqueue::web
