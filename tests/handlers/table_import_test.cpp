// Configured imports on a real database: checks before the start, dry runs, resumption, and the file of
// skipped lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "runner/handlers/shipped.h"
#include "tests/handlers/table_import_fixture.h"

namespace taskqueue::handlers::tests {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST_F(TableImport, ADeclaredImportInsertsAndUpdates) {
  sql("INSERT INTO inp_Customers (Code, Email, Credit) VALUES ('b', 'old@x', 1)");
  write("Customer no.,Mail,Credit,Visits,Shoe size\na,a@x,10.5,3,44\nB,b@x,2,,45\n");
  HandlerRun run(connection_, kFile);
  ASSERT_EQ(outcomeOf(run), "success") << run.errorMessage();
  EXPECT_THAT(customers(), ElementsAre("a|a@x|10.50|3", "b|b@x|2.00|-"));
  EXPECT_EQ(run.results()["Imported"].GetInt(), 1);
  EXPECT_EQ(run.results()["Updated"].GetInt(), 1);
  EXPECT_THAT(run.output(), HasSubstr("ignored: column \"Shoe size\""));
  EXPECT_THAT(store_.tasks.filesOfRun(run.id()), IsEmpty());
  EXPECT_FALSE(run.results().HasMember("SkippedFile"));
}

TEST_F(TableImport, NoImportTakesTheNameOfAShippedHandler) {
  platform::Configuration all;
  all.smtp.url = "smtp://localhost:25";
  all.webhook.secretFile = "/nowhere";
  all.imports.push_back(configuration_);
  all.imports.front().taskHandlerClass = "ProductImport";
  for (const HandlerEntry& entry : shippedHandlers(all)) {
    write("[database]\nname=cms\n[import." + entry.taskHandlerClass + "]\ndirectory=/srv\n", "c.ini");
    try {
      platform::loadConfiguration(directory_ / "c.ini");
      ADD_FAILURE() << entry.taskHandlerClass;
    } catch (const platform::ConfigurationError& error) {
      EXPECT_THAT(error.what(), HasSubstr("must have another name")) << entry.taskHandlerClass;
    }
  }
}

// ── checks before the start ────────────────────────────────────────────────────────────────────────────────

TEST_F(TableImport, MissingHeadersAreAllNamedBesideThoseThatAreThere) {
  write("Customer no.,Maill,Visits\na,a@x,1\n");
  HandlerRun run(connection_, kFile);
  EXPECT_EQ(outcomeOf(run), "csv_header");
  EXPECT_TRUE(run.isForGood());
  EXPECT_THAT(run.errorMessage(), AllOf(HasSubstr("lacks the headers \"E-Mail\" or \"Mail\", \"Credit\""),
                                        HasSubstr("it has \"Customer no.\", \"Maill\", \"Visits\""),
                                        HasSubstr("[import_columns.CustomerImport]")));
  EXPECT_THAT(customers(), IsEmpty());
}

TEST_F(TableImport, OtherSeparatorsAreRecognised) {
  write("Customer no.;Mail;Credit\na;a@x;1\n");
  HandlerRun run(connection_, kFile);
  EXPECT_EQ(outcomeOf(run), "csv_header");
  EXPECT_THAT(run.errorMessage(), HasSubstr("Fields must be separated by commas"));
}

TEST_F(TableImport, MissingColumnsAreAllNamedBesideThoseThatAreThere) {
  configuration_.columns = {{"Customer no.", "Code"}, {"Mail", "EmailAddress"}, {"Credit", "Money"}};
  configuration_.requiredColumns = {"Code"};
  write("Customer no.,Mail,Credit\na,a@x,1\n");
  HandlerRun run(connection_, kFile);
  EXPECT_EQ(outcomeOf(run), "database_schema");
  EXPECT_TRUE(run.isForGood());
  EXPECT_THAT(
      run.errorMessage(),
      AllOf(HasSubstr("inp_Customers has no columns EmailAddress, Money; it has CustomerId, Code, Email"),
            HasSubstr("[import.CustomerImport]")));
}

TEST_F(TableImport, ATableThatIsNotThereIsNamed) {
  configuration_.table = "Clients";
  write("Customer no.,Mail,Credit\na,a@x,1\n");
  HandlerRun run(connection_, kFile);
  EXPECT_EQ(outcomeOf(run), "database_schema");
  EXPECT_THAT(run.errorMessage(), HasSubstr("there is no table inp_Clients"));
}

TEST_F(TableImport, ColumnsThatNewRowsNeedAreNamed) {
  sql("ALTER TABLE inp_Customers ADD Country CHAR(2) NOT NULL, ADD Size INT AS (LENGTH(Note)) VIRTUAL");
  write("Customer no.,Mail,Credit\na,a@x,1\n");
  HandlerRun run(connection_, kFile);
  EXPECT_EQ(outcomeOf(run), "database_schema");
  EXPECT_THAT(run.errorMessage(), AllOf(HasSubstr("wants a value for Country,"), Not(HasSubstr("Size"))));
  configuration_.columns["Size"] = "Size";
  write("Customer no.,Mail,Credit,Size\na,a@x,1,2\n");
  HandlerRun computed(connection_, kFile);
  EXPECT_EQ(outcomeOf(computed), "database_schema");
  EXPECT_THAT(computed.errorMessage(), HasSubstr("computed by the database"));
}

TEST_F(TableImport, AKeyThatCouldStandTwiceIsRefusedBeforeAnythingIsWritten) {
  sql("ALTER TABLE inp_Customers DROP KEY Code");
  write("Customer no.,Mail,Credit\na,a@x,1\n");
  HandlerRun run(connection_, kFile);
  EXPECT_EQ(outcomeOf(run), "database_schema");
  EXPECT_THAT(run.errorMessage(), HasSubstr("UNIQUE"));
  EXPECT_EQ(number("SELECT COUNT(*) FROM inp_TaskCheckpoints WHERE TaskQueueId=" +
                   std::to_string(run.taskQueueId())),
            0);
}

// ── skipped lines ──────────────────────────────────────────────────────────────────────────────────────────

constexpr const char* kMixed =
    "Customer no.,Mail,Credit,Note\n"
    "a,a@x,1,\n"
    "b,b@x,much,\"says \"\"hi\"\",\nbye\"\n"
    ",c@x,1,\n"
    "d,d@x,1\n"
    "e,e@x,1,\n";

TEST_F(TableImport, SkippedLinesAreListedAllWithTheirReasonAndFields) {
  configuration_.skippedListed = 1;
  write(kMixed);
  HandlerRun run(connection_, kFile);
  ASSERT_EQ(outcomeOf(run), "success") << run.errorMessage();
  EXPECT_EQ(run.results()["Skipped"].GetInt(), 3);
  EXPECT_EQ(run.results()["SkippedRows"].Size(), 1U);
  EXPECT_EQ(std::string(run.results()["SkippedFile"].GetString()), "skipped.csv");
  EXPECT_EQ(skippedOf(run),
            "SkippedLine,SkippedReason,Customer no.,Mail,Credit,Note\r\n"
            "3,\"Credit \"\"much\"\" is not a number\",b,b@x,much,\"says \"\"hi\"\",\nbye\"\r\n"
            "5,Code is empty,,c@x,1,\r\n"
            "6,has 3 fields where the header has 4,d,d@x,1\r\n");
  EXPECT_THAT(store_.tasks.filesOfRun(run.id()).at(0).contentType, HasSubstr("text/csv"));
}

TEST_F(TableImport, TheListOfSkippedLinesCanBeCorrectedAndImported) {
  write("Customer no.,Mail,Credit,Note\na,a@x,1,\nb,b@x,much,\"\tindented \"\nc,c@x,more,\n");
  HandlerRun run(connection_, kFile);
  ASSERT_EQ(outcomeOf(run), "success");
  std::string corrected = skippedOf(run);
  corrected.replace(corrected.find(",much,"), 5, ",2");
  write(corrected);
  HandlerRun again(connection_, kFile);
  ASSERT_EQ(outcomeOf(again), "success") << again.errorMessage();
  EXPECT_THAT(customers(), ElementsAre("a|a@x|1.00|-", "b|b@x|2.00|-"));
  EXPECT_EQ(number("SELECT COUNT(*) FROM inp_Customers WHERE Note='\tindented '"), 1);
  EXPECT_EQ(skippedOf(again),
            "SkippedLine,SkippedReason,Customer no.,Mail,Credit,Note\r\n"
            "3,\"Credit \"\"more\"\" is not a number\",c,c@x,more,\r\n");
}

TEST_F(TableImport, TheListEndsAtItsLimit) {
  configuration_.skippedBytes = 150;
  write("Customer no.,Mail,Credit\na,a@x,one\nb,b@x,two\nc,c@x,three\nd,d@x,four\n");
  HandlerRun run(connection_, kFile);
  ASSERT_EQ(outcomeOf(run), "success");
  EXPECT_EQ(run.results()["Skipped"].GetInt(), 4);
  EXPECT_TRUE(run.results()["SkippedFileIsCut"].GetBool());
  EXPECT_LE(skippedOf(run).size(), 150U);
  EXPECT_THAT(skippedOf(run), AllOf(HasSubstr("\r\n2,"), Not(HasSubstr("\r\n5,"))));
}

TEST_F(TableImport, ARowThatAnotherUniqueKeyRefusesIsSkippedAlone) {
  sql("INSERT INTO inp_Customers (Code, Email) VALUES ('z', 'taken@x')");
  write("Customer no.,Mail,Credit,Extra\na,a@x,1,q\nb,taken@x,1,q\nc,c@x,1,q\nd,c@x,1,q\n");
  HandlerRun run(connection_, kFile);
  ASSERT_EQ(outcomeOf(run), "success") << run.errorMessage();
  EXPECT_THAT(customers(), ElementsAre("a|a@x|1.00|-", "c|c@x|1.00|-", "z|taken@x|0.00|-"));
  EXPECT_EQ(run.results()["Skipped"].GetInt(), 2);
  EXPECT_THAT(skippedOf(run), AllOf(HasSubstr("\r\n3,"), HasSubstr("b,taken@x,1"), HasSubstr("\r\n5,")));
}

TEST_F(TableImport, ARowThatAConstraintOrTriggerRefusesIsSkippedAlone) {
  sql("ALTER TABLE inp_Customers ADD CONSTRAINT NoDebts CHECK (Credit >= 0)");
  sql("CREATE TRIGGER NoBob BEFORE INSERT ON inp_Customers FOR EACH ROW BEGIN IF NEW.Email = 'bob@x' THEN "
      "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no Bob'; END IF; END");
  write("Customer no.,Mail,Credit\na,a@x,1\nb,bob@x,1\nc,c@x,-1\nd,d@x,1\n");
  for (const char* data : {kRehearsal, kFile}) {
    HandlerRun run(connection_, data);
    ASSERT_EQ(outcomeOf(run), "success") << run.errorMessage();
    EXPECT_EQ(run.results()["Imported"].GetInt(), 2);
    EXPECT_THAT(skippedOf(run),
                AllOf(HasSubstr("\r\n3,\"the table refuses it: database error 1644: no Bob"),
                      HasSubstr("\r\n4,\"the table refuses it: database error 4025: CONSTRAINT")));
  }
  EXPECT_THAT(customers(), ElementsAre("a|a@x|1.00|-", "d|d@x|1.00|-"));
}

// ── numbers ────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(TableImport, NumbersWithHundredsOfDigitsKeepTheirValue) {
  const std::string zeros(500, '0');
  write("Customer no.,Mail,Credit,Visits\na,a@x," + zeros + "1.5," + zeros + "7\nb,b@x,-" +
        std::string(398, '0') + "1.5,\nc,c@x,2.01" + zeros + ",7." + zeros + "\nd,d@x,+.5,\ne,e@x,-.004,\n");
  HandlerRun run(connection_, kFile);
  ASSERT_EQ(outcomeOf(run), "success") << run.errorMessage();
  EXPECT_THAT(customers(),
              ElementsAre("a|a@x|1.50|7", "b|b@x|-1.50|-", "c|c@x|2.01|7", "d|d@x|0.50|-", "e|e@x|0.00|-"));
}

