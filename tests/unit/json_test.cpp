// JSON from untrusted sources.
#include "module/json/read.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "module/json/handler_settings.h"
#include "module/json/task_data.h"
#include "module/json/writer.h"
#include "tests/support/property.h"

namespace taskqueue::json {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::optional<Problem> findProblem(std::string_view text, const Limits& limits = {}) {
  auto parsed = read(text, limits);
  if (auto* problem = std::get_if<Problem>(&parsed)) return *problem;
  return std::nullopt;
}

TEST(ReadingJson, GoodTextBecomesADocument) {
  const auto parsed = read(R"({"a":[1,2.5,"x",null,true],"b":{}})", {});
  const auto& document = std::get<Document>(parsed);
  EXPECT_EQ(document["a"].Size(), 5U);
}

TEST(ReadingJson, ADepthBombIsRefusedAsTooLarge) {
  const std::string bomb(1'000'000, '[');
  const auto problem = findProblem(bomb);
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->kind, Problem::Kind::TooLarge);
  EXPECT_THAT(problem->text, HasSubstr("32"));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_EQ(findProblem(objects)->kind, Problem::Kind::TooLarge);
}

TEST(ReadingJson, TheDepthLimitIsExact) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_FALSE(findProblem(nested(32)));
  EXPECT_TRUE(findProblem(nested(33)));
}

TEST(ReadingJson, TooManyBytesAreRefusedUnread) {
  EXPECT_FALSE(findProblem("[1]", {.bytes = 3}));
  EXPECT_EQ(findProblem("[12]", {.bytes = 3})->kind, Problem::Kind::TooLarge);
}

TEST(ReadingJson, TooManyValuesAreRefused) {
  EXPECT_FALSE(findProblem("[1,2,3]", {.members = 4}));
  EXPECT_EQ(findProblem("[1,2,3,4]", {.members = 4})->kind, Problem::Kind::TooLarge);
  EXPECT_EQ(findProblem(R"({"a":1,"b":2,"c":3,"d":4})", {.members = 4})->kind, Problem::Kind::TooLarge);
}

TEST(ReadingJson, AMemberThatStandsTwiceIsRefusedByName) {
  const auto problem = findProblem(R"({"a":1,"b":{"twin":1,"twin":2}})");
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->kind, Problem::Kind::Malformed);
  EXPECT_THAT(problem->text, HasSubstr("twin"));
  EXPECT_TRUE(findProblem(R"({"a":1,"\u0061":2})")) << "an escape hides nothing";
  EXPECT_FALSE(findProblem(R"([{"a":1},{"a":2},{"a":{"a":3}}])"));
}

TEST(ReadingJson, InvalidUtf8IsRefused) {
  for (const char* text : {"\"\xFF\"", "\"\xC3\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xF5\x80\x80\x80\"",
                           R"("\ud800")", "{\"\xFF\":1}"}) {
    const auto problem = findProblem(text);
    ASSERT_TRUE(problem) << text;
    EXPECT_EQ(problem->kind, Problem::Kind::Malformed);
  }
}

TEST(ReadingJson, BrokenTextIsRefusedWithItsPlace) {
  for (const char* text : {"", " ", "{", "[1,]", "{\"a\" 1}", "nul", "[1] [2]", "'a'", "[01]", "// c\n1",
                           "[NaN]", "\xEF\xBB\xBF[]", "1e999"}) {
    const auto problem = findProblem(text);
    ASSERT_TRUE(problem) << text;
    EXPECT_EQ(problem->kind, Problem::Kind::Malformed) << text;
    EXPECT_THAT(problem->text, HasSubstr("byte")) << text;
  }
}

TEST(ReadingJson, AnyBytesAtAllAreReadOrRefused) {
  test_support::checkProperty("no crash", [](const std::string& bytes) {
    const auto parsed = read(bytes, {});
    if (const auto* document = std::get_if<Document>(&parsed)) RC_ASSERT(!findProblem(write(*document)));
  });
}

TEST(ReadingJson, MembersOfAnotherTypeAreNotThere) {
  const auto parsed = read(R"({"text":"x","number":7,"large":9223372036854775807,"half":0.5})", {});
  const auto& document = std::get<Document>(parsed);
  EXPECT_EQ(textMember(document, "text"), "x");
  EXPECT_FALSE(textMember(document, "number"));
  EXPECT_FALSE(textMember(document, "missing"));
  EXPECT_EQ(integerMember(document, "number"), 7);
  EXPECT_EQ(integerMember(document, "large"), INT64_MAX);
  EXPECT_FALSE(integerMember(document, "half"));
  EXPECT_FALSE(integerMember(document["text"], "number"));
}

