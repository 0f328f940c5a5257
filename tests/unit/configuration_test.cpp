#include "module/platform/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace taskqueue::platform {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): 60s reads better than
                                       // seconds(60)
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ConfigurationLaws : public ::testing::Test {
 protected:
  ConfigurationLaws() { std::filesystem::create_directories(directory_); }
  ~ConfigurationLaws() override { std::filesystem::remove_all(directory_); }

  std::string write(const std::string& name, const std::string& content) {
    const auto path = directory_ / name;
    std::ofstream(path) << content;
    return path.string();
  }
  Configuration load(const std::string& more) {
    return loadConfiguration(write("taskqueue.ini", "[database]\nname=cms\n" + more));
  }
  // Returns the program's message before it stops, or an empty text when it would start.
  std::string complaintAbout(const std::string& more) {
    try {
      load(more);
      return "";
    } catch (const ConfigurationError& error) {
      return error.what();
    }
  }

  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("taskqueue-configuration-" + std::to_string(::getpid()));
};

TEST_F(ConfigurationLaws, OnlyTheDatabaseMustBeNamed) {
  const Configuration configuration = load("");
  EXPECT_EQ(configuration.database.name, "cms");
  EXPECT_EQ(configuration.database.tablePrefix, "inp_");
  EXPECT_EQ(configuration.runner.slots, 4);
  EXPECT_THAT(configuration.runner.queues, ElementsAre("default"));
  EXPECT_EQ(configuration.retry.delay, 10s);
  EXPECT_TRUE(configuration.web.apiTokenSha256.empty()) << "closed by default";
  EXPECT_TRUE(configuration.web.eventSecretSha256.empty()) << "closed by default";
  EXPECT_TRUE(configuration.commands.empty());
}

TEST_F(ConfigurationLaws, TasksAreKeptForEverUnlessDaysAreGiven) {
  EXPECT_EQ(load("").limits.retention.keepDays, 0);
  EXPECT_EQ(load("").limits.retention.fileDays, 30);
  const RetentionPolicy retention = load("[retention]\nkeep_days=90\nfile_days=0\n").limits.retention;
  EXPECT_EQ(retention.keepDays, 90);
  EXPECT_EQ(retention.fileDays, 0);
  EXPECT_THAT(complaintAbout("[retention]\nkeep_days=-1\n"), HasSubstr("retention.keep_days"));
  EXPECT_THAT(complaintAbout("[retention]\nfiring_days=366\n"), HasSubstr("retention.firing_days"));
}

TEST_F(ConfigurationLaws, NamesOfHandlersThatWereNeverSeenAreRefusedUnlessTheyAreToBeParked) {
  EXPECT_EQ(load("").limits.unknownHandlers, UnknownHandlers::Refuse);
  EXPECT_EQ(load("[enqueue]\nunknown_handlers=park\n").limits.unknownHandlers, UnknownHandlers::Park);
  EXPECT_THAT(complaintAbout("[enqueue]\nunknown_handlers=maybe\n"),
              AllOf(HasSubstr("enqueue.unknown_handlers"), HasSubstr("refuse or park")));
  EXPECT_EQ(load("").limits.retention.handlerDays, 90);
  EXPECT_EQ(load("").runner.poolsWait, 3s);
  EXPECT_EQ(load("[runner]\npools_wait_seconds=0\n").runner.poolsWait, 0s);
}

TEST_F(ConfigurationLaws, ValuesAreRead) {
  const Configuration configuration = load(
      "table_prefix=site_\n[runner]\nslots=9\nqueues=fast "
      "slow\nlease_seconds=90\n[retry]\njitter_percents=50\n");
  EXPECT_EQ(configuration.database.tablePrefix, "site_");
  EXPECT_EQ(configuration.runner.slots, 9);
  EXPECT_THAT(configuration.runner.queues, ElementsAre("fast", "slow"));
  EXPECT_EQ(configuration.runner.lease, 90s);
  EXPECT_DOUBLE_EQ(configuration.retry.jitter, 0.5);
}

TEST_F(ConfigurationLaws, AFileThatIsMissingIsNamed) {
  try {
    loadConfiguration("/nowhere/taskqueue.ini");
    FAIL();
  } catch (const ConfigurationError& error) {
    EXPECT_THAT(error.what(), HasSubstr("/nowhere/taskqueue.ini"));
  }
}

TEST_F(ConfigurationLaws, AFileThatIsTooLongOrNoPlainFileIsRefused) {
  const std::string pipe = write("pipe", "");
  std::filesystem::remove(pipe);
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const std::pair<std::string, std::string> files[] = {
      {"/dev/zero", "cannot read"},
      {pipe, "cannot read"},
      {write("long.ini", std::string((1 << 20) + 1, ';')), "larger than 1 MiB"}};
  for (const auto& [file, problem] : files) {
    try {
      loadConfiguration(file);
      ADD_FAILURE() << file << " was taken";
    } catch (const ConfigurationError& error) {
      EXPECT_THAT(error.what(), HasSubstr(problem)) << file;
    }
  }
}

