#include "runner/handlers/mail/email_queue_table.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "module/json/writer.h"
#include "module/queue/utf8_text.h"
#include "runner/handlers/cms_table.h"
#include "runner/handlers/mail/php_headers.h"
#include "runner/handlers/mail/send_mail.h"

namespace taskqueue::handlers {
namespace {

constexpr std::int64_t kBatchBytes = 4 << 20;  // size of the mails in one transaction
constexpr std::size_t kTitleBytes = 255;

std::string listOf(const std::vector<std::int64_t>& keys) {
  std::string list;
  for (const std::int64_t key : keys) list.append(list.empty() ? "" : ", ").append(std::to_string(key));
  return list;
}

// Splits headers in mail format; each entry includes its folded lines.
std::vector<std::string> headerLines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t first = 0; first < text.size();) {
    auto end = first;
    do {
      end = text.find_first_of("\r\n", end);
      if (end == std::string::npos) end = text.size();
      end = end < text.size() && text[end] == '\r' && text[end + 1] == '\n' ? end + 2 : end + 1;
    } while (end < text.size() && (text[end] == ' ' || text[end] == '\t'));
    lines.push_back(text.substr(first, end - first));
    while (lines.back().ends_with('\n') || lines.back().ends_with('\r')) lines.back().pop_back();
    if (lines.back().empty()) lines.pop_back();
    first = end;
  }
  return lines;
}

// Reads headers from PHP's serialize() or from mail format. Returns nothing for unreadable serialized
// headers, because a mail without its headers would be a different mail.
std::optional<std::vector<std::string>> headersOf(const std::string& text) {
  if (isSerializedByPhp(text)) return parsePhpHeaders(text);
  return headerLines(text);
}

bool isSubject(const std::string& line) {
  constexpr std::string_view kName = "subject:";
  return line.size() >= kName.size() &&
         std::equal(kName.begin(), kName.end(), line.begin(), [](char name, char c) {
           return name == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
         });
}

// The subject in the headers wins; the column only repeats it for display.
std::string dataOf(const std::string& to, const std::string& subject, const std::vector<std::string>& headers,
                   const std::string& body) {
  json::Writer data;
  data.startObject().member("To", to);
  if (std::none_of(headers.begin(), headers.end(), &isSubject)) data.member("Subject", subject);
  data.key("Headers").startArray();
  for (const std::string& line : headers) data.value(line);
  return data.endArray().member("Body", body).endObject().text();
}

// A title must be one line.
std::string titleOf(const std::string& to, const std::string& subject) {
  std::string title = to + ": " + subject;
  std::replace_if(
      title.begin(), title.end(), [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, ' ');
  return std::string(cutAtCharacter(title, kTitleBytes));
}

}  // namespace

EmailQueueTable::EmailQueueTable(store::Connection& connection,
                                 const platform::EmailQueueConfiguration& configuration,
                                 const HandlerSettings& ofSendMail, std::int64_t taskDataBytes)
    : connection_(connection),
      ofSendMail_(ofSendMail),
      taskDataBytes_(taskDataBytes),
      name_(connection.names().prefix() + configuration.table),
      table_(quotedIdentifier(name_)),
      key_(quotedIdentifier(configuration.keyColumn)) {
  const std::string headers = quotedIdentifier(configuration.headersColumn);
  const std::string body = quotedIdentifier(configuration.bodyColumn);
  lockNext_ = "SELECT " + key_ + ", COALESCE(LENGTH(" + headers + "), 0) + COALESCE(LENGTH(" + body +
              "), 0) FROM " + table_ + " WHERE " + key_ + " > ? ORDER BY " + key_ + " LIMIT " +
              std::to_string(configuration.batchRows) + " FOR UPDATE SKIP LOCKED";
  columns_ = key_ + ", " + quotedIdentifier(configuration.toColumn) + ", " +
             quotedIdentifier(configuration.subjectColumn) + ", " + headers + ", " + body;
}

std::int64_t EmailQueueTable::countRows() {
  return connection_.queryText("SELECT COUNT(*) FROM " + table_).at(0).integer();
}

bool EmailQueueTable::rollsBack() {
  return CmsTable(connection_, name_, "email_queue").rollsBack();
}

std::int64_t EmailQueueTable::maxBytes() const {
  return std::min(taskDataBytes_, static_cast<std::int64_t>(connection_.statementBytes()));
}

EmailQueueTable::Batch EmailQueueTable::read(std::int64_t after) {
  Batch batch;
  const auto keys = lockNext(after, batch);
  if (keys.empty()) return batch;
  for (store::Row& row : connection_.queryText("SELECT " + columns_ + " FROM " + table_ + " WHERE " + key_ +
                                               " IN (" + listOf(keys) + ") ORDER BY " + key_)) {
    addTask(row, batch);
  }
  return batch;
}

std::size_t EmailQueueTable::remove(const Batch& batch) {
  if (batch.done.empty()) return 0;
  const auto removed = connection_.executeText(
      "DELETE FROM " + table_ + " WHERE " + key_ + " IN (" + listOf(batch.done) + ")", {});
  return static_cast<std::size_t>(removed);
}

// The unique key contains the row's key, because two rows with equal mails are two mails. It also contains
// the mail, because an emptied table may reuse row keys.
void EmailQueueTable::makeUnique(Batch& batch) const {
  constexpr int kSeconds = 7 * 24 * 3600;
  for (std::size_t i = 0; i < batch.tasks.size(); ++i) {
    NewTask& task = batch.tasks[i];
    task.uniqueKey = name_ + "/" + std::to_string(batch.done[i]) + "/" +
                     std::to_string(std::hash<std::string>{}(task.taskData));
    task.uniqueMode = UniqueMode::Window;
    task.uniqueSeconds = kSeconds;
  }
}

// Returns the row keys of mails that fit into one transaction.
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
    if (bytes > maxBytes()) {
      batch.tooLarge.push_back(key);
      continue;
    }
    keys.push_back(key);
    sum += bytes;
  }
  return keys;
}

void EmailQueueTable::addTask(store::Row& row, Batch& batch) {
  const std::int64_t key = row.integer();
  const std::string to = row.text();
  const std::string subject = row.text();
  const std::string headerText = row.text();
  const std::string body = row.text();
  const auto headers = headersOf(headerText);
  const bool isText = !firstInvalidUtf8(to) && !firstInvalidUtf8(subject) && !firstInvalidUtf8(headerText) &&
                      !firstInvalidUtf8(body);
  if (!headers || !isText) {
    batch.unreadable.push_back(key);
    return;
  }
  NewTask task;
  task.taskHandlerClass = kSendMail;
  task.taskData = dataOf(to, subject, *headers, body);
  task.title = titleOf(to, subject);
  ofSendMail_.complete(task);
  if (static_cast<std::int64_t>(task.taskData.size()) > maxBytes()) {
    batch.tooLarge.push_back(key);
    return;
  }
  batch.done.push_back(key);
  batch.tasks.push_back(std::move(task));
}

}  // namespace taskqueue::handlers
