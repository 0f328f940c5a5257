// Transactions that follow each other on one connection: the COMMIT of one begins the next, and nobody
// notices.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/store/connection.h"
#include "tests/support/database_environment.h"

namespace taskqueue::contract {
namespace {

using store::Connection;
using store::Transaction;

constexpr const char* kDatabase = "transactions";

class Transactions : public ::testing::Test {
 protected:
  Transactions() {
    test_support::sharedServer().createDatabase(kDatabase);
    eye_.queryText("CREATE OR REPLACE TABLE numbers (n INT) ENGINE=InnoDB");
  }

  void add(int n) { own_.executeText("INSERT INTO numbers VALUES (?)", {std::int64_t{n}}); }

  void addInTransaction(int n) {
    Transaction transaction(own_);
    add(n);
    transaction.commit();
  }

  std::int64_t ask(Connection& connection, const std::string& query) {
    return connection.queryText(query).at(0).integer();
  }
  std::int64_t seen() { return ask(eye_, "SELECT COUNT(*) FROM numbers"); }

  // The server closes the own connection, as it does with one that was idle for long.
  void cut(std::int64_t connection) { eye_.queryText("KILL " + std::to_string(connection)); }

  Connection own_{test_support::settingsFor(kDatabase), test_support::cmsNames()};
  Connection eye_{test_support::settingsFor(kDatabase), test_support::cmsNames()};
};

TEST_F(Transactions, InARowAreBegunByTheCommitBefore) {
  constexpr int kInARow = 5;
  for (int i = 0; i < kInARow; ++i) addInTransaction(i);
  EXPECT_EQ(seen(), kInARow);
  const Transaction last(own_);
  EXPECT_EQ(
      ask(own_,
          "SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'COM_BEGIN'"),
      2);
}

TEST_F(Transactions, AStatementBetweenThemIsCommittedByItself) {
  for (int i = 0; i < 3; ++i) addInTransaction(i);
  add(3);
  EXPECT_EQ(seen(), 4);
  addInTransaction(4);
  EXPECT_EQ(seen(), 5);
  own_.queryText("INSERT INTO numbers VALUES (5)");
  own_.close();
  EXPECT_EQ(seen(), 6);
}

TEST_F(Transactions, ABrokenOffOneLeavesNothingAndHarmsNoneAfterIt) {
  for (int i = 0; i < 3; ++i) addInTransaction(i);
  {
    const Transaction broken(own_);
    add(3);
  }
  EXPECT_EQ(seen(), 3);
  addInTransaction(3);
  EXPECT_EQ(seen(), 4);
}

TEST_F(Transactions, OneThatHasDoneNothingYetOutlivesItsConnection) {
  for (int i = 0; i < 3; ++i) addInTransaction(i);
  const auto id = [this] {
    Transaction transaction(own_);
    const std::int64_t found = ask(own_, "SELECT CONNECTION_ID()");
    transaction.commit();
    return found;
  };
  cut(id());
  EXPECT_NO_THROW(addInTransaction(3));
  addInTransaction(4);
  cut(id());
  EXPECT_NO_THROW(add(5)) << "a statement outside";
  EXPECT_EQ(seen(), 6);
}

TEST_F(Transactions, OneThatHasDoneSomethingEndsWithItsConnection) {
  for (int i = 0; i < 3; ++i) addInTransaction(i);
  Transaction transaction(own_);
  add(3);
  cut(ask(own_, "SELECT CONNECTION_ID()"));
  try {
    add(4);
    FAIL() << "its first statement is lost";
  } catch (const StoreError& error) {
    EXPECT_EQ(error.kind(), StoreError::Kind::Unavailable) << error.what();
  }
  EXPECT_THROW(transaction.commit(), StoreError);
  EXPECT_EQ(seen(), 3);
}

}  // namespace
}  // namespace taskqueue::contract