TEST_F(ConfigurationLaws, AFileWithoutADatabaseIsRefused) {
  EXPECT_THROW(loadConfiguration(write("empty.ini", "")), ConfigurationError);
}

TEST_F(ConfigurationLaws, AnUnknownSettingIsRefusedWithTheNearestOne) {
  EXPECT_THAT(complaintAbout("[runner]\nslotz=4\n"),
              AllOf(HasSubstr("runner.slotz"), HasSubstr("runner.slots")));
  EXPECT_THAT(complaintAbout("[nonsense]\nqwertyuiop=4\n"),
              AllOf(HasSubstr("nonsense.qwertyuiop"), Not(HasSubstr("did you mean"))));
}

TEST_F(ConfigurationLaws, ANumberOutOfRangeIsRefusedWithItsRange) {
  EXPECT_THAT(complaintAbout("[runner]\nslots=0\n"),
              AllOf(HasSubstr("runner.slots"), HasSubstr("1 to 1000")));
  for (const char* odd : {"4x", "-1", "1.5", "99999999999999999999", "four"}) {
    EXPECT_THAT(complaintAbout(std::string("[runner]\nslots=") + odd + "\n"), HasSubstr("runner.slots"))
        << odd;
  }
}

TEST_F(ConfigurationLaws, ASettingThatStandsTwiceIsRefused) {
  EXPECT_THAT(complaintAbout("[runner]\nslots=1\nslots=2\n"), HasSubstr("runner.slots"));
}

TEST_F(ConfigurationLaws, NamesThatBecomeSqlAreLettersDigitsAndUnderscores) {
  for (const char* odd : {"inp-", "inp`", "\"a b\"", "\"x;y\"", "\xC3\xA9"}) {
    EXPECT_THAT(complaintAbout(std::string("table_prefix=") + odd + "\n"), HasSubstr("database.table_prefix"))
        << odd;
  }
  EXPECT_EQ(load("table_prefix=\"\"\n").database.tablePrefix, "");
}

TEST_F(ConfigurationLaws, PathsAreAbsolute) {
  EXPECT_THAT(complaintAbout("[runner]\nrun_directory=run\n"), HasSubstr("absolute"));
}

TEST_F(ConfigurationLaws, SecretsAreHashesAndNotTheSecretsThemselves) {
  EXPECT_THAT(complaintAbout("[web]\napi_token_sha256=hunter2\n"),
              AllOf(HasSubstr("SHA-256"), Not(HasSubstr("hunter2"))));
  const std::string hash(64, 'a');
  EXPECT_THAT(load("[web]\napi_token_sha256=" + hash + "\n").web.apiTokenSha256, ElementsAre(hash));
}

TEST_F(ConfigurationLaws, TheLeaseIsWellAboveTheHeartbeat) {
  EXPECT_THAT(complaintAbout("[runner]\nlease_seconds=3\nheartbeat_milliseconds=2000\n"),
              HasSubstr("runner.lease_seconds"));
  EXPECT_THAT(
      complaintAbout("[schedules]\noverseer_silent_seconds=300\n"),
      HasSubstr("schedules.missed_after_seconds must be more than schedules.overseer_silent_seconds"));
}

TEST_F(ConfigurationLaws, ACommandHandlerIsAnAbsoluteProgramWithItsArguments) {
  const std::string schema = write("schema.json", R"({"type":"object"})");
  const Configuration configuration = load(
      "[handler.Thumbnails]\ncommand=/usr/bin/convert \"a b\" -v\n"
      "time_limit_seconds=30\nretry_delays=10 60 300\nunique_seconds=3600\ndata_schema_file=" +
      schema + "\n");
  ASSERT_EQ(configuration.commands.size(), 1U);
  EXPECT_EQ(configuration.commands[0].taskHandlerClass, "Thumbnails");
  EXPECT_THAT(configuration.commands[0].command, ElementsAre("/usr/bin/convert", "a b", "-v"));
  EXPECT_EQ(configuration.commands[0].settings.timeLimitSeconds, 30);
  EXPECT_THAT(configuration.commands[0].settings.retryDelays, ElementsAre(10, 60, 300));
  EXPECT_EQ(configuration.commands[0].settings.uniqueSeconds, 3600);
  EXPECT_THAT(complaintAbout("[handler.X]\ncommand=/bin/true\nretry_delays=10 a\n"),
              HasSubstr("handler.X.retry_delays must be at most 20 whole numbers from 0 to 31622400"));
  EXPECT_EQ(configuration.commands[0].dataSchema, R"({"type":"object"})");
  EXPECT_THAT(complaintAbout("[handler.X]\ncommand=convert\n"), HasSubstr("handler.X.command"));
  EXPECT_THAT(complaintAbout("[handler.X]\ncommand=/bin/true\ndata_schema_file=/nowhere\n"),
              HasSubstr("/nowhere"));
  EXPECT_THAT(
      complaintAbout("[handler.X]\ncommand=/bin/true\ndata_schema_file=" + write("bad.json", "[") + "\n"),
      HasSubstr("JSON Schema"));
}

