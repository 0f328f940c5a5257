#include "runner/handlers/import/import_run.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <random>
#include <thread>
#include <utility>

#include "runner/handlers/import/utf8.h"

namespace taskqueue::handlers {
namespace {

using store::Connection;
using store::Transaction;

constexpr int kTriesOfConflict = 5;  // per transaction: another session may have taken the same key
constexpr std::chrono::milliseconds kFirstWait{20};
constexpr std::chrono::milliseconds kLongestWait{1000};
constexpr std::chrono::seconds kRepeatFor{60};  // repeats last this long while other sessions hold the locks
constexpr std::chrono::seconds kPutOff{30};     // then the run is snoozed for this long
// Longest excerpt of an error, or of a field too large for the list.
constexpr std::size_t kShownValueBytes = 300;
constexpr std::int64_t kMinRowBytes = 1 << 20;
constexpr std::int64_t kFieldsInARow = 8;  // number of largest fields that fit into one row

std::string megabytes(std::int64_t bytes) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(bytes) / 1e6);
  return text.data();
}

CsvLimits limitsOf(const platform::ImportConfiguration& configuration) {
  return {configuration.fieldBytes, std::max(kMinRowBytes, kFieldsInARow * configuration.fieldBytes)};
}

// The waits are random, so that two imports that blocked each other do not collide again.
void waitBeforeTry(int number) {
  static std::minstd_rand chances{std::random_device{}()};
  constexpr int kMaxDoublings = 6;
  const auto longest = std::min(kFirstWait * (1 << std::min(number - 1, kMaxDoublings)), kLongestWait);
  std::this_thread::sleep_for(longest * std::uniform_real_distribution<double>(0.5, 1)(chances));
}

bool isHeldUp(const StoreError& error) {
  return dynamic_cast<const Connection::Transient*>(&error) != nullptr;
}

bool isTooLarge(const StoreError& error) {
  return dynamic_cast<const TooLargeForServer*>(&error) != nullptr;
}

bool isAboutARow(const StoreError& error) {
  return error.kind() == StoreError::Kind::Conflict || isTooLarge(error) ||
         dynamic_cast<const Connection::RowRefused*>(&error) != nullptr;
}

// Repeats a transaction while the error is temporary. A run that others block for too long is snoozed. This
// costs no try, and the run continues after its last chunk.
template <typename Body>
void repeated(Body body) {
  const auto end = std::chrono::steady_clock::now() + kRepeatFor;
  for (int number = 1;; ++number) {
    try {
      return body();
    } catch (const StoreError& error) {
      const bool isConflict = error.kind() == StoreError::Kind::Conflict && number < kTriesOfConflict;
      if (!isConflict && !isHeldUp(error)) throw;
      if (std::chrono::steady_clock::now() >= end) {
        std::cout << "put off, since other sessions hold the rows: " << error.what() << std::endl;
        throw Snooze(kPutOff);
      }
    }
    waitBeforeTry(number);
  }
}

// Returns the fields as in the file, without the columns that the import ignores.
std::vector<std::string> makeFields(const ImportRow& row, const HeaderPlan& plan) {
  std::vector<std::string> fields(plan.headers.size());
  for (std::size_t i = 0; i < plan.targets.size(); ++i) {
    fields[plan.targets[i].field] = row.cells[i].value_or("");
  }
  if (plan.referenceField) fields[*plan.referenceField] = row.reference;
  return fields;
}

}  // namespace

void ImportRun::importFile(const std::string& name) {
  const ImportFile file(configuration_.directory, name);
  CsvReader headerReader(file.descriptor(), limitsOf(configuration_));
  CsvRow header;
  if (!headerReader.next(header))
    throw GiveUp("csv_header", "the file is empty; its first row must be the header");
  const HeaderPlan plan = makePlan(header, configuration_, connection_);
  ImportTable table(connection_, configuration_, plan,
                    isDryRun_ ? ImportTable::Mode::Rehearsal : ImportTable::Mode::Import);
  checkEngines(plan);
  begin(file, plan, headerReader.place());
  importChunks(file, plan, table);
  reportEnd();
}

