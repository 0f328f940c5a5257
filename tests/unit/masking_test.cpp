// The masker hides secrets, and hides a text completely if it cannot parse it.
#include "module/json/masking.h"

#include <gtest/gtest.h>

namespace taskqueue::json {
namespace {

const Masker& usual() {
  static const Masker masker({{"", usualSensitiveMembers()}, {"Mail", {"Html-Body", "_"}}});
  return masker;
}

bool isHidden(const std::string& name, const std::string& handler = "Any") {
  const auto masked = usual().masked("{\"" + name + "\":\"v\"}", handler);
  return masked && masked->hidesSomething && write(masked->document).find("\"v\"") == std::string::npos;
}

TEST(Masker, ComparesNamesByTheirEndingWithoutCaseSignsNumberAndPlural) {
  for (const char* name : {"password",
                           "passwd",
                           "PASSWORD",
                           "db_password",
                           "smtp-Password",
                           "password2",
                           "passwords",
                           "pass_word",
                           "client_secret",
                           "clientSecret",
                           "Secret",
                           "apiKey",
                           "api-key",
                           "API_KEY",
                           "x.api.key",
                           "X-Api-Keys",
                           "cookie",
                           "Set-Cookie",
                           "cookies",
                           "authorization",
                           "Proxy-Authorization",
                           "token",
                           "access_token",
                           "refreshToken",
                           "tokens",
                           "private_key",
                           "AWS_SECRET_ACCESS_KEY",
                           "password[]",
                           "PHPSESSID_session-id",
                           "credentials",
                           "pwd",
                           "jwt",
                           "Serialized",
                           "@serialized"}) {
    EXPECT_TRUE(isHidden(name)) << name;
  }
  for (const char* name :
       {"", "key", "tokenizer", "password_is_set", "secretary", "cookiebanner", "user", "-_-"})
    EXPECT_FALSE(isHidden(name)) << name;
}

TEST(Masker, KnowsNamesOfOneHandlerAndAnEmptyOneHidesNothing) {
  EXPECT_TRUE(isHidden("html_body", "Mail"));
  EXPECT_FALSE(isHidden("html_body", "Other"));
  EXPECT_FALSE(isHidden("subject", "Mail"));
}

TEST(Masker, HidesWholeValuesOfAnyTypeAtAnyDepth) {
  const auto masked =
      usual().masked(R"([{"a":{"Token":{"deep":["s3cret"]}}},{"pwd":12345},{"seen":[true]}])", "Any");
  ASSERT_TRUE(masked);
  EXPECT_EQ(write(masked->document), R"([{"a":{"Token":"••••••"}},{"pwd":"••••••"},{"seen":[true]}])");
}

TEST(Masker, ReadsNothingThatItCannotMaskWhole) {
  std::string many = "[";
  for (int i = 0; i < Masker::kReadable.members; ++i) many += "1,";
  for (const std::string& text :
       {std::string(), std::string("password=hunter2"), std::string(R"({"password":"hunter2")"), many + "1]",
        std::string(70, '[') + std::string(70, ']'), std::string(R"({"a":1,"a":2})"),
        "\"" + std::string(4 << 20, 'x') + "\""}) {
    EXPECT_FALSE(usual().masked(text, "Any")) << text.substr(0, 40);
  }
}

}  // namespace
}  // namespace taskqueue::json
