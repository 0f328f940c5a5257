// Handlers that import CSV files into CMS tables: ProductImport, and those that the configuration declares in
// sections [import.NAME].
//
//   TaskData   {"File": "path below the configured directory", "DryRun": false}
//   Results    {"Imported", "Updated", "Skipped", "SkippedRows": [{"Line", "Reason"}], "SkippedFile", "Rows",
//   "Seconds", "Resumed"}, and "DryRun" after a dry run
//
// The header and the tables are checked before anything is written. The file is read as a stream and written
// in chunks. Each chunk is one transaction, which also writes a checkpoint. A later run of the same task
// continues after the last committed chunk. If the file has changed the run restarts; rows are found by their
// key, so none is duplicated. A row that does not fit is skipped and listed in Results and in the run's file
// skipped.csv. A dry run rolls each chunk back and always starts at the beginning.
//
// Final errors: file_outside, file_missing, file_unreadable, csv_header, csv_malformed, csv_not_utf8,
// csv_field_too_large, csv_row_too_large, database_schema. Errors that are retried: database, lease_lost,
// file_changed, cancelled.
#pragma once

#include "module/platform/import_configuration.h"
#include "module/store/database/connection.h"
#include "module/store/sql/table_names.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// The handler opens a connection for each run and closes it at the end of the run.
HandlerEntry makeTableImport(const platform::ImportConfiguration& configuration,
                             store::ConnectionSettings settings, store::TableNames names);

}  // namespace taskqueue::handlers