// A table without rollback keeps every write, so a dry run is impossible there. Each transaction writes a
// single row to it, so the checkpoint is off by one row at most.
void ImportRun::checkEngines(const HeaderPlan& plan) {
  for (const TableWithoutRollback& table : plan.withoutRollback) {
    const std::string what =
        "the table " + table.name + " is kept by " + table.engine + ", which does not roll back";
    if (isDryRun_) {
      throw GiveUp("database_schema", what + ": a dry run would write for good. ALTER TABLE " + table.name +
                                          " ENGINE=InnoDB, or import without DryRun");
    }
    std::cout << what << ": rows are written one by one; if the run dies, one row may be counted as updated "
              << "though it was imported" << std::endl;
  }
  isRowByRow_ = !plan.withoutRollback.empty();
}

void ImportRun::importChunks(const ImportFile& file, const HeaderPlan& plan, ImportTable& table) {
  if (state_.done) return;
  CsvReader reader(file.descriptor(), limitsOf(configuration_), state_.place);
  try {
    while (!state_.done) importChunk(reader, file, plan, table);
  } catch (const StoreError& error) {
    run_.setResults(resultsText(state_, isDryRun_, kSkippedFileName));
    throw TaskError("database", error.what() + describeStop());
  } catch (const GiveUp& error) {
    run_.setResults(resultsText(state_, isDryRun_, kSkippedFileName));
    throw GiveUp(error.code(), error.what() + describeStop());
  }
}

std::string ImportRun::describeStop() const {
  const std::string rows = std::to_string(state_.rows()) + " rows before it ";
  const std::string counts = std::to_string(state_.imported) + " imported, " +
                             std::to_string(state_.updated) + " updated, " + std::to_string(state_.skipped) +
                             " skipped";
  if (isDryRun_) return ". The " + rows + "were checked (" + counts + " as it would be), nothing is written";
  if (state_.rows() == 0) return ". Nothing is imported yet";
  return ". The " + rows + "are done (" + counts + "). A retry goes on at line " +
         std::to_string(state_.place.line) +
         "; when the file was changed, it begins anew, and updates the rows that are there";
}

// Decides where to start, and logs it.
void ImportRun::begin(const ImportFile& file, const HeaderPlan& plan, const CsvPlace& afterHeader) {
  std::optional<ImportState> earlier;
  repeated([&] { earlier = checkpoint_.takeOver(); });
  state_.file = file.name();
  state_.fileBytes = file.bytes();
  state_.fileModifiedNs = file.modifiedNs();
  state_.headerHash = plan.hash;
  state_.place = afterHeader;
  std::cout << file.name() << ": " << file.bytes() << " bytes";
  const bool resumes = earlier && earlier->isOfSameFile(state_) && !isDryRun_;
  if (resumes) {
    state_ = std::move(*earlier);
    state_.resumed = state_.resumed || !state_.done;
    std::cout << (state_.done ? ", imported already by an earlier run" : ", resumed at line ");
    if (!state_.done) std::cout << state_.place.line << ", byte " << state_.place.position;
  } else if (isDryRun_) {
    std::cout << ", a dry run: what is written is rolled back";
  } else if (earlier) {
    std::cout << ", another file than the earlier run's: from the beginning";
  }
  std::cout << std::endl;
  for (const std::string& ignored : plan.ignored)
    std::cout << "ignored: column \"" << ignored << "\"" << std::endl;
  prepareFiles(resumes);
}

// The list of skipped lines continues where the import does.
void ImportRun::prepareFiles(bool resumes) {
  const int from = state_.skippedFile.runId;
  state_.skippedFile.runId = run_.id();
  if (resumes && from == run_.id()) return;
  repeated([&] {
    Transaction transaction(connection_);
    checkpoint_.lock();
    if (resumes) {
      files_.takeFrom(from);
      checkpoint_.write(state_);
    } else {
      files_.removeAll();
      checkpoint_.confirmRun();
    }
    transaction.commit();
  });
}

