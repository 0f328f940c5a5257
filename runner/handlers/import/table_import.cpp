#include "runner/handlers/import/table_import.h"

#include <utility>

#include "runner/handlers/import/import_run.h"
#include "runner/handlers/task_data.h"

namespace taskqueue::handlers {
namespace {

constexpr const char* kTableImportSchema =
    R"({"type":"object","required":["File"],"properties":{"File":{"type":"string",)"
    R"("minLength":1,"maxLength":1000},"DryRun":{"type":"boolean"}},"additionalProperties":false})";

class TableImport : public ITaskHandler {
 public:
  TableImport(platform::ImportConfiguration configuration, store::ConnectionSettings settings,
              store::TableNames names)
      : configuration_(std::move(configuration)), settings_(std::move(settings)), names_(std::move(names)) {}

  void handleTaskRun(TaskRun& run) override {
    const json::Document data = dataOf(run);
    const std::string file(json::textMember(data, "File").value_or(""));
    const auto dryRun = data.FindMember("DryRun");
    const bool isDryRun = dryRun != data.MemberEnd() && dryRun->value.IsTrue();
    try {
      store::Connection connection(settings_, names_);
      ImportRun(run, configuration_, connection, isDryRun).importFile(file);
    } catch (const StoreError& error) {
      throw TaskError("database", error.what());
    }
  }

 private:
  platform::ImportConfiguration configuration_;
  store::ConnectionSettings settings_;
  store::TableNames names_;
};

}  // namespace

HandlerEntry makeTableImport(const platform::ImportConfiguration& configuration,
                             store::ConnectionSettings settings, store::TableNames names) {
  HandlerEntry entry;
  entry.taskHandlerClass = configuration.taskHandlerClass;
  entry.dataSchema = kTableImportSchema;
  entry.handler = std::make_unique<TableImport>(configuration, std::move(settings), std::move(names));
  return entry;
}

}  // namespace taskqueue::handlers
