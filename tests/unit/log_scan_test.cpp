// The log scan finds unexpected lines.
#include "tests/support/log_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace taskqueue::test_support {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LogScanTest : public ::testing::Test {
 protected:
  LogScanTest() {
    std::string name = std::filesystem::temp_directory_path() / "log-scan-XXXXXX";
    directory_ = ::mkdtemp(name.data());
  }
  ~LogScanTest() override { std::filesystem::remove_all(directory_); }

  void write(const std::string& file, const std::string& line) {
    std::ofstream(directory_ + "/" + file, std::ios::app) << line << "\n";
  }
  void expectFound(const std::string& file, const std::string& line) {
    LogScan scan(directory_);
    write(file, line);
    EXPECT_THAT(scan.unexpected(), ::testing::ElementsAre(HasSubstr(line)));
    scan.expect("out of|crit|ERROR|error");
    EXPECT_THAT(scan.unexpected(), IsEmpty());
  }

  std::string directory_;
};

TEST_F(LogScanTest, FindsErrorsOfEachProgram) {
  expectFound("taskqueue-fcgi.log", R"({"level":"error","message":"a request failed"})");
  expectFound("task-runner_00.log", "==7==ERROR: AddressSanitizer");
  expectFound("nginx.log", "2026/01/01 00:00:00 [crit] 1#1: disk");
  expectFound("database.log", "[ERROR] InnoDB: disk");
}

TEST_F(LogScanTest, LeavesOldLinesAndHarmlessOnesAlone) {
  write("taskqueue-fcgi.log", R"({"level":"error","message":"old"})");
  const LogScan scan(directory_);
  write("taskqueue-fcgi.log", R"({"level":"info","message":"new"})");
  write("nginx.log", "2026/01/01 00:00:00 [notice] 1#1: start");
  EXPECT_THAT(scan.unexpected(), IsEmpty());
}

TEST_F(LogScanTest, ARefusedWriteMayBeLoggedOnce) {
  const LogScan scan(directory_);
  const std::string line =
      R"({"level":"warning","pid":5,"message":"the end of a run was refused: it is no longer ours","TaskRunId":7})";
  write("task-runner_00.log", line);
  EXPECT_THAT(scan.unexpected(), IsEmpty());
  write("task-runner_00.log", line);
  EXPECT_THAT(scan.unexpected(), ::testing::ElementsAre(HasSubstr("I10")));
}

}  // namespace
}  // namespace taskqueue::test_support
