#include "module/web/openapi/operations.h"

namespace taskqueue::web::openapi {

const Operation kShowRun{"showRun", kRuns, "Answers a run.", {{200, "The run.", "Run"}}};

const Operation kShowOutput{"showOutput",
                            kRuns,
                            "Answers a part of a run's output, also while it runs.",
                            {{200, "The output from the offset on.", "Output"}},
                            {{"stream", "OutputStream", "Which output; stdout if it is left out."},
                             {"offset", "Count", "The first byte; 0 if it is left out."}}};

const Operation kListFiles{
    "listFiles", kRuns, "Lists the files that a run has left.", {{200, "The files.", "RunFiles"}}};

const Operation kSendFile{"sendFile",
                          kRuns,
                          "Answers a file that a run has left.",
                          {{200, "The file itself, with its own content type.", "binary", "*/*"}}};

std::vector<Schema> runSchemas() {
  return {
      {"Run",
       "One attempt to execute a task.",
       {{"Id", "Id"},
        {"TaskQueueId", "Id", "The task."},
        {"Attempt", "integer", "1 is the first."},
        {"StartedOn", "UnixSeconds?"},
        {"FinishedOn", "UnixSeconds?"},
        {"PercentsCompleted", "integer"},
        {"ProgressNote", "string", "What the handler says that it does."},
        {"Results", "StoredJson", "What the handler has returned; null if there is none."},
        {"Status", "RunStatus"},
        {"ErrorCode", "string", "A word for programs; empty if the run did not fail."},
        {"ErrorMessage", "string"},
        {"TaskRunnerId", "Id?"},
        {"CancelRequestedOn", "UnixSeconds?"},
        {"RunMs", "integer?", "Milliseconds."},
        {"ExitStatus", "integer?", "The exit status of the handler's process."},
        {"ExitSignal", "integer?", "The signal that ended the handler's process."},
        {"UserCpuMs", "integer?", "Milliseconds."},
        {"SystemCpuMs", "integer?", "Milliseconds."},
        {"MaxRssKb", "integer?", "The most memory, in KiB."},
        {"StandardOutputBytes", "integer", "Bytes written."},
        {"StandardOutputDropped", "integer", "Bytes that were not kept."},
        {"ErrorOutputBytes", "integer", "Bytes written."},
        {"ErrorOutputDropped", "integer", "Bytes that were not kept."}}},
      {"Output",
       "A part of a run's output.",
       {{"Offset", "Count", "The first byte of Content."},
        {"NextOffset", "Count", "The offset of the next request."},
        {"TotalBytes", "Count"},
        {"DroppedBytes", "Count", "Bytes that were not kept."},
        {"Complete", "boolean", "The run has ended, and nothing comes behind Content."},
        {"Content", "string"}}},
      {"RunFile", "A file of a run.", {{"Name", "string"}, {"ContentType", "string"}, {"Bytes", "Count"}}},
      {"RunFiles", "The files of a run.", {{"Files", "RunFile[]"}}}};
}

}  // namespace taskqueue::web::openapi
