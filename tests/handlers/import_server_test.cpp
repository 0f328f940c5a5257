// Imports into unusual tables and servers: tables without rollback, locks of other sessions, server limits.
// Also the messages of imports that end early.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/handlers/table_import_fixture.h"
#include "tests/support/eventually.h"
#include "tests/support/turned_settings.h"

namespace taskqueue::handlers::tests {
namespace {

using test_support::eventually;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

std::string rowsOf(int count) {
  std::string rows = "Customer no.,Mail,Credit\n";
  for (int i = 1; i <= count; ++i) rows += "k" + std::to_string(i) + ",m" + std::to_string(i) + "@x,1\n";
  return rows;
}

// ── tables that do not roll back ───────────────────────────────────────────────────────────────────────────

TEST_F(TableImport, ADryRunOnATableThatDoesNotRollBackIsRefusedAndWritesNothing) {
  write("Customer no.,Mail,Credit\na,a@x,1\nb,b@x,1\n");
  for (const char* engine : {"MyISAM", "Aria"}) {
    sql(std::string("ALTER TABLE inp_Customers ENGINE=") + engine);
    HandlerRun run(connection_, kRehearsal);
    EXPECT_EQ(outcomeOf(run), "database_schema");
    EXPECT_TRUE(run.isForGood());
    EXPECT_THAT(run.errorMessage(), AllOf(HasSubstr(std::string("inp_Customers is kept by ") + engine),
                                          HasSubstr("ALTER TABLE inp_Customers ENGINE=InnoDB")));
    EXPECT_THAT(customers(), IsEmpty());
  }
}

TEST_F(TableImport, ATableThatDoesNotRollBackIsWrittenRowByRowWithTheRightCounts) {
  sql("ALTER TABLE inp_Customers ENGINE=MyISAM");
  sql("INSERT INTO inp_Customers (Code, Email) VALUES ('z', 'taken@x'), ('c', 'c@x')");
  write("Customer no.,Mail,Credit\na,a@x,1\nb,taken@x,1\nc,c@x,5\nd,d@x,much\ne,e@x,1\na,a@x,2\n");
  HandlerRun run(connection_, kFile);
  ASSERT_EQ(outcomeOf(run), "success") << run.errorMessage();
  EXPECT_THAT(run.output(), HasSubstr("rows are written one by one"));
  EXPECT_THAT(customers(), ElementsAre("a|a@x|2.00|-", "c|c@x|5.00|-", "e|e@x|1.00|-", "z|taken@x|0.00|-"));
  EXPECT_EQ(run.results()["Imported"].GetInt(), 2);
  EXPECT_EQ(run.results()["Updated"].GetInt(), 2);
  EXPECT_EQ(run.results()["Skipped"].GetInt(), 2);
  EXPECT_THAT(skippedOf(run), AllOf(HasSubstr("\r\n3,"), HasSubstr("\r\n5,")));
}

TEST_F(TableImport, ARunThatLostItsTaskWritesNoRowThatCannotBeTakenBack) {
  sql("ALTER TABLE inp_Customers ENGINE=MyISAM");
  write(rowsOf(9));
  HandlerRun run(connection_, kFile);
  run.onProgress = [&] {
    sql("UPDATE inp_TaskRuns SET Status='timeout' WHERE Id=" + std::to_string(run.id()));
  };
  EXPECT_EQ(outcomeOf(run), "lease_lost");
  EXPECT_EQ(customers().size(), 3U);
}

// ── ending early ───────────────────────────────────────────────────────────────────────────────────────────

TEST_F(TableImport, AnImportThatEndsInTheMiddleSaysWhatIsDoneAndWhereItGoesOn) {
  configuration_.chunkRows = 10;
  const std::string good = rowsOf(22);
  write(good + "k23,\"m23,1\n");
  HandlerRun run(connection_, kFile);
  EXPECT_EQ(outcomeOf(run), "csv_malformed");
  EXPECT_EQ(customers().size(), 20U);
  EXPECT_THAT(run.errorMessage(),
              AllOf(HasSubstr("20 rows before it are done (20 imported, 0 updated, 0 skipped)"),
                    HasSubstr("goes on at line 22"), HasSubstr("begins anew")));
  EXPECT_EQ(run.results()["Imported"].GetInt(), 20);

  HandlerRun rehearsal(connection_, kRehearsal);
  EXPECT_EQ(outcomeOf(rehearsal), "csv_malformed");
  EXPECT_THAT(rehearsal.errorMessage(), AllOf(HasSubstr("20 rows"), HasSubstr("nothing is written")));

  write(good + "k23,m23,1\n");
  sql("UPDATE inp_TaskRuns SET Status='error' WHERE Id=" + std::to_string(run.id()));
  HandlerRun corrected(connection_, kFile, run.taskQueueId());
  EXPECT_EQ(outcomeOf(corrected), "success") << corrected.errorMessage();
  EXPECT_EQ(customers().size(), 23U);
}

// ── keys ───────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(TableImport, AKeyOfZeroIsKept) {
  configuration_.columns = {{"Id", "CustomerId"}, {"Customer no.", "Code"}};
  configuration_.keyColumn = "CustomerId";
  configuration_.requiredColumns = {"CustomerId"};
  write("Id,Customer no.\n0,zero\n7,seven\n");
  for (int i = 0; i < 2; ++i) {
    HandlerRun run(connection_, kFile);
    ASSERT_EQ(outcomeOf(run), "success") << run.errorMessage();
    EXPECT_EQ(number("SELECT CustomerId FROM inp_Customers WHERE Code='zero'"), 0);
    EXPECT_EQ(number("SELECT COUNT(*) FROM inp_Customers"), 2);
  }
}

// ── other sessions on the table ────────────────────────────────────────────────────────────────────────────

TEST_F(TableImport, AChunkThatOthersHoldUpIsRepeatedAndCostsNoTry) {
  sql("INSERT INTO inp_Customers (Code) VALUES ('k2')");
  write(rowsOf(5));
  auto settings = test_support::settingsFor(kImportDatabase);
  settings.lockWait = 1s;
  store::Connection other(test_support::settingsFor(kImportDatabase), test_support::cmsNames());
  other.begin();
  other.queryText("SELECT * FROM inp_Customers WHERE Code='k2' FOR UPDATE");
  const auto waits = [&] {
    return std::stoll(connection_
                          .queryText("SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE "
                                     "VARIABLE_NAME='INNODB_ROW_LOCK_WAITS'")
                          .at(0)
                          .text());
  };
  const auto before = waits();
  HandlerRun run(connection_, kFile);
  std::string outcome;
  std::thread import([&] {
    outcome = run.outcomeOf(*makeTableImport(configuration_, settings, test_support::cmsNames()).handler);
  });
  EXPECT_TRUE(eventually([&] { return waits() >= before + 7; }, 30s));
  other.rollback();
  import.join();
  EXPECT_EQ(outcome, "success") << run.errorMessage();
  EXPECT_EQ(customers().size(), 5U);
}

// ── the server ─────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(TableImport, SmallPacketsMakeSmallChunks) {
  std::string rows = "Customer no.,Mail,Credit,Note\n";
  for (int i = 0; i < 200; ++i) {
    rows += "k" + std::to_string(i) + ",m" + std::to_string(i) + ",1," + std::string(3000, '\x01') + "\n";
  }
  write(rows);
  configuration_.chunkRows = 1000;
  const test_support::TurnedSettings turned(test_support::sharedServer(), {{"max_allowed_packet", "65536"}});
  HandlerRun run(connection_, kFile);
  ASSERT_EQ(outcomeOf(run), "success") << run.errorMessage();
  EXPECT_EQ(number("SELECT COUNT(*) FROM inp_Customers WHERE LENGTH(Note)=3000"), 200);
}

