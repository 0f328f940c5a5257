// URLs and forms share one decoder, which is applied once. The tests also check the messages for rejected
// input.
#include <gmock/gmock.h>

#include "module/web/form.h"

namespace taskqueue::web {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;

Target targetOf(const std::string& address) {
  return readTarget("/taskqueue/" + address, "/taskqueue/").value();
}

std::string findProblem(const std::string& address) {
  return targetOf(address).problem;
}

TEST(Address, TextBeyondAsciiIsDecoded) {
  const Target target = targetOf("tasks/%C3%A9?q=%E2%82%AC+x");
  EXPECT_EQ(target.problem, "");
  EXPECT_THAT(target.path, ElementsAre("tasks", "é"));
  EXPECT_EQ(target.query.at("q"), "€ x");
}

TEST(Address, ParametersOfQueriesAndFormsAreDecodedOnceAndAlike) {
  const std::string encoded = "q=C%2B%2B&title=a+b%20c&twice=%252B&plus%2Bname=1&empty=&bare&a=x=y&";
  const auto query = targetOf("tasks?" + encoded).query;
  EXPECT_THAT(query,
              ElementsAre(Pair("a", "x=y"), Pair("bare", ""), Pair("empty", ""), Pair("plus+name", "1"),
                          Pair("q", "C++"), Pair("title", "a b c"), Pair("twice", "%2B")));
  const auto form = std::get<FormValues>(readForm(encoded));
  ASSERT_EQ(form.size(), query.size());
  for (const auto& [name, value] : query) EXPECT_THAT(form.at(name), ElementsAre(value)) << name;
}

TEST(Address, WhatIsWrittenIsReadBack) {
  std::string all = "é€";
  for (int c = 0x20; c < 0x7F; ++c) all += static_cast<char>(c);
  const Target target = targetOf("tasks/" + percentEncoded("a\\b|c+d/e? ü") + "?" + writeQuery({{"q", all}}));
  EXPECT_EQ(target.problem, "");
  EXPECT_EQ(target.query.at("q"), all);
  EXPECT_THAT(target.path, ElementsAre("tasks", "a\\b|c+d/e? ü"));
}

TEST(Address, APlusInThePathIsAPlusAndASlashMayBePartOfAName) {
  EXPECT_THAT(targetOf("handlers/C++").path, ElementsAre("handlers", "C++"));
  EXPECT_THAT(targetOf("handlers/App%2FX%5CY").path, ElementsAre("handlers", "App/X\\Y"));
  EXPECT_THAT(targetOf("tasks/").path, ElementsAre("tasks"));
  EXPECT_THAT(targetOf("").path, SizeIs(0));
}

TEST(Address, WhatMustNotStandThereIsNamedWithItsMend) {
  EXPECT_THAT(findProblem("tasks?TaskHandlerClass=App\\Tasks\\X"),
              HasSubstr("The query parameter TaskHandlerClass has a '\\' as it is: write it as %5C."));
  EXPECT_THAT(findProblem("tasks?q=a|b"),
              HasSubstr("The query parameter q has a '|' as it is: write it as %7C."));
  EXPECT_THAT(findProblem("tasks?q=a b"), HasSubstr("write it as %20"));
  EXPECT_THAT(findProblem("tasks?q=\xC3\xA9"), HasSubstr("write it as %C3"));
  EXPECT_THAT(findProblem("tasks?a[]=1"), HasSubstr("write it as %5B"));
  for (const char* bad : {"%zz", "%", "%4", "50%&x=1", "%%"})
    EXPECT_THAT(findProblem(std::string("tasks?q=") + bad), HasSubstr("The query parameter q has a '%'"))
        << bad;
  EXPECT_THAT(findProblem("tasks?limit=1&limit=1"), HasSubstr("The query parameter limit is given twice."));
  EXPECT_THAT(findProblem("tasks?q=1&%71=2"), HasSubstr("q is given twice"));
  EXPECT_THAT(findProblem("tasks?q=%00"), HasSubstr("q must not have control characters"));
  EXPECT_THAT(findProblem("tasks?q=a%0Ab"), HasSubstr("q must not have control characters"));
  EXPECT_THAT(findProblem("tasks?q=%C3"), HasSubstr("q must be valid UTF-8"));
  EXPECT_THAT(findProblem("tasks?%ED%A0%80=1"), HasSubstr("must be valid UTF-8"));
  EXPECT_THAT(findProblem("tasks?q=" + std::string(2048, 'x')), AllOf(HasSubstr("bytes"), HasSubstr("2048")));
  EXPECT_THAT(findProblem("handlers/%FF/pause"), HasSubstr("The path of the address must be valid UTF-8"));
  EXPECT_THAT(findProblem("queues/../pause"), HasSubstr("a part '.' or '..'"));
  EXPECT_THAT(findProblem("queues/%2E/pause"), HasSubstr("a part '.' or '..'"));
  EXPECT_THAT(findProblem("queues//pause"), HasSubstr("two '/' side by side"));
  EXPECT_THAT(findProblem("queues/%0A/pause"), HasSubstr("control characters"));
  EXPECT_THAT(findProblem("queues/a\\b/pause"), HasSubstr("The path of the address has a '\\' as it is"));
}

TEST(Address, ARefusedOneTellsOnlyWhetherAPageWasAskedFor) {
  for (const char* address :
       {"api/v1/tasks?q=%zz", "api/v1/queues/%FF/pause", "api/v1/tasks?limit=1&limit=2"}) {
    EXPECT_THAT(targetOf(address).path, ElementsAre("api")) << address;
    EXPECT_THAT(targetOf(address).query, SizeIs(0)) << address;
  }
  EXPECT_THAT(targetOf("api/v1/tasks?q=" + std::string(4000, 'x')).path, ElementsAre("api"));
  EXPECT_THAT(targetOf("%FF/x").path, SizeIs(0));
}

TEST(Address, OneThatIsNotBelowTheBasePathIsNotOurs) {
  for (const char* address : {"/", "/taskqueue", "/other/tasks", "", "http://x/taskqueue/"})
    EXPECT_FALSE(readTarget(address, "/taskqueue/")) << address;
}

TEST(Form, WhatMustNotStandThereIsNamed) {
  for (const auto& [body, name, problem] :
       {std::tuple("Title=%zz", "Title", "hexadecimal"),
        std::tuple("a=1&Title=\xC3\xA9", "Title", "write it as"), std::tuple("Title=%FF", "Title", "UTF-8"),
        std::tuple("Ti|tle=1", "Ti|tle", "%7C")}) {
    const auto form = readForm(body);
    const auto* bad = std::get_if<BadParameter>(&form);
    ASSERT_NE(bad, nullptr) << body;
    EXPECT_EQ(bad->name, name) << body;
    EXPECT_THAT(bad->problem, HasSubstr(problem)) << body;
  }
}

TEST(Form, TextsKeepTheirLinesAndNamesMayComeAgain) {
  const auto form = std::get<FormValues>(readForm("task=1&task=2&text=a%0D%0Ab"));
  EXPECT_THAT(form.at("task"), ElementsAre("1", "2"));
  EXPECT_EQ(formValue(form, "text"), "a\r\nb");
  EXPECT_EQ(formValue(form, "other"), "");
}

}  // namespace
}  // namespace taskqueue::web
