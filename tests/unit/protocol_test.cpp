// Messages of workers: members with valid values are accepted unchanged. Any other value is a protocol error
// that names the member.
#include <gtest/gtest.h>

#include "runner/protocol.h"

namespace taskqueue::runner {
namespace {

template <typename T>
T taken(const std::string& line) {
  auto read = readReport(line);
  if (const auto* problem = std::get_if<std::string>(&read)) {
    ADD_FAILURE() << line << ": " << *problem;
    return {};
  }
  return std::get<T>(std::get<Report>(read));
}

std::string findProblem(const std::string& line) {
  const auto read = readReport(line);
  const auto* problem = std::get_if<std::string>(&read);
  return problem == nullptr ? "taken" : *problem;
}

void expectRefused(const std::string& line, const std::string& part) {
  EXPECT_NE(findProblem(line).find(part), std::string::npos) << line << ": " << findProblem(line);
}

TEST(ProtocolNumbers, PercentsInTheirDomainAreTakenAndRoundDown) {
  const std::vector<std::pair<std::string, int>> given{{"0", 0},       {"100", 100}, {"12.5", 12},
                                                       {"99.999", 99}, {"30.0", 30}, {"1e1", 10},
                                                       {"0.4", 0},     {"-0.0", 0}};
  for (const auto& [text, percents] : given) {
    const auto progress = taken<Progress>(R"({"type":"progress","PercentsCompleted":)" + text + "}");
    EXPECT_EQ(progress.percentsCompleted, percents) << text;
  }
}

// Values that are no valid number for any member.
const std::vector<std::string> kNoNumbers{"-1",
                                          "-0.5",
                                          "9223372036854775808",
                                          "-9223372036854775809",
                                          "1e308",
                                          "1e999",
                                          "17976931348623157e300",
                                          "NaN",
                                          "-Infinity",
                                          "nan",
                                          "\"12\"",
                                          "true",
                                          "[12]",
                                          "{}",
                                          "012",
                                          "+5",
                                          ".5",
                                          "0x10"};

TEST(ProtocolNumbers, AnythingElseBreaksTheProtocolByTheNameOfTheMember) {
  for (const std::string& text : kNoNumbers) {
    expectRefused(R"({"type":"progress","ProgressNote":"a","PercentsCompleted":)" + text + "}",
                  "PercentsCompleted");
    expectRefused(R"({"type":"retry_after","Seconds":)" + text + "}", "Seconds");
    expectRefused(R"({"type":"snooze","Seconds":)" + text + "}", "Seconds");
    for (const std::string name : {"UserCpuMs", "SystemCpuMs", "MaxRssKb"})
      expectRefused(R"({"type":"result",")" + name + "\":" + text + "}", name);
  }
  for (const std::string text : {"100.5", "101"})
    expectRefused(R"({"type":"progress","PercentsCompleted":)" + text + "}", "PercentsCompleted must be");
  for (const std::string text : {"31622400.5", "31622401"})
    expectRefused(R"({"type":"snooze","Seconds":)" + text + "}",
                  "Seconds must be a number from 0 to 31622400");
  expectRefused(R"({"type":"result","MaxRssKb":9007199254740992})", "MaxRssKb must be");
}

TEST(ProtocolNumbers, AWaitIsNeverShorterThanAsked) {
  const std::vector<std::pair<std::string, std::int64_t>> given{
      {"0", 0},        {"0.001", 1}, {"59.5", 60},           {"60.0", 60},
      {"60.0001", 61}, {"3e1", 30},  {"31622400", 31622400}, {"31622399.5", 31622400}};
  for (const auto& [text, seconds] : given) {
    EXPECT_EQ(taken<Outcome>(R"({"type":"snooze","Seconds":)" + text + "}").seconds, seconds) << text;
    EXPECT_EQ(taken<Outcome>(R"({"type":"retry_after","Seconds":)" + text + "}").seconds, seconds) << text;
  }
}

TEST(ProtocolNumbers, WhatARunUsedIsTakenInWholeNumbers) {
  const auto outcome =
      taken<Outcome>(R"({"type":"result","UserCpuMs":1.9,"SystemCpuMs":2.0,"MaxRssKb":9007199254740991})");
  EXPECT_EQ(outcome.use.userCpuMs, 1);
  EXPECT_EQ(outcome.use.systemCpuMs, 2);
  EXPECT_EQ(outcome.use.maxRssKb, 9007199254740991);
}

TEST(ProtocolMembers, WhatIsNeededAndMissingIsNamed) {
  expectRefused(R"({"type":"snooze"})", "Seconds is missing");
  expectRefused(R"({"type":"retry_after","Seconds":null,"ErrorCode":"busy"})", "Seconds is missing");
  expectRefused(R"({"type":"handlers"})", "handlers is missing");
  expectRefused(R"({"Results":1})", "\"type\"");
  expectRefused(R"({"type":7})", "\"type\"");
}

TEST(ProtocolMembers, WhatAMessageDoesNotHaveIsNamedWithWhatItHas) {
  expectRefused(R"({"type":"progress","Percent":50})", "no member \"Percent\"");
  expectRefused(R"({"type":"progress","Percent":50})", "PercentsCompleted, ProgressNote, RunToken");
  expectRefused(R"({"type":"error","ErrorMessage":"busy","Seconds":30})", "no member \"Seconds\"");
  expectRefused(R"({"type":"result","percentscompleted":50})", "percentscompleted");
  expectRefused(R"({"type":"result","Results":1,"Results":2})", "\"Results\" stands twice");
}

TEST(ProtocolMembers, TextsAreTextsAndTruthsAreTruths) {
  expectRefused(R"({"type":"error","ErrorCode":7})", "ErrorCode must be a string, not 7");
  expectRefused(R"({"type":"give_up","ErrorMessage":["a"]})", "ErrorMessage must be a string, not a list");
  expectRefused(R"({"type":"progress","ProgressNote":false})", "ProgressNote must be a string");
  expectRefused(R"({"type":"result","RunToken":1})", "RunToken must be a string");
  expectRefused(R"({"type":"result","last":"true"})", "last must be true or false, not \"true\"");
  expectRefused(R"({"type":"refused","Problem":{}})", "Problem must be a string, not an object");
  expectRefused(R"({"type":"handlers","handlers":{}})", "handlers must be a list");
}

TEST(ProtocolMembers, NullIsAsGoodAsLeftOut) {
  const auto progress =
      taken<Progress>(R"({"type":"progress","PercentsCompleted":null,"ProgressNote":null})");
  EXPECT_EQ(progress.percentsCompleted, 0);
  EXPECT_FALSE(progress.progressNote);
  const auto outcome = taken<Outcome>(R"({"type":"error","ErrorCode":null,"Results":null,"UserCpuMs":null})");
  EXPECT_EQ(outcome.errorCode, "error");
  EXPECT_FALSE(outcome.results);
  EXPECT_FALSE(outcome.use.userCpuMs);
}

TEST(ProtocolMembers, ANulInATextIsSeen) {
  const auto outcome = taken<Outcome>(R"({"type":"error","ErrorCode":"a\u0000b","ErrorMessage":"c\u0000d"})");
  EXPECT_EQ(outcome.errorCode,
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(outcome.errorMessage,
            "c\xEF\xBF\xBD"
            "d");
  EXPECT_EQ(taken<Progress>(R"({"type":"progress","ProgressNote":"\u0000"})").progressNote, "\xEF\xBF\xBD");
}

TEST(Protocol, AnIdleWorkerAsksToBeReplacedWithoutFurtherMembers) {
  taken<Recycle>(R"({"type":"recycle"})");
  EXPECT_NE(std::get<std::string>(readReport(R"({"type":"recycle","last":true})")).find("has no members"),
            std::string::npos);
}

TEST(Protocol, AMaskIsWholeBeforeItsLineFeed) {
  EXPECT_TRUE(isWholeMask(R"({"type":"mask","Value":"hunter2"})"));
  EXPECT_TRUE(isWholeMask("{\"type\":\"mask\",\"Value\":\"hunter2\"} \r"));
  for (const char* other : {"", R"({"type":"mask","Value":"hunter2")", R"({"type":"mask","Value":"a"}{)",
                            R"({"type":"mask"})", R"({"type":"progress","ProgressNote":"\"mask\""})"}) {
    EXPECT_FALSE(isWholeMask(other)) << other;
  }
}

// The valid parts of a declaration are used, and the page `health` reports the rest.
TEST(ProtocolHandlers, WhatOfAnAnnouncementCannotBeUsedIsTold) {
  const auto announced = taken<Handlers>(
      R"({"type":"handlers","handlers":[
        {"TaskHandlerClass":"A","TimeLimitSeconds":30.0,"RetryDelaySeconds":0.5,"MaxRetries":3.0,"Queue":null,"RetryDelays":[10,60.5,300],"UniqueSeconds":3600},
        {"TaskHandlerClass":"B","TimeLimit":60},
        {"TaskHandlerClass":"C","DataSchema":"{}"},
        {"TaskHandlerClass":"D","MaxRetries":2.5},
        {"TaskHandlerClass":"E","OnCrash":1},
        {"TaskHandlerClass":"F","Queue":7},
        {"TaskHandlerClass":"G","DataSchema":[]},
        {"Class":"H"}, 5,
        {"TaskHandlerClass":"I","RetryDelays":10},
        {"TaskHandlerClass":"J","RetryDelays":[1,-1]},
        {"TaskHandlerClass":"K","RetryDelays":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}]})");
  ASSERT_EQ(announced.handlers.size(), 10U);
  EXPECT_EQ(announced.handlers[0].settings.timeLimitSeconds, 30);
  EXPECT_EQ(announced.handlers[0].settings.retryDelaySeconds, 1);
  EXPECT_EQ(announced.handlers[0].settings.maxRetries, 3);
  EXPECT_EQ(announced.handlers[0].settings.retryDelays, (std::vector{10, 61, 300}));
  EXPECT_EQ(announced.handlers[0].settings.uniqueSeconds, 3600);
  const std::vector<std::string> parts{"B: TimeLimit is no setting of a handler",
                                       "C: DataSchema must be a JSON object",
                                       "D: MaxRetries must be a whole number",
                                       "E: OnCrash must be",
                                       "F: Queue must be",
                                       "a handler's class must be",
                                       "a handler's class must be",
                                       "I: RetryDelays must be a list of at most 20 numbers from 0 to 31622400",
                                       "J: RetryDelays must be",
                                       "K: RetryDelays must be"};
  ASSERT_EQ(announced.problems.size(), parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i)
    EXPECT_NE(announced.problems[i].find(parts[i]), std::string::npos) << announced.problems[i];
}

}  // namespace
}  // namespace taskqueue::runner