TEST_F(TableImport, ANumberThatOverflowsWhenItIsRoundedIsSkippedAlone) {
  write("Customer no.,Mail,Credit\na,a@x,99999999.995\nb,b@x,99999999.994\nc,c@x,-99999999.999\n");
  HandlerRun run(connection_, kFile);
  ASSERT_EQ(outcomeOf(run), "success") << run.errorMessage();
  EXPECT_THAT(customers(), ElementsAre("b|b@x|99999999.99|-"));
  EXPECT_THAT(skippedOf(run), AllOf(HasSubstr("\"\"99999999.995\"\" is out of range"), HasSubstr("\r\n4,")));
}

// ── files being written ────────────────────────────────────────────────────────────────────────────────────

// An unfinished upload may end inside quotes or inside a character.
TEST_F(TableImport, AFileThatSomebodyStillWritesIsReadAgain) {
  std::string rows = "Customer no.,Mail,Credit\n";
  for (int i = 0; i < 30000; ++i) rows += "k" + std::to_string(i) + ",m" + std::to_string(i) + ",1\n";
  configuration_.chunkRows = 1000;
  for (const char* end : {"", "\"cut", "\xc3", "x"}) {
    write(rows);
    HandlerRun run(connection_, kFile);
    run.onProgress = [&] { write(rows.substr(0, 200000) + end); };
    EXPECT_EQ(outcomeOf(run), "file_changed") << end;
    EXPECT_FALSE(run.isForGood()) << end;
  }
}

