// Consecutive transactions on one connection: the COMMIT of one begins the next, without visible effects.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/store/database/connection.h"
#include "tests/support/database_environment.h"

namespace taskqueue::contract {
namespace {

using store::Connection;
using store::Transaction;

constexpr const char* kTransactionsDatabase = "transactions";
constexpr int kInARow = 6;  // enough for the last ones to be begun by the previous COMMIT

class Transactions : public ::testing::Test {
 protected:
  Transactions() {
    test_support::sharedServer().createDatabase(kTransactionsDatabase);
    eye_.queryText("CREATE OR REPLACE TABLE numbers (n INT) ENGINE=InnoDB");
  }

  void add() { own_.executeText("INSERT INTO numbers VALUES (?)", {std::int64_t{1}}); }

  void addInTransaction() {
    Transaction transaction(own_);
    add();
    transaction.commit();
  }

  void addInARow() {
    for (int i = 0; i < kInARow; ++i) addInTransaction();
  }

  std::int64_t ask(Connection& connection, const std::string& query) {
    return connection.queryText(query).at(0).integer();
  }
  std::int64_t seen() { return ask(eye_, "SELECT COUNT(*) FROM numbers"); }

  // The server closes the store's connection, as it does with an idle one.
  void cut(std::int64_t connection) { eye_.queryText("KILL " + std::to_string(connection)); }

  Connection own_{test_support::settingsFor(kTransactionsDatabase), test_support::cmsNames()};
  Connection eye_{test_support::settingsFor(kTransactionsDatabase), test_support::cmsNames()};
};

TEST_F(Transactions, InARowAreBegunByTheCommitBefore) {
  addInARow();
  EXPECT_EQ(seen(), kInARow);
  const Transaction last(own_);
  EXPECT_EQ(
      ask(own_,
          "SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'COM_BEGIN'"),
      4);
}

TEST_F(Transactions, AStatementBetweenThemIsCommittedByItself) {
  addInARow();
  add();
  EXPECT_EQ(seen(), kInARow + 1);
  addInTransaction();
  EXPECT_EQ(seen(), kInARow + 2);
  own_.queryText("INSERT INTO numbers VALUES (5)");
  own_.close();
  EXPECT_EQ(seen(), kInARow + 3);
}

TEST_F(Transactions, ABrokenOffOneLeavesNothingAndHarmsNoneAfterIt) {
  addInARow();
  {
    const Transaction broken(own_);
    add();
  }
  EXPECT_EQ(seen(), kInARow);
  addInTransaction();
  EXPECT_EQ(seen(), kInARow + 1);
}

TEST_F(Transactions, OneThatHasDoneNothingYetOutlivesItsConnection) {
  addInARow();
  const auto id = [this] {
    Transaction transaction(own_);
    const std::int64_t found = ask(own_, "SELECT CONNECTION_ID()");
    transaction.commit();
    return found;
  };
  cut(id());
  EXPECT_NO_THROW(addInTransaction());
  addInTransaction();
  cut(id());
  EXPECT_NO_THROW(add()) << "a statement outside";
  EXPECT_EQ(seen(), kInARow + 3);
}

TEST_F(Transactions, OneThatHasDoneSomethingEndsWithItsConnection) {
  addInARow();
  Transaction transaction(own_);
  add();
  cut(ask(own_, "SELECT CONNECTION_ID()"));
  try {
    add();
    FAIL() << "its first statement is lost";
  } catch (const StoreError& error) {
    EXPECT_EQ(error.kind(), StoreError::Kind::Unavailable) << error.what();
  }
  EXPECT_THROW(transaction.commit(), StoreError);
  EXPECT_EQ(seen(), kInARow);
}

}  // namespace
}  // namespace taskqueue::contract
