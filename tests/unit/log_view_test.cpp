// A run's output on its page: styles, overwritten progress, windows, places and search.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "module/queue/utf8_text.h"
#include "module/web/log/html.h"
#include "module/web/log/log_text.h"
#include "tests/support/property.h"

namespace taskqueue::web::log {
namespace {

using test_support::checkProperty;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string shown(std::string_view raw) {
  Style style;
  return plainText(readLine(raw, style));
}

std::string classesAfter(std::string_view sgr) {
  Style style;
  applySgr(sgr, style);
  return classesOf(style);
}

LogText logOf(std::string text) {
  std::vector<Segment> segments;
  segments.push_back({.position = 0, .droppedBefore = 0, .text = std::move(text)});
  return LogText(std::move(segments));
}

std::vector<std::string> textsOf(const Window& window) {
  std::vector<std::string> texts;
  for (const Line& line : window.lines) texts.push_back(plainText(line));
  return texts;
}

std::string numbered(int lines) {
  std::string text;
  for (int i = 1; i <= lines; ++i) text += "line " + std::to_string(i) + "\n";
  return text;
}

TEST(LogStyle, SgrNumbersBecomeClasses) {
  EXPECT_EQ(classesAfter("1;31"), "a-1 a-31");
  EXPECT_EQ(classesAfter("97;104"), "a-97 a-104");
  EXPECT_EQ(classesAfter("1;2;3;4;7"), "a-1 a-2 a-3 a-4 a-7");
  EXPECT_EQ(classesAfter("31;0"), "");
  EXPECT_EQ(classesAfter("31;"), "");  // a missing number is 0
  EXPECT_EQ(classesAfter(""), "");
  EXPECT_EQ(classesAfter("1;2;3;4;7;22;23;24;27"), "");
  EXPECT_EQ(classesAfter("31;41;39;49"), "");
  EXPECT_EQ(classesAfter("4:3"), "a-4");
  EXPECT_EQ(classesAfter("4;4:0"), "");
  EXPECT_EQ(classesAfter("7;31"), "a-7 a-41");
  EXPECT_EQ(classesAfter("53;8;9;999;-1;x"), "");
}

TEST(LogStyle, ColoursOf256AndOfMillionsBecomeTheNearestOfSixteen) {
  EXPECT_EQ(classesAfter("38;5;1"), "a-31");
  EXPECT_EQ(classesAfter("38;5;196"), "a-91");
  EXPECT_EQ(classesAfter("48;5;16"), "a-40");
  EXPECT_EQ(classesAfter("38;5;255"), "a-37");
  EXPECT_EQ(classesAfter("38;2;250;3;3"), "a-91");
  EXPECT_EQ(classesAfter("38:2::0:200:0;1"), "a-1 a-32");
  EXPECT_EQ(classesAfter("38:5:12"), "a-94");
  EXPECT_EQ(classesAfter("58;5;9;1"), "a-1");    // the colour of underlining; it is ignored
  EXPECT_EQ(classesAfter("38;5;256;1"), "a-1");  // no such colour
  EXPECT_EQ(classesAfter("38;2;1;2"), "");       // incomplete
}

TEST(LogStyle, AStyleIsANumberAndBack) {
  checkProperty("any style", [] {
    Style style;
    for (const int code : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 110)))
      applySgr(std::to_string(code), style);
    RC_ASSERT(styleOf(numberOf(style)) == style);
  });
  EXPECT_FALSE(styleOf(-1));
  EXPECT_FALSE(styleOf(32 * 17 * 17));
}

