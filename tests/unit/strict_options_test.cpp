// Command line options that are empty, repeated or contradictory.
#include "module/platform/strict_options.h"

#include <gmock/gmock.h>

#include <optional>

namespace taskqueue::platform {
namespace {

using ::testing::HasSubstr;

class StrictOptions : public ::testing::Test {
 protected:
  // Returns the error for these arguments, or nothing.
  std::string findProblem(std::vector<const char*> words) {
    CLI::App app("program");
    app.require_subcommand(1);
    auto* list = app.add_subcommand("list");
    std::optional<std::string> queue;
    list->add_option("--queue", queue);
    list->add_option("--limit", limit_)->check(CLI::Range(1, 500));
    list->add_flag("--json", json_);
    auto* cancel = app.add_subcommand("cancel");
    cancel->add_option("id", id_)->required();
    cancel->add_option("--queue", queue);
    words.insert(words.begin(), "program");
    try {
      parseStrictly(app, static_cast<int>(words.size()), words.data());
    } catch (const CLI::ParseError& error) {
      return error.what();
    }
    queue_ = queue.value_or("none");
    return "";
  }

  int limit_ = 50;
  std::optional<int> id_;
  bool json_ = false;
  std::string queue_;
};

TEST_F(StrictOptions, AnEmptyValueIsRefusedByItsName) {
  EXPECT_THAT(findProblem({"list", "--queue="}), HasSubstr("--queue"));
  EXPECT_THAT(findProblem({"list", "--queue", ""}), HasSubstr("--queue"));
  EXPECT_THAT(findProblem({"cancel", "--queue=", "5"}), HasSubstr("--queue")) << "5 is no queue";
  EXPECT_THAT(findProblem({"list", "--limit="}), HasSubstr("--limit"));
  EXPECT_EQ(findProblem({"list", "--queue=a=", "--json"}), "");
  EXPECT_EQ(queue_, "a=");
}

TEST_F(StrictOptions, ANumberHasDecimalDigitsOnly) {
  for (const char* number : {"0x10", "010", "+5", " 5", "5 ", "1e3", "5.0", "", "0b1", "99999999999", "true"})
    EXPECT_THAT(findProblem({"list", "--limit", number}), HasSubstr("--limit")) << number;
  for (const char* number : {"0x10", "010", "+5", " 5", "1e3", "99999999999"})
    EXPECT_THAT(findProblem({"cancel", number}), HasSubstr("id")) << number;
  EXPECT_EQ(findProblem({"list", "--limit", "20"}), "");
  EXPECT_EQ(limit_, 20);
  EXPECT_EQ(findProblem({"cancel", "7"}), "");
  EXPECT_EQ(id_, 7);
}

TEST_F(StrictOptions, NothingIsGivenTwiceUnknownOrBeyondUtf8) {
  EXPECT_THAT(findProblem({"list", "--queue", "a", "--queue", "b"}), HasSubstr("--queue"));
  EXPECT_THAT(findProblem({"list", "--limit", "1", "--limit", "1"}), HasSubstr("--limit"));
  EXPECT_THAT(findProblem({"list", "--quux", "1"}), HasSubstr("--quux"));
  EXPECT_THAT(findProblem({"list", "--queue", "\xFF"}), HasSubstr("UTF-8"));
  EXPECT_THAT(findProblem({"list", "left over"}), HasSubstr("left over"));
}

}  // namespace
}  // namespace taskqueue::platform
