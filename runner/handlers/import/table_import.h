// Handlers that bring CSV files into tables of the CMS: ProductImport, and those that the configuration
// declares in sections [import.NAME].
//
//   TaskData   {"File": "path below the configured directory", "DryRun": false}
//   Results    {"Imported", "Updated", "Skipped", "SkippedRows": [{"Line", "Reason"}], "SkippedFile", "Rows",
//   "Seconds", "Resumed"}, and "DryRun" of one
//
// The header and the tables are checked before anything is written. The file is read as a stream and written
// in chunks, one transaction each, together with a checkpoint. A later run of the same task goes on behind
// the last committed chunk; when the file has changed it begins again, which does no harm since rows are
// found by their key. A row that does not fit is skipped and listed, in Results and in the run's file
// skipped.csv. A dry run writes each chunk and rolls it back; it always begins at the beginning.
//
// Errors that end it for good: file_outside, file_missing, file_unreadable, csv_header, csv_malformed,
// csv_not_utf8, csv_field_too_large, csv_row_too_large, database_schema. To be tried again: database,
// lease_lost, file_changed, cancelled.
#pragma once

#include "module/platform/import_configuration.h"
#include "module/store/connection.h"
#include "module/store/table_names.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// The handler opens a connection for each run and closes it with the run.
HandlerEntry makeTableImport(const platform::ImportConfiguration& configuration,
                             store::ConnectionSettings settings, store::TableNames names);

}  // namespace taskqueue::handlers