// ── resumption ─────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(TableImport, AResumedImportGoesOnWithItsListOfSkippedLines) {
  write(kMixed + std::string("f,f@x,x,\ng,g@x,1,\n"));
  configuration_.chunkRows = 2;
  HandlerRun first(connection_, kFile);
  first.onProgress = [&first] { first.cancel(); };
  EXPECT_EQ(outcomeOf(first), "cancelled");
  EXPECT_THAT(skippedOf(first), HasSubstr("\r\n3,"));
  sql("UPDATE inp_TaskRuns SET Status='error' WHERE Id=" + std::to_string(first.id()));

  HandlerRun second(connection_, kFile, first.taskQueueId());
  ASSERT_EQ(outcomeOf(second), "success") << second.errorMessage();
  EXPECT_TRUE(second.results()["Resumed"].GetBool());
  EXPECT_EQ(second.results()["Skipped"].GetInt(), 4);
  EXPECT_EQ(customers().size(), 3U);

  HandlerRun whole(connection_, kFile);
  ASSERT_EQ(outcomeOf(whole), "success");
  EXPECT_EQ(skippedOf(second), skippedOf(whole));
  EXPECT_THAT(store_.tasks.filesOfRun(first.id()), IsEmpty());
}

TEST_F(TableImport, AnotherFileBeginsItsOwnList) {
  write("Customer no.,Mail,Credit\na,a@x,one\n");
  HandlerRun first(connection_, kFile);
  ASSERT_EQ(outcomeOf(first), "success");
  sql("UPDATE inp_TaskRuns SET Status='success' WHERE Id=" + std::to_string(first.id()));
  write("Customer no.,Mail,Credit\nbb,b@x,two\n");
  HandlerRun second(connection_, kFile, first.taskQueueId());
  ASSERT_EQ(outcomeOf(second), "success");
  EXPECT_THAT(skippedOf(first), HasSubstr("one"));
  EXPECT_THAT(skippedOf(second), AllOf(HasSubstr("two"), Not(HasSubstr("one"))));
}

