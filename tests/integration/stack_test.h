// The fixture of all whole-stack tests. The program has one stack; after each test the fixture checks
// invariants, logs and processes.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "tests/integration/stack.h"
#include "tests/support/eventually.h"
#include "tests/support/log_scan.h"

namespace taskqueue::tests {

using namespace std::chrono_literals;
using test_support::eventually;

bool isAlive(int pid);

class StackTest : public ::testing::Test {
 protected:
  StackTest();
  void TearDown() override;

  static Stack& stack();
  test_support::LogScan& log() { return log_; }
  // Declares the log lines that are expected after a kill of a program.
  void expectLoggedTrouble();

  // Writes an executable file into the home that runs this text with /bin/sh, for use as a handler's command.
  static void writeScript(const std::string& name, const std::string& text);
  // Returns the PID of this runner; the test fails when there is none.
  int pidOfRunner(int taskRunnerId);

 private:
  void checkProcesses();  // I9

  test_support::LogScan log_;
};

}  // namespace taskqueue::tests
