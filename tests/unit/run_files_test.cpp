// Files of runs over HTTP: they are listed, linked and downloaded, and never rendered as a page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/web_under_test.h"

namespace taskqueue::web::tests {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

class RunFiles : public ::testing::Test {
 protected:
  RunFiles() {
    const int task = web_.store().tables.insertRow({.taskHandlerClass = "Echo"});
    run_ = addRun(web_.store(), task, RunStatus::Success, "");
    put("skipped.csv", "text/csv", "SkippedLine,SkippedReason\r\n2,broken\r\n");
  }
  void put(const std::string& name, const std::string& type, const std::string& content) {
    web_.store().tables.runs.at(run_).files[name] = {type, content};
  }
  std::string path(const std::string& more = "") const { return "runs/" + std::to_string(run_) + more; }

  WebUnderTest web_;
  int run_ = 0;
};

TEST_F(RunFiles, AreLinkedOnTheRunsPage) {
  const Response page = web_.answer(web_.get(path()));
  EXPECT_THAT(page.body, HasSubstr(path("/files/skipped.csv")));
  web_.store().tables.runs.at(run_).files.clear();
  EXPECT_THAT(web_.answer(web_.get(path())).body, Not(HasSubstr("run-files")));
}

TEST_F(RunFiles, AreSavedAndNotShown) {
  const Response file = web_.answer(web_.get(path("/files/skipped.csv"), "viewer"));
  EXPECT_EQ(file.status, 200);
  EXPECT_EQ(file.contentType, "text/csv");
  EXPECT_EQ(file.body, "SkippedLine,SkippedReason\r\n2,broken\r\n");
  EXPECT_THAT(file.headers,
              Contains(Pair("Content-Disposition",
                            "attachment; filename=\"run-" + std::to_string(run_) + "-skipped.csv\"")));
  EXPECT_THAT(file.headers, Contains(Pair("Content-Security-Policy", HasSubstr("sandbox"))));
}

TEST_F(RunFiles, NamesAndTypesOfAHandlerCannotForgeHeadersOrMarkup) {
  put("<b>\"x.csv", "text/html\r\nX-Forged: 1", "y");
  EXPECT_THAT(web_.answer(web_.get(path())).body, Not(HasSubstr("<b>\"x")));
  const Response file = web_.answer(web_.get(path("/files/%3Cb%3E%22x.csv")));
  EXPECT_EQ(file.status, 200);
  EXPECT_EQ(file.contentType, "application/octet-stream");
  EXPECT_THAT(file.headers, Contains(Pair("Content-Disposition", HasSubstr("-_b__x.csv\""))));
}

TEST_F(RunFiles, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(web_.answer(web_.get(path("/files/other.csv"))).status, 404);
  EXPECT_EQ(web_.answer(web_.get("runs/4711/files/skipped.csv")).status, 404);
}

}  // namespace
}  // namespace taskqueue::web::tests