TEST(LogLine, EverythingButColoursIsLeftOut) {
  EXPECT_EQ(shown("\x1B[31mred\x1B[0m plain"), "red plain");
  EXPECT_EQ(shown("\x1B[2K\x1B[1Aup\x1B[?25l"), "up");
  EXPECT_EQ(shown("\x1B]0;a title\x07text"), "text");
  EXPECT_EQ(shown("\x1B]8;;http://x/\x1B\\link\x1B]8;;\x1B\\"), "link");
  EXPECT_EQ(shown("\x1B]52;c;c2VjcmV0\xEF\xBF\xBDtext"), "text");  // BEL in the form in which it is stored
  EXPECT_EQ(shown("\x1B]0;without an end"), "0;without an end");
  EXPECT_EQ(shown("\x1BPdevice\x1B\\text"), "text");
  EXPECT_EQ(shown("\x1B(Btext\x1B="), "text");
  EXPECT_EQ(shown("\x1B[31"), "");
  EXPECT_EQ(shown("text\x1B"), "text");
  EXPECT_EQ(shown("\x1B[>4;2mtext"), "text");
  EXPECT_EQ(shown("a\tb"), "a\tb");
}

// The text stays as it is, since the API and `taskqueue tail` give the same.
TEST(LogLine, ALevelAtTheStartHasItsColour) {
  const auto classesOfFirst = [](std::string_view raw) {
    Style style;
    const Line line = readLine(raw, style);
    EXPECT_EQ(plainText(line), raw);
    EXPECT_EQ(style, Style{});
    return classesOf(line.spans.front().style);
  };
  EXPECT_EQ(classesOfFirst("[emergency] x"), "a-1 a-31");
  EXPECT_EQ(classesOfFirst("[error] x"), "a-31");
  EXPECT_EQ(classesOfFirst("[warning] x"), "a-33");
  EXPECT_EQ(classesOfFirst("[info] x"), "a-34");
  EXPECT_EQ(classesOfFirst("[debug] x"), "a-2");
  for (const char* plain :
       {"[warnings] x", "[warning]x", "x [warning] y", "[Warning] x", "[]", "[warning]"}) {
    EXPECT_EQ(classesOfFirst(plain), "") << plain;
  }
  Style green{.foreground = 2};
  EXPECT_EQ(readLine("[error] x", green).spans.front().style.foreground, 2) << "a line with its own colour";
}

TEST(LogLine, OfOverwrittenProgressTheLastStateIsShown) {
  EXPECT_EQ(shown("10 %\r20 %\r30 %"), "30 %");
  EXPECT_EQ(shown("done\r"), "done");
  EXPECT_EQ(shown("windows\r\r"), "windows");
  EXPECT_EQ(shown("99 %\r\x1B[K"), "99 %");
  EXPECT_EQ(shown("99 %\r\x1B[Kready"), "ready");
  Style style;
  readLine("\x1B[31mred\rnew", style);
  EXPECT_EQ(classesOf(style), "a-31");  // the overwritten text still changed the style
}

