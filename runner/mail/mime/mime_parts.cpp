#include "runner/mail/mime/mime_parts.h"

#include <algorithm>

#include "runner/mail/mime/text.h"
#include "runner/mail/mime/transfer_encoding.h"

namespace taskqueue::mail {
namespace {

constexpr int kDepth = 20;  // deepest nesting of parts

ObjectPointer<GMimeStream> memory(const std::string& bytes) {
  return ObjectPointer<GMimeStream>(::g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
}

std::string contentOf(GMimeStream* stream) {
  const GByteArray* bytes = ::g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

// Returns the content still encoded, as in the mail.
std::string rawContent(GMimeDataWrapper* content) {
  const ObjectPointer<GMimeStream> copy(::g_mime_stream_mem_new());
  GMimeStream* stream = ::g_mime_data_wrapper_get_stream(content);
  ::g_mime_stream_reset(stream);
  ::g_mime_stream_write_to_stream(stream, copy.get());
  ::g_mime_stream_reset(stream);
  return contentOf(copy.get());
}

std::string decodedContent(GMimeDataWrapper* content) {
  const ObjectPointer<GMimeStream> copy(::g_mime_stream_mem_new());
  ::g_mime_data_wrapper_write_to_stream(content, copy.get());
  return contentOf(copy.get());
}

bool hasLettersBeyondAscii(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c < 0; });
}

std::string encodingOf(GMimeObject* object) {
  const char* encoding = ::g_mime_object_get_header(object, "Content-Transfer-Encoding");
  return encoding == nullptr ? std::string() : lowered(trimmed(encoding));
}

std::string encodeLeaf(GMimePart* part) {
  GMimeDataWrapper* content = ::g_mime_part_get_content(part);
  if (content == nullptr) return "";
  const std::string raw = rawContent(content);
  if (isPlainLines(raw)) return "";
  GMimeObject* object = GMIME_OBJECT(part);
  const std::string encoding = encodingOf(object);
  if (!encoding.empty() && !isKnownEncoding(encoding))
    return "a part may not travel as it is, and its encoding " + quoted(encoding) + " is not known";
  if (!isEncodedAs(encoding, raw)) return "a part says that it is " + encoding + ", and is something else";
  const bool isText =
      ::g_mime_content_type_is_type(::g_mime_object_get_content_type(object), "text", "*") != FALSE;
  if (isText && !isOpaque(encoding) && hasLettersBeyondAscii(raw))
    ::g_mime_object_set_content_type_parameter(object, "charset", "utf-8");
  setContent(part, decodedContent(content));
  return "";
}

void encodeFileNames(GMimeObject* object) {
  encodeInUtf8(::g_mime_content_type_get_parameters(::g_mime_object_get_content_type(object)));
  GMimeContentDisposition* disposition = ::g_mime_object_get_content_disposition(object);
  if (disposition != nullptr) encodeInUtf8(::g_mime_content_disposition_get_parameters(disposition));
}

std::string encode(GMimeObject* object, int depth) {
  if (depth > kDepth) return "its parts are nested deeper than " + std::to_string(kDepth);
  encodeFileNames(object);
  if (GMIME_IS_PART(object)) return encodeLeaf(GMIME_PART(object));
  if (GMIME_IS_MESSAGE_PART(object)) {
    GMimeMessage* message = ::g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
    GMimeObject* inner = message == nullptr ? nullptr : ::g_mime_message_get_mime_part(message);
    return inner == nullptr ? "" : encode(inner, depth + 1);
  }
  if (!GMIME_IS_MULTIPART(object)) return "";
  GMimeMultipart* multipart = GMIME_MULTIPART(object);
  for (int i = 0; i < ::g_mime_multipart_get_count(multipart); ++i) {
    if (std::string problem = encode(::g_mime_multipart_get_part(multipart, i), depth + 1); !problem.empty())
      return problem;
  }
  return "";
}

}  // namespace

void encodeInUtf8(GMimeParamList* parameters) {
  for (int i = 0; i < ::g_mime_param_list_length(parameters); ++i) {
    GMimeParam* parameter = ::g_mime_param_list_get_parameter_at(parameters, i);
    if (hasLettersBeyondAscii(::g_mime_param_get_value(parameter)))
      ::g_mime_param_set_charset(parameter, "utf-8");
  }
}

void setContent(GMimePart* part, const std::string& bytes) {
  const auto stream = memory(bytes);
  const ObjectPointer<GMimeDataWrapper> content(
      ::g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  ::g_mime_part_set_content(part, content.get());
  auto encoding = GMIME_CONTENT_ENCODING_7BIT;
  if (!isPlainLines(bytes))
    encoding = ::g_mime_part_get_best_content_encoding(part, GMIME_ENCODING_CONSTRAINT_7BIT);
  ::g_mime_part_set_content_encoding(part, encoding);
}

ObjectPointer<GMimeObject> parsePart(const std::string& headersAndBody) {
  const auto stream = memory(headersAndBody);
  const ObjectPointer<GMimeParser> parser(::g_mime_parser_new_with_stream(stream.get()));
  return ObjectPointer<GMimeObject>(::g_mime_parser_construct_part(parser.get(), nullptr));
}

std::string encodeParts(GMimeObject* object) {
  return encode(object, 0);
}

}  // namespace taskqueue::mail
