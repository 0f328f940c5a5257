// The log of a run over HTTP: windows, places to continue from, dropped output and invalid requests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/json/read.h"
#include "module/web/pages/run_log.h"
#include "tests/unit/web_under_test.h"

namespace taskqueue::web::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class RunLog : public ::testing::Test {
 protected:
  int addOpenRun() {
    const int task = web_.store().tables.insertRow({.taskHandlerClass = "Echo"});
    return addRun(web_.store(), task, RunStatus::Running, "");
  }
  // Writes a piece of live output as a runner does.
  void write(int runId, std::int64_t position, const std::string& content) {
    web_.store().tables.runs.at(runId).chunks.push_back({OutputStream::StandardOutput, position, content});
  }
  int addEndedRun(const std::string& output, RunStatus status = RunStatus::Success) {
    const int id = addOpenRun();
    auto& row = web_.store().tables.runs.at(id);
    row.run.status = status;
    row.standardOutput = output;
    row.run.standardOutputBytes = static_cast<std::int64_t>(output.size());
    return id;
  }
  json::Document logOf(int runId, const std::string& query) {
    const Response response = web_.answer(web_.get("runs/" + std::to_string(runId) + "/log?" + query));
    EXPECT_EQ(response.status, 200) << response.body;
    auto parsed = json::read(response.body, {.bytes = 1 << 20, .depth = 10, .members = 100000});
    return std::move(std::get<json::Document>(parsed));
  }
  static std::vector<int> numbersOf(const json::Document& log) {
    std::vector<int> numbers;
    for (const auto& line : log["Lines"].GetArray()) numbers.push_back(line["Number"].GetInt());
    return numbers;
  }
  static std::string textOf(const json::Document& log) {
    std::string text;
    for (const auto& line : log["Lines"].GetArray()) {
      for (const auto& span : line["Spans"].GetArray()) text += span[0].GetString();
      text += "\n";
    }
    return text;
  }
  int statusOf(const std::string& target) { return web_.answer(web_.get(target)).status; }

  WebUnderTest web_;
};

std::string numbered(int lines) {
  std::string text;
  for (int i = 1; i <= lines; ++i) text += std::to_string(i) + "\n";
  return text;
}

TEST_F(RunLog, OfASuccessTheBeginningIsShownOfAFailureTheEnd) {
  EXPECT_EQ(numbersOf(logOf(addEndedRun(numbered(1200)), "")).front(), 1);
  EXPECT_EQ(numbersOf(logOf(addEndedRun(numbered(1200), RunStatus::Error), "")).back(), 1200);
}

TEST_F(RunLog, IsReadOnFromWhereAnAnswerEnded) {
  const int id = addOpenRun();
  write(id, 0, "one\ntw");
  const auto first = logOf(id, "");
  EXPECT_EQ(textOf(first), "one\ntw\n");
  EXPECT_TRUE(first["Open"].GetBool());
  write(id, 6, "o\nthree\n");
  const auto second = logOf(id, std::string("after=") + first["Next"].GetString());
  EXPECT_EQ(textOf(second), "two\nthree\n");  // the incomplete line is sent again
  EXPECT_THAT(numbersOf(second), ElementsAre(2, 3));
  EXPECT_EQ(second["LastLine"].GetInt(), 3);
  const auto third = logOf(id, std::string("after=") + second["Next"].GetString());
  EXPECT_EQ(textOf(third), "");
  EXPECT_EQ(third["LastLine"].GetInt(), 3);
}

TEST_F(RunLog, NothingNewIsAnsweredWithoutABody) {
  const int id = addOpenRun();
  write(id, 0, "one\n");
  Request request = web_.get("runs/" + std::to_string(id) + "/log?after=4.2.0");
  const Response first = web_.answer(request);
  for (const auto& [name, value] : first.headers) {
    if (name == "ETag") request.ifNoneMatch = value;
  }
  ASSERT_FALSE(request.ifNoneMatch.empty());
  EXPECT_EQ(web_.answer(request).status, 304);
  write(id, 4, "two\n");
  EXPECT_EQ(web_.answer(request).status, 200);
}

TEST_F(RunLog, APlaceMeansTheSameAfterTheEnd) {
  const int id = addOpenRun();
  write(id, 0, "one\ntwo\n");
  const std::string place = logOf(id, "")["Next"].GetString();
  auto& row = web_.store().tables.runs.at(id);
  row.run.status = RunStatus::Success;
  row.standardOutput = "one\ntwo\nthree\n";
  row.run.standardOutputBytes = 14;
  const auto rest = logOf(id, "after=" + place);
  EXPECT_EQ(textOf(rest), "three\n");
  EXPECT_THAT(numbersOf(rest), ElementsAre(3));
  EXPECT_FALSE(rest["Open"].GetBool());
}

TEST_F(RunLog, WhoeverIsTooFarBehindGetsTheNewest) {
  const int id = addOpenRun();
  write(id, 0, "0\n");
  const std::string place = logOf(id, "")["Next"].GetString();
  write(id, 2, numbered(5000));
  const auto rest = logOf(id, "after=" + place);
  EXPECT_EQ(numbersOf(rest).size(), 500U);
  EXPECT_EQ(numbersOf(rest).back(), 5001);
  EXPECT_EQ(logOf(id, std::string("after=") + rest["Next"].GetString())["LastLine"].GetInt(), 5001);
}