void ImportRun::importChunk(CsvReader& reader, const ImportFile& file, const HeaderPlan& plan,
                            ImportTable& table) {
  if (run_.isCancelled()) {
    throw TaskError("cancelled", "the import was asked to stop; it has read " +
                                     std::to_string(state_.rows()) + " rows" +
                                     (isDryRun_ ? "" : " and would go on behind them"));
  }
  Chunk chunk = readUnchanged(reader, file, plan);
  commitChunk(chunk, plan, table);
  report();
}

// While another program writes the file, neither its end nor its errors mean anything.
ImportRun::Chunk ImportRun::readUnchanged(CsvReader& reader, const ImportFile& file,
                                          const HeaderPlan& plan) const {
  const TaskError changed("file_changed",
                          "the file was changed while it was read; the next run begins again");
  try {
    Chunk chunk = readChunk(reader, plan);
    if (chunk.state.done && file.hasChanged()) throw changed;
    return chunk;
  } catch (const GiveUp&) {
    if (file.hasChanged()) throw changed;
    throw;
  }
}

ImportRun::Chunk ImportRun::readChunk(CsvReader& reader, const HeaderPlan& plan) const {
  Chunk chunk;
  chunk.state = state_;
  CsvRow row;
  std::size_t bytes = 0;
  const std::size_t maxBytes = connection_.batchBytes();
  for (int count = 0; count < configuration_.chunkRows && bytes + chunk.skippedText.size() < maxBytes;
       ++count) {
    if (isRowByRow_ && !chunk.rows.empty()) break;
    if (!reader.next(row)) {
      chunk.state.done = true;
      break;
    }
    auto made = rowOf(row, plan);
    if (auto* reason = std::get_if<std::string>(&made)) {
      skip(chunk, {row.line, std::move(*reason)}, row.fields, plan);
    } else {
      chunk.rows.push_back(std::move(std::get<ImportRow>(made)));
      chunk.lines.push_back(row.line);
      bytes += chunk.rows.back().bytes();
    }
  }
  chunk.state.place = reader.place();
  return chunk;
}

void ImportRun::skip(Chunk& chunk, SkippedRow row, const std::vector<std::string>& fields,
                     const HeaderPlan& plan) const {
  ImportState& state = chunk.state;
  ++state.skipped;
  SkippedLines(plan.headers, configuration_.skippedBytes)
      .add(row, fields, state.skippedFile, chunk.skippedText);
  if (static_cast<int>(state.skippedRows.size()) < configuration_.skippedListed) {
    state.skippedRows.push_back(std::move(row));
  }
}

void ImportRun::commitChunk(Chunk& chunk, const HeaderPlan& plan, ImportTable& table) {
  try {
    return repeated([&] { tryChunk(chunk, table); });
  } catch (const StoreError& error) {
    if (!isAboutARow(error)) throw;
  }
  skipRefused(chunk, plan, table);
  repeated([&] { tryChunk(chunk, table); });
}

// Finds rows that the table rejects because of another unique key or a constraint. It writes them one by one
// and rolls back.
void ImportRun::skipRefused(Chunk& chunk, const HeaderPlan& plan, ImportTable& table) {
  std::vector<std::string> reasons(chunk.rows.size());
  std::vector<bool> tooLarge(chunk.rows.size());  // also used for the list of skipped lines
  repeated([&] {
    const Transaction transaction(connection_);
    for (std::size_t i = 0; i < chunk.rows.size(); ++i) {
      try {
        reasons[i].clear();
        table.write({chunk.rows[i]});
      } catch (const StoreError& error) {
        if (!isAboutARow(error)) throw;
        reasons[i] = "the table refuses it: " + makeExcerpt(error.what(), kShownValueBytes);
        tooLarge[i] = isTooLarge(error);
      }
    }
  });
  std::vector<ImportRow> rows;
  std::vector<std::int64_t> lines;
  for (std::size_t i = 0; i < chunk.rows.size(); ++i) {
    if (!reasons[i].empty()) {
      std::vector<std::string> fields = makeFields(chunk.rows[i], plan);
      for (std::string& field : fields) {
        if (tooLarge[i]) field = makeExcerpt(field, kShownValueBytes);
      }
      skip(chunk, {chunk.lines[i], reasons[i]}, fields, plan);
      continue;
    }
    rows.push_back(std::move(chunk.rows[i]));
    lines.push_back(chunk.lines[i]);
  }
  chunk.rows = std::move(rows);
  chunk.lines = std::move(lines);
}

