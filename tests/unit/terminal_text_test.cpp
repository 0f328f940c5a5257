// External texts as they are written to a terminal.
#include "module/platform/terminal_text.h"

#include <gtest/gtest.h>

#include "module/queue/utf8_text.h"

namespace taskqueue::platform {
namespace {

TEST(TerminalText, ATextCanNeitherDriveTheTerminalNorMakeALine) {
  EXPECT_EQ(terminalText("a\x1B[2Jb\x07"
                         "c\nd\re\tf"),
            "a\\x1B[2Jb\\x07"
            "c\\nd\\re\\tf");
  EXPECT_EQ(terminalText(std::string_view("a\0b\x7F", 4)), "a\\x00b\\x7F");
  EXPECT_EQ(terminalText("\xC2\x9B"
                         "2J"),
            "\\u{009B}2J")
      << "the second set of control characters";
  EXPECT_EQ(terminalText("\xE2\x80\xAE"
                         "gnp.exe"),
            "\\u{202E}gnp.exe")
      << "the direction of text";
  EXPECT_EQ(terminalText("\xE2\x81\xA6\xE2\x81\xA9\xD8\x9C\xE2\x80\x8F\xE2\x80\xA8"),
            "\\u{2066}\\u{2069}\\u{061C}\\u{200F}\\u{2028}");
  EXPECT_EQ(terminalText("\x9B"
                         "2J\xC3"),
            "\\x9B2J\\xC3")
      << "what is no UTF-8";
}

TEST(TerminalText, EverythingElseIsAsItIs) {
  for (const char* text : {"", "App\\Tasks\\X", "Zürich €", "日本語", "😀👩‍💻", "שלום", "a  b"})
    EXPECT_EQ(terminalText(text), text);
}

TEST(TerminalText, LinesOfALogStayLines) {
  EXPECT_EQ(terminalLines("a\tb\nc\r\n\x1B[31mred\n"), "a\tb\nc\\r\n\\x1B[31mred\n");
}

TEST(TerminalText, NoByteSequenceBringsAControlCharacterThrough) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second), 'x'};
      const std::string shown = terminalText(text);
      EXPECT_FALSE(hasControlBytes(shown)) << first << " " << second;
      EXPECT_FALSE(firstInvalidUtf8(shown)) << first << " " << second;
      EXPECT_EQ(shown.find("\xC2\x9B"), std::string::npos) << first << " " << second;
    }
  }
}

}  // namespace
}  // namespace taskqueue::platform
