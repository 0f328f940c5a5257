// A run does not reveal values that its handler has masked, wherever the stream is cut.
#include "runner/masked_values.h"

#include <gtest/gtest.h>

#include "runner/captured_stream.h"

namespace taskqueue::runner {
namespace {

MaskedValues hiding(std::initializer_list<std::string_view> values) {
  MaskedValues masked;
  for (const auto value : values) EXPECT_FALSE(masked.add(value)) << value;
  return masked;
}

TEST(MaskedValues, AreHiddenAlsoAsJsonAndUrlsWriteThem) {
  const MaskedValues masked = hiding({"pa/ss\"w0rd é"});
  EXPECT_EQ(
      masked.masked("a pa/ss\"w0rd é b pa/ss\\\"w0rd é c pa\\/ss\\\"w0rd é d pa%2Fss%22w0rd%20%C3%A9 e"),
      "a •••••• b •••••• c •••••• d •••••• e");
  EXPECT_EQ(masked.masked("a pa\\/ss\\\"w0rd \\u00e9 b pa/ss\\\"w0rd \\u00e9 c pa%2Fss%22w0rd+%C3%A9 d "
                          "pa%2fss%22w0rd%20%c3%a9"),
            "a •••••• b •••••• c •••••• d ••••••")
      << "as json_encode(), urlencode() and others write them";
  EXPECT_EQ(hiding({"a~1"}).masked("a%7E1"), "••••••");
  EXPECT_EQ(hiding({"x😀y"}).masked("x\\ud83d\\ude00y"), "••••••");
  EXPECT_EQ(masked.masked("pa/ss"), "pa/ss");
}

TEST(MaskedValues, ThatOverlapAreHiddenWhole) {
  EXPECT_EQ(hiding({"abcd", "cdef", "bc"}).masked("xabcdefx abc"), "x••••••x a••••••");
  EXPECT_EQ(hiding({"aa"}).masked("baaab"), "b••••••b");
}

TEST(MaskedValues, OfSeveralLinesAreHiddenLineByLineButForThoseThatTellNothing) {
  const MaskedValues masked = hiding({"-----BEGIN KEY-----\r\nMIIEvQ\n}\n\n   \n"});
  EXPECT_EQ(masked.masked("{ MIIEvQ }\n-----BEGIN KEY-----"), "{ •••••• }\n••••••");
}

TEST(MaskedValues, EmptyOnesHideNothing) {
  const MaskedValues masked = hiding({"", "\n", "  "});
  EXPECT_TRUE(masked.isEmpty());
  EXPECT_EQ(masked.masked("a  b\n"), "a  b\n");
}

TEST(MaskedValues, OfJsonAreHiddenInNamesStringsAndNumbers) {
  const MaskedValues masked = hiding({"s3\"cret", "4111"});
  EXPECT_EQ(masked.maskedJson(R"({"k":["a s3\"cret b",41112222,1.5,true,null],"s3\"cret":{"x":"4111"}})"),
            R"({"k":["a •••••• b","••••••",1.5,true,null],"••••••":{"x":"••••••"}})");
  EXPECT_EQ(masked.maskedJson("no json s3\"cret"), "\"••••••\"");
}

TEST(MaskedValues, TooManyOrTooLongAreRefused) {
  MaskedValues masked;
  EXPECT_TRUE(masked.add(std::string(kMaxMaskedBytes + 1, 'x')));
  for (std::size_t i = 0; i < kMaxMaskedValues; ++i) EXPECT_FALSE(masked.add("value " + std::to_string(i)));
  EXPECT_EQ(masked.add("one more"), "a run masks at most 100 values");
}

// The test cuts the stream at every place and takes a live update after each piece.
TEST(CapturedStream, HidesWhatIsMaskedWhereverItIsCut) {
  const std::string text = "user ada, hunter2hunter2!, hunt, \xF0\x9F\x94\x91hunter2 hunter";
  const std::string expected = "user ada, ••••••!, hunt, \xF0\x9F\x94\x91•••••• hunter";
  const MaskedValues masked = hiding({"hunter2", "2hun"});
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    for (std::size_t second = cut; second <= text.size(); ++second) {
      CapturedStream stream({}, masked);
      std::string live;
      for (const std::string& part :
           {text.substr(0, cut), text.substr(cut, second - cut), text.substr(second)}) {
        stream.append(part);
        if (const auto news = stream.takeUpdate()) live += news->content;
      }
      const std::string kept = stream.finish().kept;
      // Two adjacent values may be masked separately if the cut is between them.
      EXPECT_EQ(kept.find("hunter2"), std::string::npos) << cut << "," << second;
      EXPECT_EQ(live, kept.substr(0, live.size())) << cut << "," << second;
      if (cut == 0 && second == text.size()) {
        EXPECT_EQ(kept, expected);
      }
    }
  }
}

}  // namespace
}  // namespace taskqueue::runner
