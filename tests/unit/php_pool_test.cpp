// The worker pool for a bootstrap file that is given on the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "module/platform/php_pool.h"

namespace taskqueue::platform {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PhpPoolTest : public ::testing::Test {
 protected:
  PhpPoolTest() { std::ofstream(file_) << "<?php return [];\n"; }
  ~PhpPoolTest() override { std::filesystem::remove(file_); }

  std::string problemOf(const std::string& bootstrap) {
    try {
      servePhp(configuration_, bootstrap);
    } catch (const ConfigurationError& error) {
      return error.what();
    }
    return "";
  }

  const std::string file_ =
      std::filesystem::temp_directory_path() / ("taskqueue-pool-" + std::to_string(::getpid()) + ".php");
  Configuration configuration_;
};

TEST_F(PhpPoolTest, TakesTheSitesOwnPoolAndLetsItLoadTheFile) {
  configuration_.workerPools = {
      {"other", "other", {"/bin/other", "--bootstrap=/a.php"}},
      {"php", "php", {"/opt/php", "/opt/worker.php", "--bootstrap=/site/tasks.php", "--fork"}}};
  EXPECT_EQ(problemOf(file_), "");
  ASSERT_EQ(configuration_.workerPools.size(), 2U);
  EXPECT_THAT(configuration_.workerPools[0].command, ElementsAre("/bin/other", "--bootstrap=/a.php"));
  EXPECT_THAT(configuration_.workerPools[1].command,
              ElementsAre("/opt/php", "/opt/worker.php", "--bootstrap=" + file_, "--fork", "--watch"));
  EXPECT_EQ(problemOf(file_), "");
  EXPECT_EQ(configuration_.workerPools[1].command.size(), 5U) << "--watch is given once";
}

TEST_F(PhpPoolTest, SaysWhatIsMissing) {
  EXPECT_THAT(problemOf(file_ + ".no"), HasSubstr("the bootstrap file " + file_ + ".no cannot be read"));
  EXPECT_THAT(problemOf("/tmp"), HasSubstr("cannot be read"));
  // This program is not installed, and has no worker.php beside it.
  EXPECT_THAT(problemOf(file_), HasSubstr("share/taskqueue/php/worker.php: install the programs"));
}

}  // namespace
}  // namespace taskqueue::platform
