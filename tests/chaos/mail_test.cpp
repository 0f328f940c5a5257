// The CMS's e-mail queue with real runners, a mail server that refuses and hangs up, and kills in between.
#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <iostream>
#include <map>
#include <set>

#include "tests/chaos/runners_test.h"
#include "tests/support/database_environment.h"
#include "tests/support/eventually.h"
#include "tests/support/invariant_checker.h"
#include "tests/support/smtp_server.h"

namespace taskqueue::chaos {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;
using test_support::SmtpServer;
using ::testing::IsEmpty;

constexpr int kMailsOfAKind = 30;
const std::vector<std::string> kKinds{"fine", "busy-1", "drop-1", "cut-2", "gone", "spam"};

// It starts before the runners' configuration is written.
struct MailServer {
  SmtpServer smtp;
};

class MailThroughRunners : private MailServer, public RunnersTest {
 protected:
  MailThroughRunners()
      : RunnersTest("mail_runners",
                    "[smtp]\nrequire_tls=0\nfrom=shop@site.example\nsend_seconds=20\nurl=" + smtp.url()) {
    letWorkersIn();
    eye().queryText(
        "CREATE TABLE inp_EmailQueue (EmailQueueId INT NOT NULL AUTO_INCREMENT PRIMARY KEY, "
        "ToEmail VARCHAR(255), Subject VARCHAR(255), MessageHeaders TEXT, MessageBody TEXT)");
  }

  // Handlers connect to the database as the workers' user, who gets access here.
  static void letWorkersIn() {
    const std::filesystem::path options = test_support::sharedServer().optionFile();
    std::filesystem::permissions(options.parent_path(), std::filesystem::perms(0711));
    std::filesystem::permissions(options, std::filesystem::perms(0644));
  }
  // The local part tells the kind of mail; the domain tells mails of one kind apart.
  void queueMails() {
    for (const std::string& kind : kKinds) {
      eye().executeText(
          "INSERT INTO inp_EmailQueue (ToEmail, Subject, MessageBody) "
          "SELECT CONCAT(?, '@m', seq, '.example'), 'Hello', 'Hi' FROM seq_1_to_" +
              std::to_string(kMailsOfAKind),
          {kind});
    }
  }
  // Ends the backoff of waiting tasks.
  void letTimePass() {
    eye().queryText(
        "UPDATE inp_TaskQueue SET NextRunOn = UNIX_TIMESTAMP() WHERE NextRunOn > UNIX_TIMESTAMP()");
  }
  std::int64_t tasksOf(const std::string& kind, const std::string& where) {
    return count("TaskHandlerClass = 'SendMail' AND Title LIKE '" + kind + "@%' AND " + where);
  }
  std::vector<SmtpServer::Mail> received() const { return smtp.mails(); }
};

TEST_F(MailThroughRunners, EachMailIsSentOrGivenUpForAReasonThatIsKept) {
  queueMails();
  RunnerProcess first(directory());
  RunnerProcess second(directory());
  ASSERT_TRUE(waitForHandlers());
  NewTask move;
  move.taskHandlerClass = "EmailQueue";
  ASSERT_TRUE(enqueue({move}));
  int kills = 0;
  EXPECT_TRUE(eventually(
      [&] {
        letTimePass();
        if (kills < 3 && static_cast<int>(received().size()) > 20 * (kills + 1)) {
          (kills % 2 == 0 ? first : second).killAndRestart();
          ++kills;
        }
        return count("NextRunOn IS NOT NULL OR LastStatus IN ('scheduled', 'running')") == 0;
      },
      60s))
      << logText();
  first.stop();
  second.stop();

  EXPECT_EQ(kills, 3);
  for (const char* kind : {"fine", "busy-1", "drop-1", "cut-2"}) {
    EXPECT_EQ(tasksOf(kind, "LastStatus = 'success'"), kMailsOfAKind) << kind;
  }
  for (const char* kind : {"gone", "spam"}) {
    EXPECT_EQ(tasksOf(kind, "LastStatus = 'error'"), kMailsOfAKind) << kind;
  }
  const int lost = 4 * kills;  // answers that killed workers had not yet written
  const auto runs = [&](const std::string& what) {
    return eye().queryText("SELECT COUNT(*) FROM inp_TaskRuns WHERE " + what).at(0).integer();
  };
  EXPECT_GE(runs("ErrorCode = 'smtp_450' AND ErrorMessage = '450 4.2.0 come back later' "
                 "AND Results LIKE '%\"Code\":450%'"),
            kMailsOfAKind - lost);
  EXPECT_GE(runs("ErrorCode = 'smtp_unanswered'"), 3 * kMailsOfAKind - lost);
  EXPECT_EQ(runs("ErrorCode = 'smtp_550'"), kMailsOfAKind) << "given up at the first answer";
  EXPECT_EQ(runs("ErrorCode = 'smtp_554'"), kMailsOfAKind);

  std::map<std::string, int> copies;
  std::set<int> connections;
  for (const auto& mail : received()) {
    ++copies[mail.to];
    connections.insert(mail.connection);
  }
  EXPECT_EQ(copies.size(), 4U * kMailsOfAKind) << "nobody is left out";
  const auto sent = static_cast<int>(received().size());
  EXPECT_LE(sent, 4 * kMailsOfAKind + lost) << "only what a killed worker had in hand may come twice";
  std::cout << sent << " mails came over " << connections.size() << " connections\n";
  EXPECT_THAT(test_support::checkInvariants(eye()), IsEmpty());
}

}  // namespace
}  // namespace taskqueue::chaos
