// When a program cannot be started, the message names the problem and its fix.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "runner/workers/process_launcher.h"

namespace taskqueue::runner {
namespace {

struct NothingHeard : WorkerEvents {
  void onLine(std::string_view) override {}
  void onLastLine(std::string_view) override {}
  void onControlClosed() override {}
  void onOutput(OutputStream, std::string_view) override {}
  void onExit(const ResourceUse&) override {}
  void onBrokenProtocol(const std::string&) override {}
};

class LaunchProblemTest : public ::testing::Test {
 protected:
  LaunchProblemTest() {
    std::string name = "/tmp/taskqueue-launch-XXXXXX";
    directory_ = ::mkdtemp(name.data());
  }
  ~LaunchProblemTest() override { std::filesystem::remove_all(directory_); }

  std::string write(const std::string& name, const std::string& content, mode_t mode = 0755) {
    const std::string path = directory_ + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    ::chmod(path.c_str(), mode);
    return path;
  }
  std::string findStartingProblem(const std::string& path) {
    LaunchOrder order;
    order.command = {path};
    try {
      launcher_.launch(order, heard_);
    } catch (const LaunchError& error) {
      return error.what();
    }
    return "it has started";
  }
  // A program of this machine, with a different machine type or loader in its header.
  static std::string elf() {
    std::ifstream file("/bin/true", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string directory_;
  boost::asio::io_context loop_;
  ProcessLauncher launcher_{loop_};
  NothingHeard heard_;
};

TEST_F(LaunchProblemTest, EachKindIsNamedWithTheWayToMendIt) {
  constexpr std::size_t kMachineAt = 18;
  std::string foreign = elf();
  foreign[kMachineAt] = foreign[kMachineAt] == 2 ? 3 : 2;
  std::string unloadable = elf();
  const auto loader = unloadable.find("/lib");
  ASSERT_NE(loader, std::string::npos);
  unloadable.replace(loader, 4, "/non");
  const std::map<std::string, std::vector<std::string>> expected{
      {write("crlf.sh", "#!/bin/sh\r\necho hello\r\n"), {R"("/bin/sh\r")", "Windows", "sed -i 's/\\r$//' "}},
      {write("crlf_argument.sh", "#! /bin/none -e\r\n"), {"\"/bin/none\"", "install it"}},
      {write("it's of Windows.sh", "#!/bin/sh\r\n"), {"sed -i 's/\\r$//' '", "it'\\''s of Windows.sh'"}},
      {write("no_interpreter.sh", "#!/opt/none/php\necho\n"),
       {"\"/opt/none/php\"", "there is none; install it"}},
      {write("directory_interpreter.sh", "#!/tmp\n"), {"\"/tmp\"", "it is a directory"}},
      {write("empty_interpreter.sh", "#!\n"), {"names no interpreter"}},
      {write("not_executable.sh", "#!/bin/sh\n", 0644), {"no execute permission", "chmod +x "}},
      {write("bare.txt", "echo hello\n"), {"neither a program", "first line", "#!/bin/sh"}},
      {write("bom.sh", "\xEF\xBB\xBF#!/bin/sh\n"), {"byte order mark", "sed -i"}},
      {write("empty", ""), {"it is empty"}},
      {write("foreign", foreign), {"another kind of processor"}},
      {write("unloadable", unloadable), {"its loader \"/non", "another system"}},
      {directory_, {"it is a directory"}},
      {directory_ + "/none", {"there is no such file"}},
  };
  for (const auto& [path, parts] : expected) {
    const std::string problem = findStartingProblem(path);
    EXPECT_EQ(problem.find("cannot start " + path), 0U) << problem;
    for (const std::string& part : parts) EXPECT_NE(problem.find(part), std::string::npos) << problem;
    for (const char c : problem) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << problem;
  }
}

TEST_F(LaunchProblemTest, AScriptWithLineEndsOfUnixStarts) {
  EXPECT_EQ(findStartingProblem(write("good.sh", "#!/bin/sh\nexit 0\n")), "it has started");
}

}  // namespace
}  // namespace taskqueue::runner
