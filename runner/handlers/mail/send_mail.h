// The handler SendMail passes one mail to the mail server.
//
//   TaskData  {"To", "Subject", "Text" and/or "Html"}, and optionally "From"; or a complete mail:
//             {"To", "Headers": ["Name: value", …], "Body"}
//   Results   {"To", "From", "MessageId", "Code", "Answer"}, the server's answer to this attempt. Several
//             recipients also give "Recipients": [{"To", "State", "Code", "Answer"}]; State is `sent`,
//             `refused` or `waits`
//
// A complete mail also goes to the To, Cc and Bcc of its headers. The server may accept some recipients and
// refuse others. A later attempt then goes to the waiting ones, and the run's error names all recipients
// without the mail.
//
// Errors that are retried: smtp_4xx and other answers that do not concern the mail, smtp_unanswered,
// smtp_settings, mail_module, database, cancelled. Final errors: smtp_5xx, address, recipients, headers,
// body.
#pragma once

#include "module/platform/configuration.h"
#include "module/store/database/connection.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

inline constexpr const char* kSendMail = "SendMail";

// The default settings of its tasks: twelve tries within about a day.
HandlerSettings sendMailSettings(const platform::SmtpConfiguration& smtp);

// The connection to the mail server is reused by later runs in the same worker. The rate is read from the
// database only when one is configured.
HandlerEntry makeSendMail(const platform::SmtpConfiguration& smtp, store::ConnectionSettings settings,
                          store::TableNames names);

}  // namespace taskqueue::handlers
