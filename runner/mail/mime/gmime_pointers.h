// Owning pointers for objects of GMime and GLib.
#pragma once

#include <gmime/gmime.h>

#include <memory>
#include <string>

namespace taskqueue::mail {

struct UnrefObject {
  void operator()(void* object) const { ::g_object_unref(object); }
};
template <typename Object>
using ObjectPointer = std::unique_ptr<Object, UnrefObject>;

struct FreeMemory {
  void operator()(void* memory) const { ::g_free(memory); }
};

// Copies a text allocated by GLib, and frees the original.
inline std::string takeText(char* text) {
  const std::unique_ptr<char, FreeMemory> owner(text);
  return text == nullptr ? std::string() : std::string(text);
}

struct FreeParserOptions {
  void operator()(GMimeParserOptions* options) const { ::g_mime_parser_options_free(options); }
};
using ParserOptions = std::unique_ptr<GMimeParserOptions, FreeParserOptions>;

struct FreeFormatOptions {
  void operator()(GMimeFormatOptions* options) const { ::g_mime_format_options_free(options); }
};
using FormatOptions = std::unique_ptr<GMimeFormatOptions, FreeFormatOptions>;

// These options end lines with CRLF.
inline FormatOptions mailFormat() {
  FormatOptions options(::g_mime_format_options_new());
  ::g_mime_format_options_set_newline_format(options.get(), GMIME_NEWLINE_FORMAT_DOS);
  return options;
}

}  // namespace taskqueue::mail
