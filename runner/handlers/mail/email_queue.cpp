#include "runner/handlers/mail/email_queue.h"

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <utility>

#include "module/json/writer.h"
#include "module/platform/random.h"
#include "module/platform/wake.h"
#include "module/store/maria_store.h"
#include "runner/handlers/mail/email_queue_table.h"
#include "runner/handlers/mail/send_mail.h"

namespace taskqueue::handlers {
namespace {

constexpr const char* kEmailQueueSchema = R"({"type": "object", "additionalProperties": false})";
constexpr int kTokenBytes = 16;

class EmailQueue : public ITaskHandler {
 public:
  EmailQueue(const platform::Configuration& configuration, store::ConnectionSettings settings,
             store::TableNames names)
      : configuration_(configuration.emailQueue),
        ofSendMail_(sendMailSettings(configuration.smtp)),
        taskDataBytes_(configuration.limits.taskDataBytes),
        wakeDirectory_(configuration.runner.wakeDirectory),
        settings_(std::move(settings)),
        names_(std::move(names)) {}

  void handleTaskRun(TaskRun& run) override {
    moved_ = 0;
    tasks_ = 0;
    tooLarge_.clear();
    unreadable_.clear();
    try {
      moveAll(run);
    } catch (const StoreError& error) {
      throw TaskError("database", error.what());
    }
    listWhatStays();
  }

 private:
  void listWhatStays() const {
    std::string problem;
    if (!tooLarge_.empty())
      problem = std::to_string(tooLarge_.size()) + " mails are larger than limits.task_data_bytes (" +
                std::to_string(taskDataBytes_) + ") or than the database server's max_allowed_packet and " +
                whereTheyStay(tooLarge_);
    if (!unreadable_.empty())
      problem += (problem.empty() ? "the " : "; the ") + configuration_.headersColumn + " of " +
                 std::to_string(unreadable_.size()) +
                 " mails cannot be read: they are no serialized list of texts, or a text of the mail is no "
                 "UTF-8; these mails " +
                 whereTheyStay(unreadable_);
    if (!problem.empty()) throw GiveUp(tooLarge_.empty() ? "unreadable_headers" : "too_large", problem);
  }

  std::string whereTheyStay(const std::vector<std::int64_t>& keys) const {
    return "stay in " + names_.prefix() + configuration_.table + "; the first has " +
           configuration_.keyColumn + " " + std::to_string(keys.front());
  }

  void moveAll(TaskRun& run) {
    store::MariaStore store(
        settings_, names_, [] { return platform::randomHex(kTokenBytes); }, &platform::randomChance);
    EmailQueueTable table(store.connection(), configuration_, ofSendMail_, taskDataBytes_);
    const bool rollsBack = table.rollsBack();
    const std::int64_t waiting = table.countRows();
    EmailQueueTable::Batch batch;
    std::int64_t after = INT64_MIN;
    for (;;) {
      run.stopIfAsked("the mails that are left will be moved by the next run");
      const auto added =
          rollsBack ? moveTogether(store, table, after, batch) : moveApart(store, table, after, batch);
      if (batch.atEnd) break;
      after = batch.lastKey;
      moved_ += static_cast<std::int64_t>(batch.done.size());
      tasks_ += std::count_if(added.begin(), added.end(), [](const AddedTask& task) { return task.created; });
      tooLarge_.insert(tooLarge_.end(), batch.tooLarge.begin(), batch.tooLarge.end());
      unreadable_.insert(unreadable_.end(), batch.unreadable.begin(), batch.unreadable.end());
      tell(run, waiting);
    }
    tell(run, moved_);
    std::cout << moved_ << " mails moved" << std::endl;
  }

  // One transaction creates the tasks and deletes their rows.
  static std::vector<AddedTask> moveTogether(store::MariaStore& store, EmailQueueTable& table,
                                             std::int64_t after, EmailQueueTable::Batch& batch) {
    return store.tasks.insertTasksWith([&] {
      batch = table.read(after);
      if (table.remove(batch) != batch.done.size()) {
        throw store::Connection::Transient("rows of the e-mail queue vanished under their lock", false,
                                           false);
      }
      return batch.tasks;
    });
  }

  // When the table cannot roll back, rows are deleted after the tasks are committed. If the run dies in
  // between, the next run finds the existing tasks by their unique keys.
  static std::vector<AddedTask> moveApart(store::MariaStore& store, EmailQueueTable& table,
                                          std::int64_t after, EmailQueueTable::Batch& batch) {
    batch = table.read(after);
    if (batch.tasks.empty()) return {};
    table.makeUnique(batch);
    const InsertOutcome outcome = store.tasks.insertTasks(batch.tasks, std::nullopt);
    table.remove(batch);
    return outcome.tasks;
  }

  void tell(TaskRun& run, std::int64_t waiting) {
    json::Writer results;
    results.startObject().member("Moved", moved_).member("Tasks", tasks_);
    run.setResults(results.member("TooLarge", tooLarge_.size()).endObject().text());
    constexpr std::int64_t kWhole = 100;
    const auto percents = std::min(kWhole, kWhole * moved_ / std::max<std::int64_t>(waiting, 1));
    run.setProgress(static_cast<int>(percents), std::to_string(moved_) + " moved");
    if (tasks_ > 0) platform::wakeRunners(wakeDirectory_);
  }

  platform::EmailQueueConfiguration configuration_;
  HandlerSettings ofSendMail_;
  std::int64_t taskDataBytes_;
  std::string wakeDirectory_;
  store::ConnectionSettings settings_;
  store::TableNames names_;
  std::int64_t moved_ = 0;
  std::int64_t tasks_ = 0;
  std::vector<std::int64_t> tooLarge_;
  std::vector<std::int64_t> unreadable_;
};

}  // namespace

HandlerEntry makeEmailQueue(const platform::Configuration& configuration, store::ConnectionSettings settings,
                            store::TableNames names) {
  HandlerEntry entry;
  entry.taskHandlerClass = "EmailQueue";
  entry.dataSchema = kEmailQueueSchema;
  entry.settings.maxRunning = 1;
  entry.handler = std::make_unique<EmailQueue>(configuration, std::move(settings), std::move(names));
  return entry;
}

}  // namespace taskqueue::handlers
