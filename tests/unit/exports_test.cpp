// Exported tables: no cell begins a formula, and control bytes are shown.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/web/pages/csv_cell.h"
#include "tests/unit/web_under_test.h"

namespace taskqueue::web::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Exports, AnExportDefusesFormulas) {
  WebUnderTest web;
  for (const char* title : {"=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "plain \"quoted\", with comma"})
    web.store().tables.insertRow({.taskHandlerClass = "Echo", .title = title});
  const std::string csv = web.answer(web.get("tasks/export?format=csv")).body;
  EXPECT_THAT(csv, HasSubstr("\"'=cmd|' /C calc'!A0\""));
  EXPECT_THAT(csv, HasSubstr("\"'+1\""));
  EXPECT_THAT(csv, HasSubstr("\"'-1\""));
  EXPECT_THAT(csv, HasSubstr("\"'@SUM(A1)\""));
  EXPECT_THAT(csv, HasSubstr("\"plain \"\"quoted\"\", with comma\""));
  EXPECT_EQ(web.answer(web.get("tasks/export?format=xml")).status, 400);
}

TEST(Exports, TheGuardOfAnExportIsForTextsAndNeverForNumbers) {
  WebUnderTest web;
  web.store().tables.insertRow({.taskHandlerClass = "Echo", .queuedById = -1, .title = "-1"});
  EXPECT_THAT(web.answer(web.get("tasks/export?format=csv")).body,
              AllOf(HasSubstr(",\"'-1\","), HasSubstr(",-1,")));
}

TEST(CsvText, WhatASpreadsheetTakesForAFormulaGetsAQuoteBeforeIt) {
  for (const auto& [text, cell] :
       {std::pair("＝1+1", "'＝1+1"), std::pair("＋1", "'＋1"), std::pair("－1", "'－1"),
        std::pair("＠A1", "'＠A1"), std::pair("\n=1", "'\n'=1"), std::pair("\n1", "'\n1"),
        std::pair("\t1", "'\t1"), std::pair("\r1", "'\r1"), std::pair("a;=1+1", "a;'=1+1"),
        std::pair("a; =1+1", "a; '=1+1"), std::pair("a;\"=1", "a;\"\"'=1"), std::pair("a\r\n@b", "a\r\n'@b"),
        std::pair("a\t+b", "a\t'+b"), std::pair("a, -b", "a, '-b"), std::pair("a|=1", "a|'=1"),
        std::pair("a\x1B[2J\x7F", "a␛[2J␡"), std::pair("a;\xC2\x9B=1", "a;\xEF\xBF\xBD=1"),
        std::pair(" =1", " '=1"), std::pair("\"=1\"", "\"\"'=1\"\"")}) {
    EXPECT_EQ(csvText(text), "\"" + std::string(cell) + "\"");
  }
}

// Returns the cells of a text as a spreadsheet that takes this separator reads it. Quotes may count.
std::vector<std::string> cellsOf(const std::string& text, char separator, bool quotesCount) {
  std::vector<std::string> cells(1);
  bool isQuoted = false;
  for (const char c : text) {
    if (c == '"' && quotesCount) {
      isQuoted = !isQuoted;
    } else if (!isQuoted && (c == separator || c == '\n' || c == '\r')) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

TEST(Exports, NoCellOfTheExportBeginsAFormulaWhicheverSeparatorReadsIt) {
  WebUnderTest web;
  for (const std::string before : {"", "a", "\"", "a\"", " ", "'"}) {
    for (const std::string separator :
         {"", ",", ";", "\t", "|", "\n", "\r\n", ";\"", ";\"\"", "; ", ",\" "}) {
      for (const std::string formula : {"=1+1", "+1", "-1", "@A1", "＝1", "＋1", "－1", "＠1"})
        web.store().tables.insertRow({.taskHandlerClass = "Echo", .title = before + separator + formula});
    }
  }
  const std::string file = web.answer(web.get("tasks/export")).body;
  int seen = 0;
  for (const char separator : {',', ';', '\t', '|'}) {
    for (const bool quotesCount : {true, false}) {
      for (std::string cell : cellsOf(file, separator, quotesCount)) {
        cell.erase(0, std::min(cell.find_first_not_of(" \""), cell.size()));
        for (const char* beginning : {"=", "+", "-", "@", "＝", "＋", "－", "＠"})
          EXPECT_FALSE(cell.starts_with(beginning)) << separator << quotesCount << ": " << cell;
        ++seen;
      }
    }
  }
  EXPECT_GT(seen, 10000);
}

TEST(Exports, ShowControlBytesOfARowThatWasInsertedBySql) {
  WebUnderTest web;
  web.store().tables.insertRow({.taskHandlerClass = "Ec\x1Bho", .title = "red\x1B[31m\x7F\xC2\x9B\x07"});
  addRun(web.store(), 1, RunStatus::Error, "bell\x07\x1B]0;x\x07");
  for (const char* target : {"tasks", "tasks/1", "runs/1", "new?copy=1", "tasks/export"}) {
    const std::string page = web.answer(web.get(target)).body;
    EXPECT_EQ(page.find_first_of("\x1B\x07\x7F"), std::string::npos) << target;
    EXPECT_EQ(page.find("\xC2\x9B"), std::string::npos) << target;
    EXPECT_THAT(page, HasSubstr("red␛[31m␡\xEF\xBF\xBD␇")) << target;
  }
}

TEST(CsvText, OtherTextsAreAsTheyAre) {
  for (const char* text : {"", "a=b", "1-2", "a, b", "x@y.example", "a;b", "two\nlines"})
    EXPECT_EQ(csvText(text), "\"" + std::string(text) + "\"");
}

}  // namespace
}  // namespace taskqueue::web::tests