TEST_F(RunLog, WhatWasDroppedIsToldBeforeTheLineBehindIt) {
  const int live = addOpenRun();
  write(live, 0, "head\n");
  write(live, 105, "tail\n");
  EXPECT_EQ(logOf(live, "")["Lines"][1]["Dropped"].GetInt(), 100);

  const int ended = addEndedRun("head" + droppedLine(90) + "tail");
  auto& run = web_.store().tables.runs.at(ended).run;
  run.standardOutputBytes = 98;
  run.standardOutputDropped = 90;
  const auto log = logOf(ended, "");
  EXPECT_EQ(textOf(log), "head\ntail\n");
  EXPECT_EQ(log["Lines"][1]["Dropped"].GetInt(), 90);
  const std::string page = web_.answer(web_.get("runs/" + std::to_string(ended))).body;
  EXPECT_THAT(page, HasSubstr("8 of 98 bytes were kept"));
  EXPECT_THAT(page, HasSubstr("90 bytes were left out here"));
  EXPECT_EQ(web_.answer(web_.get("runs/" + std::to_string(ended) + "/raw")).body,
            "head" + droppedLine(90) + "tail");
}

TEST_F(RunLog, AMatchIsShownWithTheLinesAroundIt) {
  const int id = addEndedRun(numbered(3000));
  const auto log = logOf(id, "q=250&match=2");  // 250, 1250, 2250, 2500 …
  EXPECT_EQ(log["Line"].GetInt(), 1250);
  EXPECT_EQ(log["Match"].GetInt(), 2);
  EXPECT_EQ(log["Matches"].GetInt(), 13);
  EXPECT_EQ(numbersOf(log).front(), 1240);
  EXPECT_TRUE(log["Lines"][10]["Spans"][1][2].GetBool());
  EXPECT_FALSE(logOf(id, "q=nothing").HasMember("Match"));
}

TEST_F(RunLog, TheRawLogIsTextThatNoBrowserTakesForAnythingElse) {
  const int id = addEndedRun("<script>alert(1)</script>\x1B[31m\n");
  const Response raw = web_.answer(web_.get("runs/" + std::to_string(id) + "/raw?download=1"));
  EXPECT_EQ(raw.body, "<script>alert(1)</script>\x1B[31m\n");
  EXPECT_EQ(raw.contentType, "text/plain; charset=utf-8");
  std::string headers;
  for (const auto& [name, value] : raw.headers) headers += name + ": " + value + "\n";
  EXPECT_THAT(headers, HasSubstr("sandbox"));
  EXPECT_THAT(headers, HasSubstr("attachment; filename=\"run-" + std::to_string(id) + "-stdout.log\""));
}

TEST_F(RunLog, WhatIsAskedWronglyIsNamed) {
  const std::string run = "runs/" + std::to_string(addEndedRun("text\n"));
  for (const char* query : {"from=0", "from=-1", "from=x", "from=9999999999", "lines=5-", "lines=-5",
                            "stream=both", "after=1.1", "after=-1.1.0", "match=0"}) {
    for (const char* part : {"", "/log", "/raw"}) {
      const Response refused = web_.answer(web_.get(run + part + "?" + query));
      EXPECT_EQ(refused.status, 400) << part << query;
      const std::string name = std::string(query).substr(0, std::string(query).find('='));
      EXPECT_THAT(refused.body, HasSubstr(name + " must be")) << part << query;
    }
  }
  EXPECT_EQ(statusOf(run + "/log?q=" + std::string(201, 'x')), 400);
  EXPECT_EQ(statusOf(run + "/raw?from=1"), 400) << "all of it is sent";
  EXPECT_EQ(statusOf(run + "/log?from=1000000000"), 200);
  EXPECT_EQ(statusOf(run + "/log?after=999999999999.5.0"), 200);
  EXPECT_EQ(statusOf(run + "/log?q=&from="), 200);
  EXPECT_EQ(statusOf("runs/4711/log"), 404);
  EXPECT_EQ(statusOf("runs/4711/raw"), 404);
}

TEST_F(RunLog, OnlyTheStreamWithTextIsShownUnlessOneIsChosen) {
  const int id = addEndedRun("");
  auto& row = web_.store().tables.runs.at(id);
  row.errorOutput = "only here\n";
  row.run.errorOutputBytes = 10;
  const std::string run = "runs/" + std::to_string(id);
  EXPECT_THAT(web_.answer(web_.get(run)).body, HasSubstr("<code>only here</code>"));
  EXPECT_THAT(web_.answer(web_.get(run + "?stream=stdout")).body, Not(HasSubstr("<code>only here</code>")));
}

// The newest frames come first in a trace.
TEST_F(RunLog, OfATraceThatEndsTheErrorOutputTheBeginningIsShownWithTheError) {
  std::string output = numbered(30) + "DomainException: no such customer in /site/a.php:3\n";
  for (int i = 0; i < 40; ++i)
    output += "#" + std::to_string(i) + " /site/a.php(" + std::to_string(i) + "): go()\n";
  output += "#40 {main}\ncaused by LogicException: the cause in /site/b.php:4\n#0 {main}\n";
  const int id = addEndedRun("", RunStatus::Error);
  auto& row = web_.store().tables.runs.at(id);
  row.errorOutput = output;
  row.run.errorOutputBytes = static_cast<std::int64_t>(output.size());
  row.run.errorCode = "DomainException";
  const std::string page = web_.answer(web_.get("runs/" + std::to_string(id))).body;
  const auto shown = page.find("class=\"error-lines\"");
  ASSERT_NE(shown, std::string::npos);
  const std::string error = page.substr(shown, page.find("</pre>", shown) - shown);
  EXPECT_THAT(error, HasSubstr("DomainException: no such customer"));
  EXPECT_THAT(error, HasSubstr("#0 /site/a.php(0)"));
  EXPECT_THAT(error, Not(HasSubstr("#40 {main}")));
  EXPECT_THAT(page, HasSubstr("Lines 31 to 50 of 74"));
}

}  // namespace
}  // namespace taskqueue::web::tests
