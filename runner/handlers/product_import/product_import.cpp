#include "runner/handlers/product_import/product_import.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <iostream>

#include "module/json/writer.h"
#include "runner/handlers/product_import/checkpoint.h"
#include "runner/handlers/product_import/product_file.h"
#include "runner/handlers/product_import/product_tables.h"

namespace taskqueue::handlers {
namespace {

constexpr const char* kSchema =
    R"({"type":"object","required":["File"],"properties":{"File":{"type":"string","minLength":1,"maxLength":1000}},"additionalProperties":false})";

constexpr std::size_t kChunkBytes = 4 << 20;  // of a chunk's rows: it must fit into one packet
constexpr int kTriesOfAChunk = 5;

std::string megabytes(std::int64_t bytes) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(bytes) / 1e6);
  return text.data();
}

// One run of the import: the file, the tables, and how far it is.
class Import {
 public:
  Import(TaskRun& run, const platform::ProductImportConfiguration& configuration, store::Connection& connection)
      : run_(run),
        configuration_(configuration),
        connection_(connection),
        file_(configuration.directory, std::string(*json::textMember(run.taskData(), "File"))),
        row_(connection, run.taskQueueId(), run.runToken()) {}

  void doAll() {
    const CsvLimits limits{.fieldBytes = configuration_.fieldBytes};
    CsvReader headerReader(file_.descriptor(), limits);
    CsvRow header;
    if (!headerReader.next(header)) throw GiveUp("csv_header", file_.name() + " is empty: it needs a header row.");
    const HeaderPlan plan = planOf(header, configuration_, connection_);
    begin(plan, headerReader.place());
    if (!checkpoint_.done) {
      CsvReader reader(file_.descriptor(), limits, checkpoint_.place);
      ProductTables tables(connection_, configuration_, plan);
      while (!checkpoint_.done) {
        if (run_.isCancelled()) throw TaskError("cancelled", "The import was asked to stop; a retry continues it.");
        importChunk(reader, plan, tables);
      }
    }
    report();
  }

 private:
  // Where to start: behind what an earlier run has committed, if the file is still the same.
  void begin(const HeaderPlan& plan, const CsvPlace& afterHeader) {
    const auto earlier = row_.takeOver();
    const bool same = earlier && earlier->fileBytes == file_.bytes() && earlier->modifiedNs == file_.modifiedNs() &&
                      earlier->headerHash == plan.hash;
    resumed_ = same && earlier->rows > 0;
    if (same) {
      checkpoint_ = *earlier;
    } else {
      if (earlier) std::cout << file_.name() << " has changed since the last run: it is imported from its beginning\n";
      checkpoint_.place = afterHeader;
      checkpoint_.fileBytes = file_.bytes();
      checkpoint_.modifiedNs = file_.modifiedNs();
      checkpoint_.headerHash = plan.hash;
    }
    std::cout << file_.name() << ": " << file_.bytes() << " bytes";
    if (resumed_) std::cout << ", continued at line " << checkpoint_.place.line;
    std::cout << "\n";
    for (const std::string& name : plan.ignored) std::cout << "the column " << name << " is not imported\n";
  }