TEST_F(TableImport, ARunThatLostItsTaskWritesNoFurtherChunk) {
  write("Customer no.,Mail,Credit\na,a@x,1\nb,b@x,1\nc,c@x,1\nd,d@x,1\ne,e@x,x\n");
  for (const char* data : {kFile, kRehearsal}) {
    sql("DELETE FROM inp_Customers");
    HandlerRun run(connection_, data);
    run.onProgress = [&] {
      sql("UPDATE inp_TaskRuns SET Status='timeout' WHERE Id=" + std::to_string(run.id()));
    };
    EXPECT_EQ(outcomeOf(run), "lease_lost") << data;
    EXPECT_EQ(customers().size(), data == std::string(kFile) ? 3U : 0U);
    EXPECT_EQ(skippedOf(run), "");
  }
}

// ── dry runs ───────────────────────────────────────────────────────────────────────────────────────────────

// Repeats keys within one chunk and over several, in both cases, and with trailing blanks.
std::string randomCatalogue(std::mt19937& chances, int rows) {
  const auto upTo = [&](int max) { return std::uniform_int_distribution<int>(0, max)(chances); };
  std::string text = "Customer no.,Credit,Note\n";
  for (int i = 0; i < rows; ++i) {
    const int key = upTo(15);
    std::string code(1, static_cast<char>((upTo(1) == 0 ? 'a' : 'A') + key));
    if (upTo(4) == 0) code = "\"" + code + " \"";
    text += code + "," + (upTo(5) == 0 ? "much" : std::to_string(upTo(99))) + ",\n";
  }
  return text;
}

