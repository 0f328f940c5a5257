// Files that runs leave for download.
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::IsEmpty;

class RunFiles : public Contract {};
INSTANTIATE_TEST_SUITE_P(Stores, RunFiles, bothStores(), nameOf);

TEST_P(RunFiles, AFileIsReadWholeInTheOrderOfItsParts) {
  add();
  const int run = claimOne().owned.runId;
  std::vector<std::string> parts;
  std::string whole;
  for (int i = 0; i < 12; ++i) parts.push_back(std::to_string(i) + std::string(1, '\xFF') + '\0');
  for (const std::string& part : parts) whole += part;
  world().putRunFile(run, "b.csv", "text/csv", parts);
  world().putRunFile(run, "a.txt", "text/plain", {"x"});

  const auto files = store().tasks.filesOfRun(run);
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].name, "a.txt");
  EXPECT_EQ(files[1].name, "b.csv");
  EXPECT_EQ(files[1].contentType, "text/csv");
  EXPECT_EQ(files[1].bytes, static_cast<std::int64_t>(whole.size()));
  EXPECT_EQ(store().tasks.readRunFile(run, "b.csv"), whole);
}

TEST_P(RunFiles, OfAnotherRunOrNameThereIsNone) {
  add();
  const int run = claimOne().owned.runId;
  world().putRunFile(run, "a.txt", "text/plain", {"x"});
  EXPECT_THAT(store().tasks.filesOfRun(run + 1), IsEmpty());
  EXPECT_FALSE(store().tasks.readRunFile(run + 1, "a.txt"));
  EXPECT_FALSE(store().tasks.readRunFile(run, "A.txt"));
  EXPECT_FALSE(store().tasks.readRunFile(run, "a.txt "));
}

}  // namespace
}  // namespace taskqueue::contract