TEST(LogLine, WhatIsNotUtf8BecomesAReplacement) {
  EXPECT_EQ(shown("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(shown("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(shown("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(shown("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(shown("\xF0\x9F\x98\x80 \xD0\x96"), "\xF0\x9F\x98\x80 \xD0\x96");
  EXPECT_EQ(shown(std::string_view("a\0\x08\x7F", 4)), "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(shown("\xC2\x9B"), "\xEF\xBF\xBD");          // ESC [ in one character
  EXPECT_EQ(shown("a\xE2\x80\xA8z"), "a\xEF\xBF\xBDz");  // a line separator
}

TEST(LogLine, AnOverlongLineIsCutAndSaysByHowMuch) {
  Style style;
  const Line line = readLine(std::string(kMaxLineBytes + 5, 'x') + "\x1B[31mred", style);
  EXPECT_EQ(plainText(line).size(), kMaxLineBytes);
  EXPECT_EQ(line.hiddenBytes, 8);
  EXPECT_EQ(classesOf(style), "a-31");
}

// Generates hostile output from these pieces.
rc::Gen<std::string> hostileText() {
  const auto piece =
      rc::gen::oneOf(rc::gen::element<std::string>("\x1B[", "\x1B]", "\x1B", "m", "31", ";", "\r", "\x07",
                                                   "\x1B\\", "<script>", "&", "\"", "'", "\xC2", "\xE2\x82",
                                                   "\xF0\x9F\x98\x80", "\xFF", "\t", "[0m"),
                     rc::gen::container<std::string>(rc::gen::inRange<char>(-128, 127)));
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece), [](const auto& pieces) {
    std::string all;
    for (const std::string& one : pieces) all += one;
    return all;
  });
}

TEST(LogLine, WhateverIsWrittenIsShownAsValidTextWithoutControls) {
  checkProperty("any bytes", [] {
    const std::string text = shown(*hostileText());
    std::string again = shown(text);
    RC_ASSERT(again == text);  // so no sequence, control or invalid character is left
    for (const char c : text) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20 || c == '\t');
  });
}

TEST(LogHtml, NoTextBecomesMarkup) {
  checkProperty("any bytes", [] {
    const Window window = logOf(*hostileText()).linesFrom(1);
    const std::string html = htmlOf(window.lines, {.address = "runs/1?stream=stdout", .marked = {}});
    std::string rest = html;
    for (const char* const own : {"<div class=\"row\" id=\"L", "</div>", "<a class=\"number\" href=\"",
                                  "</a>", "<code>", "</code>", "<span class=\"", "</span>"}) {
      for (auto at = rest.find(own); at != std::string::npos; at = rest.find(own))
        rest.replace(at, std::string_view(own).size(), "");
    }
    RC_ASSERT(rest.find('<') == std::string::npos);
  });
}

TEST(LogWindow, HasTheLinesAskedForWithTheirNumbers) {
  const LogText log = logOf(numbered(1200));
  EXPECT_EQ(log.lastLine(), 1200);
  const Window window = log.linesFrom(701);
  ASSERT_EQ(window.lines.size(), 500U);
  EXPECT_EQ(window.lines.front().number, 701);
  EXPECT_EQ(plainText(window.lines.front()), "line 701");
  EXPECT_EQ(plainText(window.lines.back()), "line 1200");
  EXPECT_EQ(window.next.line, 1201);
  EXPECT_EQ(log.tail().lines.front().number, 701);
  EXPECT_THAT(log.linesFrom(1201).lines, IsEmpty());
  EXPECT_EQ(log.linesFrom(-5).lines.front().number, 1);
  EXPECT_EQ(log.linesFrom(100).lines.size(), 500U);
}

TEST(LogWindow, AnEmptyLogHasNoLine) {
  EXPECT_EQ(logOf("").lastLine(), 0);
  EXPECT_THAT(logOf("").linesFrom(1).lines, IsEmpty());
  EXPECT_THAT(LogText({}).tail().lines, IsEmpty());
  EXPECT_EQ(logOf("\n").lastLine(), 1);
}

TEST(LogWindow, WhatWasDroppedIsToldOnceAndHasNoNumber) {
  const LogText log({{.position = 0, .droppedBefore = 0, .text = "one\ntw"},
                     {.position = 106, .droppedBefore = 100, .text = "o\nthree\n"}});
  const Window window = log.linesFrom(1);
  EXPECT_THAT(textsOf(window), ElementsAre("one", "tw", "o", "three"));
  EXPECT_EQ(window.lines[2].droppedBefore, 100);
  EXPECT_EQ(window.lines[3].droppedBefore, 0);
  EXPECT_EQ(window.lines[3].number, 4);
  EXPECT_EQ(window.next.position, 114);
  EXPECT_EQ(log.linesFrom(3).lines[0].droppedBefore, 100);
  EXPECT_EQ(log.linesFrom(4).lines[0].droppedBefore, 0);
}

TEST(LogWindow, LooksAreCarriedIntoIt) {
  const LogText log = logOf("\x1B[31mred\nstill red\x1B[0m\nplain\n");
  EXPECT_EQ(classesOf(log.linesFrom(2).lines[0].spans[0].style), "a-31");
  EXPECT_EQ(classesOf(log.linesFrom(3).lines[0].spans[0].style), "");
}

TEST(LogWindow, ManyLongLinesEndItEarly) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += std::string(kMaxLineBytes, 'x') + "\n";
  const Window window = logOf(text).linesFrom(1);
  EXPECT_LT(window.lines.size(), 40U);
  EXPECT_EQ(window.next.line, static_cast<std::int64_t>(window.lines.size()) + 1);
}

TEST(LogWindow, ReadingOnFromItsEndShowsTheSameAsReadingAtOnce) {
  checkProperty("any text, any split", [] {
    std::string text = *hostileText();
    for (std::size_t i = 3; i < text.size(); i += 7) text[i] = '\n';
    auto split = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
    while (split < text.size() && continuesCharacter(text[split])) ++split;
    const Window first = logOf(text.substr(0, split)).linesFrom(1);
    const auto at = parseCursor(writeCursor(first.next));
    RC_ASSERT(at == first.next);
    std::vector<Segment> rest;
    rest.push_back({.position = at->position,
                    .droppedBefore = 0,
                    .text = text.substr(static_cast<std::size_t>(at->position))});
    const Window second = LogText(std::move(rest), *at).linesFrom(at->line);
    std::vector<Line> both = first.lines;
    while (!both.empty() && both.back().number >= at->line) both.pop_back();
    both.insert(both.end(), second.lines.begin(), second.lines.end());
    const Window whole = logOf(text).linesFrom(1);
    RC_ASSERT(both.size() == whole.lines.size());
    for (std::size_t i = 0; i < both.size(); ++i) {
      RC_ASSERT(both[i].number == whole.lines[i].number);
      RC_ASSERT(both[i].spans == whole.lines[i].spans);
    }
  });
}

TEST(LogCursor, WhatIsNoneIsRefused) {
  for (const char* text : {"", "1", "1.1", "1.1.0.0", "-1.1.0", "1.0.0", "1.1.99999999", "a.1.0", "1.1.0x",
                           "99999999999999999999.1.0", "1. 1.0"}) {
    EXPECT_FALSE(parseCursor(text)) << text;
  }
}

TEST(LogSearch, FindsWhatIsShownWhateverTheCase) {
  const LogText log = logOf("one Fish\ntwo\nred \x1B[31mfi\x1B[0msh\nfish\rbird\n");
  const auto first = log.find("fish", 1);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->matches, 2);
  EXPECT_EQ(first->line, 1);
  EXPECT_EQ(log.find("FISH", 2)->line, 3);
  EXPECT_EQ(log.find("fish", 9)->match, 2);
  EXPECT_EQ(log.find("fish", -9)->match, 1);
  EXPECT_FALSE(log.find("31m", 1));
  EXPECT_FALSE(log.find("", 1));
}