void ImportRun::tryChunk(const Chunk& chunk, ImportTable& table) {
  ImportState next = chunk.state;
  if (!chunk.skippedText.empty()) ++next.skippedFile.parts;
  const auto countedTo = countedTo_;
  try {
    table.remember(isDryRun_ ? rehearse(chunk, table, next) : write(chunk, table, next));
  } catch (const StoreError&) {
    countedTo_ = countedTo;
    throw;
  }
  state_ = std::move(next);
}

ImportTable::Written ImportRun::write(const Chunk& chunk, ImportTable& table, ImportState& next) {
  try {
    Transaction transaction(connection_);
    checkpoint_.lock();
    if (isRowByRow_) checkpoint_.confirmRun();  // after the change the check would be too late
    ImportTable::Written written = table.write(chunk.rows);
    next.imported += written.imported;
    next.updated += written.updated;
    appendSkipped(chunk, next);
    countTime(next);
    checkpoint_.write(next);
    transaction.commit();
    return written;
  } catch (const Connection::CommitUnknown&) {
    bool holds = false;
    repeated([&] { holds = checkpoint_.holds(next); });
    if (holds) return {};
    throw Connection::Transient("the connection broke before the chunk was committed", false, false);
  }
}

ImportTable::Written ImportRun::rehearse(const Chunk& chunk, ImportTable& table, ImportState& next) {
  ImportTable::Written written;
  {
    const Transaction transaction(connection_);  // its destructor rolls back
    written = table.write(chunk.rows);
  }
  next.imported += written.imported;
  next.updated += written.updated;
  Transaction transaction(connection_);
  checkpoint_.lock();
  appendSkipped(chunk, next);
  countTime(next);
  checkpoint_.confirmRun();
  transaction.commit();
  return written;
}

void ImportRun::appendSkipped(const Chunk& chunk, const ImportState& next) {
  if (chunk.skippedText.empty()) return;
  files_.append(std::string(kSkippedFileName), std::string(kSkippedFileType), next.skippedFile.parts - 1,
                chunk.skippedText);
}

void ImportRun::countTime(ImportState& next) {
  const auto now = std::chrono::steady_clock::now();
  next.milliseconds += std::chrono::duration_cast<std::chrono::milliseconds>(now - countedTo_).count();
  countedTo_ = now;
}

void ImportRun::report() {
  const bool isBetween = isRowByRow_ && state_.rows() % configuration_.chunkRows != 0;
  if (isBetween && !state_.done) return;
  constexpr std::int64_t kWhole = 100;
  const std::int64_t bytes = std::max<std::int64_t>(state_.fileBytes, 1);
  const auto percents = std::min(kWhole, state_.place.position * kWhole / bytes);
  run_.setProgress(static_cast<int>(percents), std::to_string(state_.rows()) + " rows, " +
                                                   megabytes(state_.place.position) + " of " +
                                                   megabytes(state_.fileBytes) + " MB");
}

void ImportRun::reportEnd() {
  const char* const words = isDryRun_ ? " would be " : " ";
  std::cout << state_.file << ": " << state_.rows() << " rows: " << state_.imported << words << "imported, "
            << state_.updated << words << "updated, " << state_.skipped << words << "skipped" << std::endl;
  if (state_.skippedFile.isCut) {
    std::cout << kSkippedFileName << " has reached " << configuration_.section
              << ".skipped_bytes: later lines are left out" << std::endl;
  }
  run_.setResults(resultsText(state_, isDryRun_, kSkippedFileName));
}

}  // namespace taskqueue::handlers