  void importChunk(CsvReader& reader, const HeaderPlan& plan, ProductTables& tables) {
    const auto startedAt = std::chrono::steady_clock::now();
    Checkpoint next = checkpoint_;
    std::vector<ProductRow> rows;
    std::size_t bytes = 0;
    CsvRow row;
    for (int count = 0; count < configuration_.chunkRows && bytes < kChunkBytes; ++count) {
      if (!reader.next(row)) {
        next.done = true;
        break;
      }
      ++next.rows;
      auto product = productOf(row, plan);
      if (auto* reason = std::get_if<std::string>(&product)) {
        skip(next, row.line, std::move(*reason));
      } else {
        rows.push_back(std::move(std::get<ProductRow>(product)));
        bytes += rows.back().bytes();
      }
    }
    next.place = reader.place();
    next.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - startedAt).count();
    commit(rows, next, tables);
    checkpoint_ = std::move(next);
    const std::int64_t total = std::max<std::int64_t>(file_.bytes(), 1);
    run_.setProgress(static_cast<int>(100 * checkpoint_.place.position / total),
                     std::to_string(checkpoint_.rows) + " rows, " + megabytes(checkpoint_.place.position) + " of " +
                         megabytes(file_.bytes()) + " MB");
  }

  void skip(Checkpoint& to, std::int64_t line, std::string reason) const {
    ++to.skipped;
    if (static_cast<int>(to.skippedRows.size()) < configuration_.skippedListed) {
      to.skippedRows.push_back({line, std::move(reason)});
    }
  }

  // The rows and the checkpoint that counts them, in one transaction.
  void commit(const std::vector<ProductRow>& rows, Checkpoint& next, ProductTables& tables) {
    const auto startedAt = std::chrono::steady_clock::now();
    const Checkpoint before = next;
    bool oneByOne = false;
    for (int attempt = 1;; ++attempt) {
      next = before;
      try {
        store::Transaction transaction(connection_);
        row_.lock();
        const WrittenCounts counts = write(rows, tables, oneByOne);
        next.imported += counts.imported;
        next.updated += counts.updated;
        next.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - startedAt).count();
        row_.write(next);
        transaction.commit();
        return;
      } catch (const store::Connection::CommitUnknown& error) {
        tables.forget();
        if (row_.stands(next)) return;
        if (attempt == kTriesOfAChunk) throw TaskError("database", error.what());
      } catch (const StoreError& error) {
        tables.forget();
        const bool conflict = error.kind() == StoreError::Kind::Conflict;
        const bool mayPass = conflict || error.kind() == StoreError::Kind::TryAgain;
        if (!mayPass || attempt == kTriesOfAChunk) throw TaskError("database", error.what());
        oneByOne = oneByOne || conflict;
      }
    }
  }

  static WrittenCounts write(const std::vector<ProductRow>& rows, ProductTables& tables, bool oneByOne) {
    if (rows.empty()) return {};
    if (!oneByOne) return tables.write(rows);
    WrittenCounts sum;
    for (const ProductRow& row : rows) {
      const WrittenCounts counts = tables.write({row});
      sum.imported += counts.imported;
      sum.updated += counts.updated;
    }
    return sum;
  }

  void report() {
    std::cout << checkpoint_.imported << " imported, " << checkpoint_.updated << " updated, " << checkpoint_.skipped
              << " skipped of " << checkpoint_.rows << " rows\n";
    json::Writer results;
    results.startObject().member("Imported", checkpoint_.imported).member("Updated", checkpoint_.updated);
    results.member("Skipped", checkpoint_.skipped).key("SkippedRows").startArray();
    for (const SkippedRow& row : checkpoint_.skippedRows) {
      results.startObject().member("Line", row.line).member("Reason", row.reason).endObject();
    }
    results.endArray().member("Rows", checkpoint_.rows).member("Seconds", checkpoint_.seconds);
    results.member("Resumed", resumed_).endObject();
    run_.setResults(results.text());
  }

  TaskRun& run_;
  const platform::ProductImportConfiguration& configuration_;
  store::Connection& connection_;
  ProductFile file_;
  CheckpointRow row_;
  Checkpoint checkpoint_;
  bool resumed_ = false;
};

class ProductImport : public ITaskHandler {
 public:
  ProductImport(const platform::ProductImportConfiguration& configuration, const store::ConnectionSettings& settings,
                const store::TableNames& names)
      : configuration_(configuration), connection_(settings, names) {}

  void handleTaskRun(TaskRun& run) override {
    try {
      Import(run, configuration_, connection_).doAll();
    } catch (const StoreError& error) {
      throw TaskError("database", error.what());
    }
  }

 private:
  platform::ProductImportConfiguration configuration_;
  store::Connection connection_;
};

}  // namespace

HandlerEntry makeProductImport(const platform::ProductImportConfiguration& configuration,
                               const store::ConnectionSettings& settings, const store::TableNames& names) {
  HandlerEntry entry;
  entry.taskHandlerClass = "ProductImport";
  entry.dataSchema = kSchema;
  entry.handler = std::make_unique<ProductImport>(configuration, settings, names);
  return entry;
}

}  // namespace taskqueue::handlers
