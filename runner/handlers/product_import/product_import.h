// "ProductImport" reads a CSV file and writes products and their categories to the CMS's tables, in chunks, one
// transaction a chunk. A retry continues behind the last committed chunk and never doubles a product.
//
// TaskData: {"File": "relative/path.csv"}. Results: Imported, Updated, Skipped, SkippedRows (Line, Reason), Rows,
// Seconds, Resumed.
#pragma once

#include "module/platform/configuration.h"
#include "module/store/connection.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

HandlerEntry makeProductImport(const platform::ProductImportConfiguration& configuration,
                               const store::ConnectionSettings& settings, const store::TableNames& names);

}  // namespace taskqueue::handlers
