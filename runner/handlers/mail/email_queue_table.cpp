#include "runner/handlers/mail/email_queue_table.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "module/json/writer.h"
#include "module/queue/utf8_text.h"
#include "runner/handlers/cms_table.h"
#include "runner/handlers/mail/php_headers.h"
#include "runner/handlers/mail/send_mail.h"
#include "runner/mail/encoding.h"

namespace taskqueue::handlers {
namespace {

constexpr std::int64_t kBatchBytes = 4 << 20;  // of mails in one transaction
constexpr std::size_t kTitleBytes = 255;

std::string listOf(const std::vector<std::int64_t>& keys) {
  std::string list;
  for (const std::int64_t key : keys) list.append(list.empty() ? "" : ", ").append(std::to_string(key));
  return list;
}

// As PHP's serialize() makes them, or as they stand in a mail. Nothing when it is the former and cannot be
// read: a mail without its headers would be another one.
std::optional<std::vector<mail::HeaderField>> headersOf(const std::string& text) {
  if (isSerializedByPhp(text)) return parsePhpHeaders(text);
  return mail::parseHeaders(text);
}

std::string dataOf(const std::string& to, const std::string& subject,
                   const std::vector<mail::HeaderField>& headers, const std::string& body) {
  json::Writer data;
  data.startObject().member("To", to).member("Subject", subject).key("Headers").startArray();
  for (const auto& field : headers) {
    data.value(mail::withoutControls(field.name + ": " + field.value));
  }
  return data.endArray().member("Body", body).endObject().text();
}

}  // namespace

EmailQueueTable::EmailQueueTable(store::Connection& connection,
                                 const platform::EmailQueueConfiguration& configuration,
                                 const HandlerSettings& ofSendMail, std::int64_t taskDataBytes)
    : connection_(connection),
      ofSendMail_(ofSendMail),
      taskDataBytes_(taskDataBytes),
      name_(connection.names().prefix() + configuration.table),
      table_(quoted(name_)),
      key_(quoted(configuration.keyColumn)) {
  const std::string headers = quoted(configuration.headersColumn);
  const std::string body = quoted(configuration.bodyColumn);
  lockNext_ = "SELECT " + key_ + ", COALESCE(LENGTH(" + headers + "), 0) + COALESCE(LENGTH(" + body +
              "), 0) FROM " + table_ + " WHERE " + key_ + " > ? ORDER BY " + key_ + " LIMIT " +
              std::to_string(configuration.batchRows) + " FOR UPDATE SKIP LOCKED";
  columns_ = key_ + ", " + quoted(configuration.toColumn) + ", " + quoted(configuration.subjectColumn) +
             ", " + headers + ", " + body;
}

std::int64_t EmailQueueTable::countRows() {
  return connection_.queryText("SELECT COUNT(*) FROM " + table_).at(0).integer();
}

bool EmailQueueTable::rollsBack() {
  return CmsTable(connection_, name_, "email_queue").rollsBack();
}

std::int64_t EmailQueueTable::mostBytes() const {
  return std::min(taskDataBytes_, static_cast<std::int64_t>(connection_.roomBytes()));
}

EmailQueueTable::Batch EmailQueueTable::read(std::int64_t after) {
  Batch batch;
  const auto keys = lockNext(after, batch);
  if (keys.empty()) return batch;
  for (store::Row& row : connection_.queryText("SELECT " + columns_ + " FROM " + table_ + " WHERE " + key_ +
                                               " IN (" + listOf(keys) + ") ORDER BY " + key_)) {
    addTasks(row, batch, batch.done);
    if (batch.rowOfTask.size() < batch.tasks.size())
      batch.rowOfTask.resize(batch.tasks.size(), batch.done.back());
  }
  return batch;
}

std::size_t EmailQueueTable::remove(const Batch& batch) {
  if (batch.done.empty()) return 0;
  const auto removed = connection_.executeText(
      "DELETE FROM " + table_ + " WHERE " + key_ + " IN (" + listOf(batch.done) + ")", {});
  return static_cast<std::size_t>(removed);
}

// The key of the row is part of it: two rows with the same mail are two mails. So is the mail: a table that
// was emptied may give the same key to another one.
void EmailQueueTable::makeUnique(Batch& batch) const {
  constexpr int kSeconds = 7 * 24 * 3600;
  int ofRow = 0;
  for (std::size_t i = 0; i < batch.tasks.size(); ++i) {
    ofRow = i > 0 && batch.rowOfTask[i] == batch.rowOfTask[i - 1] ? ofRow + 1 : 0;
    NewTask& task = batch.tasks[i];
    task.uniqueKey = name_ + "/" + std::to_string(batch.rowOfTask[i]) + "/" + std::to_string(ofRow) + "/" +
                     std::to_string(std::hash<std::string>{}(task.taskData));
    task.uniqueMode = UniqueMode::Window;
    task.uniqueSeconds = kSeconds;
  }
}

// Keys of mails that fit into one transaction.
std::vector<std::int64_t> EmailQueueTable::lockNext(std::int64_t after, Batch& batch) {
  std::vector<std::int64_t> keys;
  auto rows = connection_.queryText(lockNext_, {after});
  batch.atEnd = rows.empty();
  batch.lastKey = after;
  std::int64_t sum = 0;
  for (store::Row& row : rows) {
    const std::int64_t key = row.integer();
    const std::int64_t bytes = row.integer();
    if (!keys.empty() && sum + bytes > kBatchBytes) break;
    batch.lastKey = key;
    if (bytes > mostBytes()) {
      batch.tooLarge.push_back(key);
      continue;
    }
    keys.push_back(key);
    sum += bytes;
  }
  return keys;
}

void EmailQueueTable::addTasks(store::Row& row, Batch& batch, std::vector<std::int64_t>& done) {
  const std::int64_t key = row.integer();
  const std::string to = mail::validUtf8(row.text());
  const std::string subject = mail::validUtf8(row.text());
  const auto headers = headersOf(mail::validUtf8(row.text()));
  const std::string body = mail::validUtf8(row.text());
  if (!headers) {
    batch.unreadable.push_back(key);
    return;
  }
  auto recipients = mail::splitMailboxes(to);
  if (recipients.empty()) recipients.push_back(to);  // its task says what is wrong with it
  std::vector<NewTask> tasks;
  for (const std::string& recipient : recipients) {
    NewTask task;
    task.taskHandlerClass = kSendMail;
    task.taskData = dataOf(recipient, subject, *headers, body);
    task.title = cutAtCharacter(mail::withoutControls(recipient + ": " + subject), kTitleBytes);
    ofSendMail_.complete(task);
    if (static_cast<std::int64_t>(task.taskData.size()) > mostBytes()) {
      batch.tooLarge.push_back(key);
      return;
    }
    tasks.push_back(std::move(task));
  }
  done.push_back(key);
  for (NewTask& task : tasks) batch.tasks.push_back(std::move(task));
}

}  // namespace taskqueue::handlers