TEST_F(ConfigurationLaws, AValueWithANulIsRefusedByItsName) {
  using namespace std::string_literals;
  for (const auto& text :
       {"[handler.A]\ncommand=/bin/ec\0ho\n"s, "[worker.php]\ncommand=/bin/php \"/a\0b\"\n"s,
        "[runner]\nrun_directory=/run/a\0b\n"s}) {
    const std::string complaint = complaintAbout(text);
    EXPECT_THAT(complaint, HasSubstr("holds a NUL byte")) << text;
    EXPECT_THAT(complaint, AnyOf(HasSubstr(".command"), HasSubstr("run_directory"))) << text;
  }
}

TEST_F(ConfigurationLaws, AnUnknownSettingOfAHandlerIsNamed) {
  EXPECT_THAT(complaintAbout("[handler.X]\ncomand=/bin/true\n"),
              HasSubstr("handler.X.comand is not a setting"));
}

TEST_F(ConfigurationLaws, AMailServerIsNamedWithoutItsPassword) {
  EXPECT_TRUE(load("").smtp.url.empty()) << "no mail is sent";
  const auto smtp = load("[smtp]\nurl=smtps://mail.example:465\nuser=ada\npassword_file=/etc/secret\n").smtp;
  EXPECT_EQ(smtp.url, "smtps://mail.example:465");
  EXPECT_EQ(smtp.passwordFile, "/etc/secret");
  EXPECT_TRUE(smtp.requireTls);
  for (const char* url :
       {"mail.example", "http://mail.example", "smtp://ada:secret@mail.example", "smtp://"}) {
    EXPECT_THAT(complaintAbout(std::string("[smtp]\nurl=") + url + "\n"), HasSubstr("smtp.url")) << url;
  }
  EXPECT_THAT(complaintAbout("[smtp]\nurl=smtp://localhost\nuser=ada\n"), HasSubstr("smtp.password_file"));
  const std::string open = "user=ada\npassword_file=/etc/secret\nrequire_tls=0\n";
  EXPECT_THAT(complaintAbout("[smtp]\nurl=smtp://localhost.example\n" + open), HasSubstr("smtp.require_tls"));
  EXPECT_EQ(complaintAbout("[smtp]\nurl=smtp://localhost:25\n" + open), "");
  EXPECT_THAT(complaintAbout("[email_queue]\ntable=a`b\n"), HasSubstr("email_queue.table"));
}

TEST_F(ConfigurationLaws, AnAddressIsOneThatTheMailerTakes) {
  EXPECT_EQ(load("[smtp]\nfrom=\"Shop <shop@site.example>\"\nmax_recipients=7\n").smtp.maxRecipients, 7);
  for (const char* from : {"a@b, c@d", "Shop", "A <a@b> <c@d>", "a@b;c@d", "shop@m\xC3\xBCnchen.example"}) {
    EXPECT_THAT(complaintAbout(std::string("[smtp]\nfrom=\"") + from + "\"\n"),
                HasSubstr("smtp.from must be one"))
        << from;
    EXPECT_THAT(complaintAbout(std::string("[cms_users]\nroot_email=\"") + from + "\"\n"),
                HasSubstr("cms_users.root_email must be one"));
  }
  for (const char* operators : {"a@b,c@d", "a@b; c@d", "Ada <a@b>", "a..b@c"}) {
    EXPECT_THAT(complaintAbout(std::string("[notify]\noperators=\"") + operators + "\"\n"),
                HasSubstr("notify.operators"))
        << operators;
  }
}

TEST_F(ConfigurationLaws, AllSettingsAreListedWithTheirDefaultsAndLimits) {
  const auto settings = load("[runner]\nslots=7\n").settings;
  EXPECT_GT(settings.size(), 40U);
  EXPECT_THAT(settings, Contains("runner.slots=7  ; default: 4, from 1 to 1000"));
  EXPECT_THAT(settings, Contains("runner.lease_seconds=60  ; from 3 to 31622400"));
  EXPECT_THAT(settings, Contains("runner.queues=default"));
}

}  // namespace
}  // namespace taskqueue::platform