TEST_F(TableImport, ARowThatIsTooLargeForTheServerIsSkippedAlone) {
  write("Customer no.,Mail,Credit,Note\na,a@x,1,short\nb,b@x,1," + std::string(66000, 'x') +
        "\nc,c@x,1,short\n");
  sql("ALTER TABLE inp_Customers MODIFY Note MEDIUMTEXT NULL");
  const test_support::TurnedSettings turned(test_support::sharedServer(), {{"max_allowed_packet", "65536"}});
  HandlerRun run(connection_, kFile);
  ASSERT_EQ(outcomeOf(run), "success") << run.errorMessage();
  EXPECT_THAT(customers(), ElementsAre("a|a@x|1.00|-", "c|c@x|1.00|-"));
  EXPECT_THAT(skippedOf(run), AllOf(HasSubstr("\r\n3,"), HasSubstr("max_allowed_packet")));
}

TEST_F(TableImport, GlobalSettingsOfTheServerChangeNothingOfAnImport) {
  sql("INSERT INTO inp_Customers (Code, Email, Credit) VALUES ('b', 'b@x', 7), ('z', 'taken@x', 0)");
  const std::string csv =
      "Customer "
      "no.,Mail,Credit,Note\na,a@x,1,\xC3\xA9\xF0\x9F\x98\x80\nB,b@x,2.005,\nc,taken@x,1,\nd,d@x,x,\n";
  write(csv);
  const test_support::TurnedSettings turned(test_support::sharedServer(), test_support::hostileSettings());
  for (const char* data : {kRehearsal, kFile}) {
    HandlerRun run(connection_, data);
    ASSERT_EQ(outcomeOf(run), "success") << run.errorMessage();
    EXPECT_EQ(run.results()["Imported"].GetInt(), 1);
    EXPECT_EQ(run.results()["Updated"].GetInt(), 1);
    EXPECT_EQ(run.results()["Skipped"].GetInt(), 2);
  }
  EXPECT_THAT(customers(), ElementsAre("a|a@x|1.00|-", "b|b@x|2.01|-", "z|taken@x|0.00|-"));
  EXPECT_EQ(number("SELECT COUNT(*) FROM inp_Customers WHERE Note='\xC3\xA9\xF0\x9F\x98\x80'"), 1);
}

}  // namespace
}  // namespace taskqueue::handlers::tests