TEST(WritingJson, WhatIsWrittenCanBeRead) {
  test_support::checkProperty(
      "round trip", [](std::int64_t number, const std::vector<std::string>& words, bool truth) {
        Writer writer;
        writer.startObject().member("number", number).member("truth", truth);
        writer.member("missing", std::optional<std::string>()).key("words").startArray();
        for (const std::string& word : words) {
          std::string ascii;
          for (const char c : word) ascii += static_cast<char>(c & 0x7F);
          writer.value(ascii);
        }
        writer.endArray().endObject();
        const auto parsed = read(writer.text(), {});
        const auto* document = std::get_if<Document>(&parsed);
        RC_ASSERT(document != nullptr);
        RC_ASSERT(integerMember(*document, "number") == number);
        RC_ASSERT((*document)["words"].Size() == words.size());
      });
}

std::vector<std::string> faultsOf(std::string_view data, std::string_view schema) {
  std::vector<std::string> members;
  for (const InputError& error : checkTaskData(data, schema, Limits{})) members.push_back(error.member);
  return members;
}

TEST(TaskDataCheck, WithoutASchemaAnyObjectFits) {
  EXPECT_THAT(faultsOf(R"({"a":[1]})", ""), IsEmpty());
  for (const char* data : {"[]", "1", "\"x\"", "null", "", "{"})
    EXPECT_THAT(faultsOf(data, ""), ElementsAre("")) << data;
}

TEST(TaskDataCheck, TheMemberAtFaultIsNamed) {
  const char* const schema =
      R"({"type":"object","required":["File"],"additionalProperties":false,"properties":{"File":{"type":"string",)"
      R"("minLength":1},"Rows":{"type":"array","items":{"type":"integer","minimum":1}}}})";
  EXPECT_THAT(faultsOf(R"({"File":"x","Rows":[1,2]})", schema), IsEmpty());
  EXPECT_THAT(faultsOf(R"({"File":7})", schema), ElementsAre("/File"));
  EXPECT_THAT(faultsOf(R"({"File":""})", schema), ElementsAre("/File"));
  EXPECT_THAT(faultsOf(R"({"File":"x","Rows":[1,0]})", schema), ElementsAre("/Rows/1"));
  EXPECT_THAT(faultsOf(R"({})", schema), ElementsAre(""));
  EXPECT_THAT(checkTaskData("{}", schema, Limits{})[0].problem, HasSubstr("File"));
  EXPECT_THAT(faultsOf(R"({"File":"x","Typo":1})", schema), ElementsAre("/Typo"));
  EXPECT_EQ(checkTaskData(R"({"File":"x","Typo":1})", schema, Limits{.members = 9})[0].problem,
            "is not known to the handler; it knows File, Rows");
  EXPECT_EQ(checkTaskData(R"({"a":1})", R"({"additionalProperties":false})", Limits{.members = 9})[0].problem,
            "is not known to the handler");
}

TEST(TaskDataCheck, ChecksAgainstTheSchemaOfEachTask) {
  TaskDataCheck check(taskDataLimits({}));
  const std::string number = R"({"properties":{"n":{"type":"integer"}}})";
  const std::string text = R"({"properties":{"n":{"type":"string"}}})";
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(check(R"({"n":1})", number).empty());
    EXPECT_EQ(check(R"({"n":"x"})", number).size(), 1U);
    EXPECT_EQ(check(R"({"n":1})", text).size(), 1U);
    EXPECT_TRUE(check(R"({"n":1})", "").empty());
  }
  for (int i = 0; i < 300; ++i) {
    const std::string schema = R"({"properties":{"n":{"minimum":)" + std::to_string(i) + "}}}";
    EXPECT_EQ(check(R"({"n":150})", schema).empty(), i <= 150) << i;
  }
}

TEST(TaskDataCheck, TheLimitsOfTheQueueHold) {
  const QueueLimits limits{.taskDataBytes = 10, .taskDataDepth = 2, .taskDataMembers = 3};
  EXPECT_EQ(checkTaskData(R"({"a":12345})", "", taskDataLimits(limits)).size(), 1U);
  EXPECT_EQ(checkTaskData(R"({"a":[[]]})", "", taskDataLimits(limits)).size(), 1U);
  EXPECT_EQ(checkTaskData(R"({"a":1})", "", taskDataLimits(limits)).size(), 0U);
}

