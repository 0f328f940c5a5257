#include "runner/handlers/product_import/product_import.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <random>
#include <thread>
#include <utility>

#include "runner/handlers/product_import/checkpoint.h"
#include "runner/handlers/product_import/product_file.h"
#include "runner/handlers/product_import/product_tables.h"
#include "runner/handlers/task_data.h"

namespace taskqueue::handlers {
namespace {

using store::Connection;

constexpr const char* kDataSchema =
    R"({"type":"object","required":["File"],"properties":{"File":{"type":"string",)"
    R"("minLength":1,"maxLength":1000}},"additionalProperties":false})";

constexpr std::size_t kChunkBytes =
    2 << 20;               // of its rows: JSON escapes can make them six times as long in a packet
constexpr int kTries = 5;  // of one transaction
constexpr std::chrono::milliseconds kFirstWait{20};
constexpr std::int64_t kLeastRowBytes = 1 << 20;
constexpr std::int64_t kFieldsInARow = 8;  // of the largest size

std::string megabytes(std::int64_t bytes) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(bytes) / 1e6);
  return text.data();
}

CsvLimits limitsOf(const platform::ProductImportConfiguration& configuration) {
  return {configuration.fieldBytes, std::max(kLeastRowBytes, kFieldsInARow * configuration.fieldBytes)};
}

// Unequal waits, so that two imports that stood in each other's way do not meet again.
void waitBeforeTry(int number) {
  static std::minstd_rand chances{std::random_device{}()};
  const auto longest = kFirstWait * (1 << (number - 1));
  std::this_thread::sleep_for(longest * std::uniform_real_distribution<double>(0.5, 1)(chances));
}

bool mayPass(const StoreError& error) {
  return error.kind() == StoreError::Kind::Conflict || error.kind() == StoreError::Kind::TryAgain;
}

// Rows on their way into one transaction, and what the import will have come to with them.
struct Chunk {
  std::vector<ProductRow> rows;
  ImportState state;  // without the counts of the rows
};

class Import {
 public:
  Import(TaskRun& run, const platform::ProductImportConfiguration& configuration, Connection& connection)
      : run_(run), configuration_(configuration), connection_(connection), checkpoint_(connection, run) {}

  void importFile(const std::string& name) {
    const ProductFile file(configuration_.directory, name);
    CsvReader headerReader(file.descriptor(), limitsOf(configuration_));
    CsvRow header;
    if (!headerReader.next(header))
      throw GiveUp("csv_header", "the file is empty; its first row must be the header");
    const HeaderPlan plan = planOf(header, configuration_, connection_);
    begin(file, plan, headerReader.place());
    if (!state_.done) {
      ProductTables tables(connection_, configuration_, plan);
      CsvReader reader(file.descriptor(), limitsOf(configuration_), state_.place);
      while (!state_.done) importChunk(reader, file, plan, tables);
    }
    std::cout << file.name() << ": " << state_.rows() << " rows: " << state_.imported << " imported, "
              << state_.updated << " updated, " << state_.skipped << " skipped" << std::endl;
    run_.setResults(resultsText(state_));
  }

 private:
  // Decides where to start, and tells so.
  void begin(const ProductFile& file, const HeaderPlan& plan, const CsvPlace& afterHeader) {
    auto earlier = takeOver();
    state_.file = file.name();
    state_.fileBytes = file.bytes();
    state_.fileModifiedNs = file.modifiedNs();
    state_.headerHash = plan.hash;
    state_.place = afterHeader;
    std::cout << file.name() << ": " << file.bytes() << " bytes";
    if (earlier && earlier->isOfSameFile(state_)) {
      state_ = std::move(*earlier);
      state_.resumed = state_.resumed || !state_.done;
      std::cout << (state_.done ? ", imported already by an earlier run" : ", resumed at line ");
      if (!state_.done) std::cout << state_.place.line << ", byte " << state_.place.position;
    } else if (earlier) {
      std::cout << ", another file than the earlier run's: from the beginning";
    }
    std::cout << std::endl;
    for (const std::string& ignored : plan.ignored)
      std::cout << "ignored: column \"" << ignored << "\"" << std::endl;
  }

  std::optional<ImportState> takeOver() {
    for (int number = 1;; ++number) {
      try {
        return checkpoint_.takeOver();
      } catch (const Connection::Transient&) {
        if (number == kTries) throw;
      }
      waitBeforeTry(number);
    }
  }

