// E-mail texts, from templates/mail/*.txt in a language of templates/locale. A template's first line is
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

// Belongs to one thread. Files are read when first needed.
class MailTexts {
 public:
  explicit MailTexts(const platform::Configuration& configuration);

  // Writes the mail for a notification's Message. A language without a catalogue falls back to the one
  // without region, then to the configured language, then to English. With `isByHand` the mail first says
  // that the message was enqueued from outside. Throws std::runtime_error that names an unusable file.
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