TEST(TaskDataCheck, ASchemaThatIsNoObjectIsAProblem) {
  EXPECT_FALSE(findSchemaProblem(""));
  EXPECT_FALSE(findSchemaProblem("{}"));
  EXPECT_TRUE(findSchemaProblem("[]"));
  EXPECT_TRUE(findSchemaProblem("{"));
  EXPECT_THAT(faultsOf("{}", "{"), ElementsAre(""));
}

TEST(TaskDataCheck, OddSchemasDoNoHarm) {
  for (const char* schema : {R"({"properties":[]})", R"({"$ref":"http://elsewhere/x.json"})",
                             R"({"$ref":"#/nowhere"})", R"({"required":"a"})", R"({"minimum":"x"})"}) {
    EXPECT_FALSE(findSchemaProblem(schema)) << schema;
    EXPECT_NO_THROW(faultsOf(R"({"a":1})", schema)) << schema;
  }
}

TEST(TaskDataCheck, SubSchemasThatAreNoObjectsAreRefused) {
  for (const char* schema :
       {R"({"allOf":[true]})", R"({"properties":{"a":{"anyOf":[{},5]}}})", R"({"items":[{},false]})",
        R"({"patternProperties":{"^a":true}})", R"({"not":{"oneOf":[null]}})"})
    EXPECT_TRUE(findSchemaProblem(schema)) << schema;
  for (const char* schema : {R"({"properties":{"a":true},"additionalProperties":true})",
                             R"({"default":{"items":[1]}})", R"({"properties":{"enum":{"items":{}}}})"})
    EXPECT_FALSE(findSchemaProblem(schema)) << schema;
}

TEST(TaskDataCheck, OnlyMembersOfAPatternAreTaken) {
  const char* schema = R"({"patternProperties":{"^x_":{"type":"integer"}},"additionalProperties":false})";
  EXPECT_THAT(faultsOf(R"({"x_a":1,"x_b":2})", schema), IsEmpty());
  EXPECT_THAT(faultsOf(R"({"x_a":"s"})", schema), ElementsAre("/x_a"));
  EXPECT_THAT(faultsOf(R"({"y":1})", schema), ElementsAre("/y"));
}

TEST(TaskDataCheck, ASchemaThatReferencesItselfForTheSameValueIsRefused) {
  for (const char* schema :
       {R"({"$ref":"#"})", R"({"properties":{"a":{"$ref":"#/properties/a"}}})", R"({"allOf":[{"$ref":"#"}]})",
        R"({"properties":{"a":{"$ref":"#/b"}},"b":{"not":{"$ref":"#/properties/a"}}})"}) {
    EXPECT_TRUE(findSchemaProblem(schema)) << schema;
    EXPECT_THAT(faultsOf(R"({"a":1})", schema), ElementsAre("")) << schema;
  }
}

TEST(TaskDataCheck, ASchemaThatReferencesItselfForAMemberIsATree) {
  const char* const schema = R"({"properties":{"child":{"$ref":"#"},"n":{"type":"integer"}}})";
  EXPECT_FALSE(findSchemaProblem(schema));
  EXPECT_THAT(faultsOf(R"({"child":{"child":{"n":1}}})", schema), IsEmpty());
  EXPECT_THAT(faultsOf(R"({"child":{"child":{"n":"x"}}})", schema), ElementsAre("/child/child/n"));
}

// Each definition references the previous one twice.
std::string doublingSchema(int doublings, const std::string& before, const std::string& behind) {
  std::string text = R"({"$ref":"#/definitions/a)" + std::to_string(doublings) +
                     R"(","definitions":{"a0":{"type":"object"})";
  for (int i = 1; i <= doublings; ++i) {
    const std::string reference =
        before + R"({"$ref":"#/definitions/a)" + std::to_string(i - 1) + "\"}" + behind;
    text += ",\"a" + std::to_string(i) + R"(":{"allOf":[)" + reference + "," + reference + "]}";
  }
  return text + "}}";
}

TEST(TaskDataCheck, ASchemaThatExpandsWithoutBoundsIsRefusedNamingTheLimit) {
  for (const auto& [before, behind] : std::vector<std::pair<std::string, std::string>>{
           {"", ""}, {R"({"properties":{"x":)", "}}"}, {R"({"items":)", "}"}}) {
    EXPECT_EQ(findSchemaProblem(doublingSchema(8, before, behind)), std::nullopt) << before;
    const auto problem = findSchemaProblem(doublingSchema(19, before, behind));
    ASSERT_TRUE(problem) << before;
    EXPECT_NE(problem->find("more than 4000 sub-schemas"), std::string::npos) << *problem;
  }
}

TEST(TaskDataCheck, ATypeThatNoDataHasIsRefusedWithTheSchema) {
  for (const char* misspelt : {R"({"properties":{"a":{"type":"strng"}}})",
                               R"({"items":[{"type":["string",5]}]})", R"({"not":{"type":[]}})"}) {
    EXPECT_EQ(findSchemaProblem(misspelt),
              "a type is none of array, boolean, integer, null, number, object, string")
        << misspelt;
  }
  EXPECT_EQ(findSchemaProblem(R"({"properties":{"type":{"type":"string"}},"enum":[{"type":"x"}]})"),
            std::nullopt);
}

TEST(TaskDataCheck, ATreeWhoseNodesDoubleWithEachLevelIsRefused) {
  const std::string twice =
      R"({"allOf":[{"properties":{"x":{"$ref":"#"}}},{"properties":{"x":{"$ref":"#"}}}]})";
  EXPECT_TRUE(findSchemaProblem(twice));
  const std::string apart =
      R"({"oneOf":[{"properties":{"and":{"items":{"$ref":"#"}}}},{"properties":{"or":{"items":{"$ref":"#"}}}}]})";
  EXPECT_EQ(findSchemaProblem(apart), std::nullopt);
}

TEST(TaskDataCheck, PatternsThatCannotBeCheckedAreRefusedWithTheSchema) {
  const auto problem = [](const std::string& pattern) {
    return findSchemaProblem(R"({"properties":{"a":{"type":"string","pattern":")" + pattern + "\"}}}");
  };
  for (const char* good : {"^a$", "a|b", "(a|b)+c?", "[a-z]{2,3}", "[^x]*", "\\\\.", "[-a]", "[a-]", "x{4}",
                           "(a{30}){30}", ".", "^(ä|ö)$"}) {
    EXPECT_FALSE(problem(good)) << good;
  }
  for (const char* bad : {"",
                          "[",
                          "(",
                          ")",
                          "*",
                          "a{",
                          "a{2,1}",
                          "\\\\",
                          "[z-a]",
                          "(?=a)",
                          "a**",
                          "a+?",
                          "[^",
                          "\\\\d+",
                          "a|",
                          "()",
                          "a{0}",
                          "a{9999}",
                          "(a{40}){40}",
                          "((a{9}b){9}){99}",
                          "a{99999999999}",
                          "[]"}) {
    EXPECT_TRUE(problem(bad)) << bad;
  }
  EXPECT_TRUE(findSchemaProblem(R"({"patternProperties":{"a**":{}}})"));
}

