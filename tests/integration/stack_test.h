// The fixture of all tests of the whole stack: one stack for the program, and after each test the invariants,
// the logs and the processes.
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
  // What the programs may say after one of them was killed.
  void expectLoggedTrouble();

  // An executable file of the home that runs this text with /bin/sh; what a handler's command names.
  static void writeScript(const std::string& name, const std::string& text);
  // PID of the runner that has this run; fails the test when there is none.
  int pidOfRunner(int taskRunnerId);

 private:
  void checkProcesses();  // I9

  test_support::LogScan log_;
};

}  // namespace taskqueue::tests
