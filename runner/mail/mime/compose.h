// Builds complete mails. Both functions throw Refused.
#pragma once

#include "runner/mail/mime.h"

namespace taskqueue::mail {

// Both are documented in Mime.
MailMessage composeMail(const MailText& mail, const MailRules& rules, const MailStamp& stamp);
MailMessage completeMail(const MadeMail& mail, const MailRules& rules, const MailStamp& stamp);

}  // namespace taskqueue::mail
