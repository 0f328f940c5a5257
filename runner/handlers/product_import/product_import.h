// The handler ProductImport: brings a CSV catalogue into the CMS's products table.
//
//   TaskData   {"File": "path below the configured directory"}
//   Results    {"Imported", "Updated", "Skipped", "SkippedRows": [{"Line", "Reason"}], "Rows", "Seconds",
//   "Resumed"}
//
// The file is read as a stream and written in chunks, one transaction each, together with a checkpoint. A
// later run of the same task goes on behind the last committed chunk; when the file has changed it begins
// again, which does no harm since products are found by their key. A row that does not fit is skipped and
// listed.
//
// Errors that end it for good: file_outside, file_missing, file_unreadable, csv_header, csv_malformed,
// csv_not_utf8, csv_field_too_large, csv_row_too_large, database_schema. To be tried again: database,
// lease_lost, file_changed, cancelled.
#pragma once

#include "module/platform/configuration.h"
#include "module/store/connection.h"
#include "module/store/table_names.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// The handler opens a connection for each run and closes it with the run.
HandlerEntry makeProductImport(const platform::ProductImportConfiguration& configuration,
                               store::ConnectionSettings settings, store::TableNames names);

}  // namespace taskqueue::handlers
