#include "runner/handlers/import/import_state.h"

#include <cmath>

#include "module/json/read.h"
#include "module/json/writer.h"

namespace taskqueue::handlers {
namespace {

// These limits exceed the needs of the longest list of skipped rows.
constexpr json::Limits kCheckpointLimits{.bytes = 16 << 20, .depth = 8, .members = 100000};

void writeSkippedRows(json::Writer& to, const ImportState& state) {
  to.key("SkippedRows").startArray();
  for (const SkippedRow& row : state.skippedRows) {
    to.startObject().member("Line", row.line).member("Reason", row.reason).endObject();
  }
  to.endArray();
}

bool boolMember(const json::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsTrue();
}

std::vector<SkippedRow> readSkippedRows(const json::Value& object) {
  std::vector<SkippedRow> rows;
  const auto found = object.FindMember("SkippedRows");
  if (found == object.MemberEnd() || !found->value.IsArray()) return rows;
  for (const json::Value& row : found->value.GetArray()) {
    rows.push_back({json::integerMember(row, "Line").value_or(0),
                    std::string(json::textMember(row, "Reason").value_or(""))});
  }
  return rows;
}

}  // namespace

bool ImportState::isOfSameFile(const ImportState& other) const {
  return file == other.file && fileBytes == other.fileBytes && fileModifiedNs == other.fileModifiedNs &&
         headerHash == other.headerHash;
}

std::string checkpointText(const ImportState& state) {
  json::Writer to;
  to.startObject()
      .member("Position", state.place.position)
      .member("Line", state.place.line)
      .member("File", state.file)
      .member("FileBytes", state.fileBytes)
      .member("FileModifiedNs", state.fileModifiedNs)
      .member("HeaderHash", state.headerHash)
      .member("Imported", state.imported)
      .member("Updated", state.updated)
      .member("Skipped", state.skipped);
  writeSkippedRows(to, state);
  to.member("SkippedRunId", state.skippedFile.runId)
      .member("SkippedParts", state.skippedFile.parts)
      .member("SkippedBytes", state.skippedFile.bytes)
      .member("SkippedCut", state.skippedFile.isCut)
      .member("RunMs", state.milliseconds)
      .member("Resumed", state.resumed)
      .member("Done", state.done)
      .endObject();
  return to.text();
}

std::optional<ImportState> readCheckpoint(std::string_view text) {
  const auto read = json::read(text, kCheckpointLimits);
  const auto* document = std::get_if<json::Document>(&read);
  if (document == nullptr) return std::nullopt;
  const auto position = json::integerMember(*document, "Position");
  const auto line = json::integerMember(*document, "Line");
  const auto file = json::textMember(*document, "File");
  const auto hash = json::textMember(*document, "HeaderHash");
  if (!position || !line || !file || !hash) return std::nullopt;
  const auto number = [&](const char* name) { return json::integerMember(*document, name).value_or(0); };
  ImportState state;
  state.file = *file;
  state.fileBytes = number("FileBytes");
  state.fileModifiedNs = number("FileModifiedNs");
  state.headerHash = *hash;
  state.place = {*position, *line};
  state.imported = number("Imported");
  state.updated = number("Updated");
  state.skipped = number("Skipped");
  state.skippedRows = readSkippedRows(*document);
  state.skippedFile = {static_cast<int>(number("SkippedRunId")), static_cast<int>(number("SkippedParts")),
                       number("SkippedBytes"), boolMember(*document, "SkippedCut")};
  state.milliseconds = number("RunMs");
  state.resumed = boolMember(*document, "Resumed");
  state.done = boolMember(*document, "Done");
  return state;
}

std::string resultsText(const ImportState& state, bool isDryRun, std::string_view fileName) {
  json::Writer to;
  to.startObject();
  if (isDryRun) to.member("DryRun", true);
  to.member("Imported", state.imported).member("Updated", state.updated).member("Skipped", state.skipped);
  writeSkippedRows(to, state);
  if (state.skippedFile.parts > 0) to.member("SkippedFile", fileName);
  if (state.skippedFile.isCut) to.member("SkippedFileIsCut", true);
  constexpr double kTenth = 100;  // milliseconds
  const double seconds = std::round(static_cast<double>(state.milliseconds) / kTenth) / 10;
  to.member("Rows", state.rows()).member("Seconds", seconds).member("Resumed", state.resumed).endObject();
  return to.text();
}

}  // namespace taskqueue::handlers
