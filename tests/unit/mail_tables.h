// The tables and the SMTP server for the tests of the handlers of mail.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "module/json/task_data.h"
#include "module/platform/failpoint.h"
#include "runner/handlers/mail/email_queue.h"
#include "runner/handlers/mail/php_headers.h"
#include "runner/handlers/mail/send_mail.h"
#include "runner/handlers/mail/send_rate.h"
#include "tests/support/database_environment.h"
#include "tests/support/eventually.h"
#include "tests/support/given_run.h"
#include "tests/support/smtp_server.h"

namespace taskqueue::handlers::mail_tests {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using store::Connection;
using store::Row;
using test_support::endOf;
using test_support::GivenRun;
using test_support::SharedSmtpServer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

inline constexpr const char* kDatabase = "mail_tests";

inline platform::SmtpConfiguration smtpOf(const SharedSmtpServer& server) {
  platform::SmtpConfiguration smtp;
  smtp.url = server.url();
  smtp.requireTls = false;
  smtp.from = "Site <site@site.example>";
  smtp.sendLimit = 20s;
  return smtp;
}

class MailTables : public ::testing::Test {
 protected:
  MailTables() {
    static const bool made = makeDatabase();
    EXPECT_TRUE(made);
    test_support::emptyTables(eye_);
    eye_.queryText("DELETE FROM inp_EmailQueue");
    configuration_.smtp = smtpOf(server_);
  }

  static bool makeDatabase() {
    test_support::sharedServer().createDatabase(kDatabase);
    test_support::migrate(kDatabase);
    std::ifstream file(TASKQUEUE_CMS_FIXTURE);
    std::string sql;
    for (std::string line; std::getline(file, line);) {
      if (!line.starts_with("--")) sql += line + "\n";
    }
    for (auto at = sql.find("%PREFIX%"); at != std::string::npos; at = sql.find("%PREFIX%")) {
      sql.replace(at, 8, "inp_");
    }
    Connection connection(settings(), test_support::cmsNames());
    std::istringstream statements(sql);
    for (std::string statement; std::getline(statements, statement, ';');) {
      if (statement.find("CREATE") != std::string::npos) connection.queryText(statement);
    }
    return true;
  }
  void queue(const std::string& to, const std::string& headers = "", const std::string& body = "Hi") {
    eye_.executeText(
        "INSERT INTO inp_EmailQueue (ToEmail, Subject, MessageHeaders, MessageBody, Queued) "
        "VALUES (?, 'Order \xE2\x82\xAC', ?, ?, UNIX_TIMESTAMP())",
        {to, headers, body});
  }
  std::string move() {
    const auto entry = makeEmailQueue(configuration_, settings(), test_support::cmsNames());
    GivenRun run("{}");
    const std::string end = endOf(*entry.handler, run);
    results_ = run.results;
    return end;
  }
  std::vector<std::string> column(const std::string& sql) {
    std::vector<std::string> texts;
    for (Row& row : eye_.queryText(sql)) texts.push_back(row.text());
    return texts;
  }
  std::int64_t count(const std::string& from) {
    return eye_.queryText("SELECT COUNT(*) FROM " + from).at(0).integer();
  }
  static store::ConnectionSettings settings() { return test_support::settingsFor(kDatabase); }

  SharedSmtpServer server_;
  Connection eye_{settings(), test_support::cmsNames()};
  platform::Configuration configuration_;
  std::string results_;
};

class SendMailLaws : public MailTables {
 protected:
  std::string endOfMail(const std::string& data) {
    EXPECT_THAT(json::checkTaskData(data, entry_.dataSchema, {}), IsEmpty());
    GivenRun run(data);
    const std::string end = endOf(*entry_.handler, run);
    results_ = run.results;
    return end;
  }

  HandlerEntry entry_ = makeSendMail(smtpOf(server_), settings(), test_support::cmsNames());
  std::string results_;
};

}  // namespace taskqueue::handlers::mail_tests