TEST(LogSearch, MarksWhatItFoundAcrossLooks) {
  Style style;
  Line line = readLine("a fi\x1B[31msh and FISHfish", style);
  markFound(line, "fish");
  std::vector<std::string> found;
  for (const Span& span : line.spans) {
    if (span.found) found.push_back(span.text);
  }
  EXPECT_THAT(found, ElementsAre("fi", "sh", "FISH", "fish"));
  EXPECT_EQ(plainText(line), "a fish and FISHfish");
}

TEST(LogHtml, ALineHasItsNumberItsAddressAndItsLooks) {
  const Window window = logOf("\x1B[1;31mred\x1B[0m & <b>\n").linesFrom(1);
  EXPECT_EQ(htmlOf(window.lines, {.address = "runs/7?stream=stderr", .marked = {}}),
            "<div class=\"row\" id=\"L1\"><a class=\"number\" href=\"runs/7?stream=stderr&amp;lines=1#L1\" "
            "tabindex=\"-1\">1</a><code><span class=\"a-1 a-31\">red</span> &amp; &lt;b&gt;</code></div>\n");
  EXPECT_THAT(htmlOf(window.lines, {.address = "x?y", .marked = {{1, 1}}}),
              HasSubstr("class=\"row marked\""));
  EXPECT_THAT(htmlOf(window.lines, {.address = "x?y", .marked = {{2, 3}}}), Not(HasSubstr("marked")));
}

}  // namespace
}  // namespace taskqueue::web::log
