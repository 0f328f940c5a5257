#include "runner/mail/mime/body.h"

#include "runner/mail/mime/gmime_pointers.h"
#include "runner/mail/mime/header_lines.h"
#include "runner/mail/mime/mime_parts.h"
#include "runner/mail/mime/refused.h"
#include "runner/mail/mime/text.h"
#include "runner/mail/mime/transfer_encoding.h"

namespace taskqueue::mail {
namespace {

constexpr const char* kUtf8Text = "text/plain; charset=utf-8";
// Base64 and quoted-printable never produce these characters.
constexpr const char* kBoundary = "=_parts";

[[noreturn]] void refuseBody(const std::string& problem) {
  throw Refused("body", "Body cannot be sent: " + problem);
}

std::string written(GMimeObject* object) {
  const FormatOptions format = mailFormat();
  return withCrlf(takeText(::g_mime_object_to_string(object, format.get())));
}

ObjectPointer<GMimePart> textPart(const char* subtype, const std::string& text) {
  ObjectPointer<GMimePart> part(::g_mime_part_new_with_type("text", subtype));
  ::g_mime_object_set_content_type_parameter(GMIME_OBJECT(part.get()), "charset", "utf-8");
  setContent(part.get(), withCrlf(text));
  return part;
}

// Returns how the body violates its declared type or encoding, or an empty text.
std::string findProblem(const std::string& type, const std::string& encoding, std::string_view body) {
  const bool isWhole = type.starts_with("multipart/") || type.starts_with("message/");
  if (isOpaque(encoding) && isWhole)
    return "a body of type " + quoted(type) + " cannot have the encoding " + encoding;
  if (isEncodedAs(encoding, body)) return "";
  return "Content-Transfer-Encoding says " + encoding + ", and the body is something else";
}

std::string kept(const std::string& type, const std::string& encoding, const std::string& body) {
  std::string lines = foldedHeader("Content-Type", type);
  if (!encoding.empty()) lines += foldedHeader("Content-Transfer-Encoding", encoding);
  return lines + "\r\n" + body;
}

}  // namespace

std::string composedBody(const std::string& text, const std::string& html) {
  if (html.empty()) return written(GMIME_OBJECT(textPart("plain", text).get()));
  if (text.empty()) return written(GMIME_OBJECT(textPart("html", html).get()));
  const ObjectPointer<GMimeMultipart> both(::g_mime_multipart_new_with_subtype("alternative"));
  ::g_mime_multipart_set_boundary(both.get(), kBoundary);
  ::g_mime_multipart_add(both.get(), GMIME_OBJECT(textPart("plain", text).get()));
  ::g_mime_multipart_add(both.get(), GMIME_OBJECT(textPart("html", html).get()));
  return written(GMIME_OBJECT(both.get()));
}

std::string madeBody(const std::string& type, const std::string& encoding, std::string_view body) {
  const std::string shownType = type.empty() ? kUtf8Text : type;
  const std::string lowType = lowered(shownType);
  const std::string lowEncoding = lowered(trimmed(encoding));
  if (std::string problem = findProblem(lowType, lowEncoding, body); !problem.empty()) refuseBody(problem);
  const std::string lines = withCrlf(body);
  const std::string asItIs = kept(shownType, encoding, lines);
  if (isPlainLines(asItIs)) return asItIs;
  const std::string reason = " (a line of more than " + std::to_string(kLineBytes) +
                             " bytes, a NUL or a letter beyond ASCII is in it)";
  if (lowType.starts_with("multipart/signed") || lowType.starts_with("multipart/encrypted"))
    refuseBody("encoding it" + reason + " would break its signature; sign a body that is encoded already");
  const ObjectPointer<GMimeObject> parsed = parsePart(asItIs);
  if (!parsed) refuseBody("its parts cannot be read");
  if (std::string problem = encodeParts(parsed.get()); !problem.empty()) refuseBody(problem);
  std::string encoded = written(parsed.get());
  if (isPlainLines(encoded)) return encoded;
  refuseBody(
      "it may not travel as it is, and what stands between its parts, or in their headers, cannot be "
      "encoded" +
      reason);
}

}  // namespace taskqueue::mail