TEST_F(TableImport, ADryRunWritesNothingAndTellsWhatTheImportWouldDo) {
  std::mt19937 chances(20261126);
  configuration_.requiredColumns = {"Code"};
  for (int round = 0; round < 8; ++round) {
    sql("DELETE FROM inp_Customers");
    sql("INSERT INTO inp_Customers (Code) VALUES ('b'), ('E'), ('zz')");
    const auto before = customers();
    write(randomCatalogue(chances, 40));
    HandlerRun rehearsal(connection_, kRehearsal);
    ASSERT_EQ(outcomeOf(rehearsal), "success") << rehearsal.errorMessage();
    EXPECT_EQ(customers(), before);
    EXPECT_TRUE(rehearsal.results()["DryRun"].GetBool());
    EXPECT_THAT(rehearsal.output(), HasSubstr("would be imported"));

    HandlerRun run(connection_, kFile);
    ASSERT_EQ(outcomeOf(run), "success") << run.errorMessage();
    for (const char* member : {"Imported", "Updated", "Skipped", "Rows"}) {
      EXPECT_EQ(rehearsal.results()[member].GetInt(), run.results()[member].GetInt()) << member;
    }
    EXPECT_EQ(skippedOf(rehearsal), skippedOf(run));
  }
}

TEST_F(TableImport, ADryRunFindsWhatTheDatabaseWouldRefuse) {
  sql("INSERT INTO inp_Customers (Code, Email) VALUES ('z', 'taken@x')");
  write("Customer no.,Mail,Credit\na,a@x,1\nb,taken@x,1\n");
  HandlerRun run(connection_, kRehearsal);
  ASSERT_EQ(outcomeOf(run), "success") << run.errorMessage();
  EXPECT_EQ(run.results()["Imported"].GetInt(), 1);
  EXPECT_THAT(skippedOf(run), HasSubstr("b,taken@x,1"));
  EXPECT_EQ(customers().size(), 1U);
}

TEST_F(TableImport, ADryRunAddsNoCategoryEither) {
  platform::ImportConfiguration products;
  products.taskHandlerClass = "ProductImport";
  products.section = "product_import";
  products.columnsSection = "product_columns";
  products.directory = directory_.string();
  products.table = "Products";
  products.keyColumn = "ProductCode";
  products.columns = {{"Code", "ProductCode"}, {"Name", "Name"}};
  products.reference = platform::ImportReference();
  products.chunkRows = 2;
  configuration_ = products;
  sql("DELETE FROM inp_Products");
  sql("DELETE FROM inp_Categories");
  write("Code,Name,Category\n1,x,Toys\n2,y,Toys\n3,z,Toys\n4,q,\n");
  HandlerRun rehearsal(connection_, kRehearsal);
  ASSERT_EQ(outcomeOf(rehearsal), "success") << rehearsal.errorMessage();
  EXPECT_EQ(number("SELECT COUNT(*) FROM inp_Categories") + number("SELECT COUNT(*) FROM inp_Products"), 0);
  HandlerRun run(connection_, kFile);
  ASSERT_EQ(outcomeOf(run), "success") << run.errorMessage();
  EXPECT_EQ(number("SELECT COUNT(*) FROM inp_Categories"), 1);
  EXPECT_EQ(number("SELECT COUNT(*) FROM inp_Products p JOIN inp_Categories c USING (CategoryId)"), 3);
  EXPECT_EQ(rehearsal.results()["Imported"].GetInt(), 4);
}

}  // namespace
}  // namespace taskqueue::handlers::tests