  void importChunk(CsvReader& reader, const ProductFile& file, const HeaderPlan& plan,
                   ProductTables& tables) {
    if (run_.isCancelled()) {
      throw TaskError("cancelled", "the import was asked to stop; it has imported " +
                                       std::to_string(state_.rows()) + " rows and would go on behind them");
    }
    Chunk chunk = readChunk(reader, plan);
    if (chunk.state.done && file.hasChanged()) {
      throw TaskError("file_changed",
                      "the file was changed while it was imported; the next run begins again");
    }
    commitChunk(chunk, tables);
    report();
  }

  Chunk readChunk(CsvReader& reader, const HeaderPlan& plan) {
    Chunk chunk;
    chunk.state = state_;
    CsvRow row;
    std::size_t bytes = 0;
    for (int count = 0; count < configuration_.chunkRows && bytes < kChunkBytes; ++count) {
      if (!reader.next(row)) {
        chunk.state.done = true;
        break;
      }
      auto product = productOf(row, plan);
      if (auto* reason = std::get_if<std::string>(&product)) {
        skip(chunk.state, {row.line, std::move(*reason)});
      } else {
        chunk.rows.push_back(std::move(std::get<ProductRow>(product)));
        bytes += chunk.rows.back().bytes();
      }
    }
    chunk.state.place = reader.place();
    return chunk;
  }

  void skip(ImportState& state, SkippedRow row) const {
    ++state.skipped;
    if (static_cast<int>(state.skippedRows.size()) < configuration_.skippedListed) {
      state.skippedRows.push_back(std::move(row));
    }
  }

  void commitChunk(const Chunk& chunk, ProductTables& tables) {
    for (int number = 1; !tryChunk(chunk, tables, number == kTries); ++number) waitBeforeTry(number);
  }

  // False when it was rolled back and may pass if repeated.
  bool tryChunk(const Chunk& chunk, ProductTables& tables, bool isLastTry) {
    ImportState next = chunk.state;
    auto now = countedTo_;
    try {
      store::Transaction transaction(connection_);
      checkpoint_.lock();
      const ProductTables::Written written = tables.write(chunk.rows);
      next.imported += written.imported;
      next.updated += written.updated;
      now = std::chrono::steady_clock::now();
      next.milliseconds += std::chrono::duration_cast<std::chrono::milliseconds>(now - countedTo_).count();
      checkpoint_.write(next);
      transaction.commit();
    } catch (const Connection::CommitUnknown&) {
      if (!checkpoint_.holds(next)) {
        if (isLastTry) throw;
        return false;
      }
    } catch (const StoreError& error) {
      if (!mayPass(error) || isLastTry) throw;
      return false;
    }
    state_ = std::move(next);
    countedTo_ = now;
    return true;
  }

  void report() {
    constexpr std::int64_t kWhole = 100;
    const std::int64_t bytes = std::max<std::int64_t>(state_.fileBytes, 1);
    const auto percents = std::min(kWhole, state_.place.position * kWhole / bytes);
    run_.setProgress(static_cast<int>(percents), std::to_string(state_.rows()) + " rows, " +
                                                     megabytes(state_.place.position) + " of " +
                                                     megabytes(state_.fileBytes) + " MB");
  }

  TaskRun& run_;
  const platform::ProductImportConfiguration& configuration_;
  Connection& connection_;
  Checkpoint checkpoint_;
  ImportState state_;  // as it is committed
  std::chrono::steady_clock::time_point countedTo_ =
      std::chrono::steady_clock::now();  // in state_.milliseconds
};

class ProductImport : public ITaskHandler {
 public:
  ProductImport(platform::ProductImportConfiguration configuration, store::ConnectionSettings settings,
                store::TableNames names)
      : configuration_(std::move(configuration)), settings_(std::move(settings)), names_(std::move(names)) {}

  void handleTaskRun(TaskRun& run) override {
    const json::Document data = dataOf(run);
    const std::string file(json::textMember(data, "File").value_or(""));
    try {
      Connection connection(settings_, names_);
      Import(run, configuration_, connection).importFile(file);
    } catch (const StoreError& error) {
      throw TaskError("database", error.what());
    }
  }

 private:
  platform::ProductImportConfiguration configuration_;
  store::ConnectionSettings settings_;
  store::TableNames names_;
};

}  // namespace

HandlerEntry makeProductImport(const platform::ProductImportConfiguration& configuration,
                               store::ConnectionSettings settings, store::TableNames names) {
  HandlerEntry entry;
  entry.taskHandlerClass = "ProductImport";
  entry.dataSchema = kDataSchema;
  entry.handler = std::make_unique<ProductImport>(configuration, std::move(settings), std::move(names));
  return entry;
}

}  // namespace taskqueue::handlers
