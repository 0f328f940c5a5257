// The texts of e-mails: templates/mail/*.txt in a language of templates/locale. A template's first line is
// "Subject: …".
#pragma once

#include <map>
#include <string>

#include "module/json/read.h"
#include "module/platform/configuration.h"
#include "module/texts/catalogue.h"

namespace taskqueue::handlers {

struct SubjectAndText {
  std::string subject;
  std::string text;
};

// Belongs to one thread. Files are read when they are first needed.
class MailTexts {
 public:
  explicit MailTexts(const platform::Configuration& configuration);

  // Of a notification's Message. A language that there is no catalogue of is tried without its region, then
  // the configuration's counts, then English. Throws std::runtime_error that names the file when one cannot
  // be used.
  // `isByHand`: the message was enqueued from outside, which the mail then says first.
  SubjectAndText write(const json::Value& message, const std::string& language, bool isByHand);

 private:
  const Catalogue& catalogueOf(const std::string& language);

  std::string directory_;
  std::string language_;
  std::string pagesUrl_;
  int alertSeconds_;
  std::map<std::string, Catalogue> catalogues_;
};

}  // namespace taskqueue::handlers