TEST(JsonReading, ANulByteIsRefused) {
  const auto parsed = read(std::string_view("{}\0 trash", 9), {});
  EXPECT_THAT(std::get<Problem>(parsed).text, HasSubstr("NUL"));
}

TEST(JsonReading, NumbersThatWouldChangeAreRefusedWhereTheyMustBeKept) {
  const auto isRefused = [](const std::string& number) {
    return std::holds_alternative<Problem>(read("[" + number + "]", {.exactNumbers = true}));
  };
  for (const char* kept :
       {"0", "-1", "18446744073709551615", "-9223372036854775808", "0.1", "1.50000000000000000000",
        "0.00000000000000000000000012", "3.141592653589793", "1e300", "-2.5E-7"}) {
    EXPECT_FALSE(isRefused(kept)) << kept;
  }
  for (const char* changed : {"18446744073709551616", "-9223372036854775809", "12345678901234567890123",
                              "0.12345678901234567891"}) {
    EXPECT_TRUE(isRefused(changed)) << changed;
  }
  EXPECT_TRUE(std::holds_alternative<Document>(read("[12345678901234567890123]", {})));
}

TEST(HandlerSettingsOfAnAnnouncement, WhatIsNotKnownOrOfAnotherTypeIsTold) {
  const auto findProblem = [](const std::string& text) {
    const auto parsed = read(text, {});
    std::optional<std::string> problem;
    readHandlerSettings(std::get<Document>(parsed), problem);
    return problem.value_or("");
  };
  EXPECT_EQ(
      findProblem(R"({"TaskHandlerClass":"A","DataSchema":{},"MaxRetries":2,"Queue":"","OnCrash":null})"),
      "");
  EXPECT_THAT(findProblem(R"({"TaskHandlerClass":"A","MaxRetry":2})"), HasSubstr("MaxRetry is no setting"));
  EXPECT_THAT(findProblem(R"({"OnCrash":5})"), HasSubstr("OnCrash must be"));
  EXPECT_THAT(findProblem(R"({"Queue":5})"), HasSubstr("Queue must be"));
  EXPECT_THAT(findProblem(R"({"Queue":".."})"), HasSubstr("not '.' or '..' alone"));
}

}  // namespace
}  // namespace taskqueue::json
