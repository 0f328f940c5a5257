// Answers requests for files that runs offer for download, for the API and the pages.
#pragma once

#include "module/json/writer.h"
#include "module/queue/store/task_store.h"
#include "module/web/answer.h"

namespace taskqueue::web {

// Answers {"Files": [{"Name", "ContentType", "Bytes"}]} for run {Id}, or 404.
Answer listRunFiles(TaskStore& tasks, const Request& request);

// Answers file {Name} of run {Id}, or 404. Browsers save the file and never display it.
Answer sendRunFile(TaskStore& tasks, const Request& request);

}  // namespace taskqueue::web
