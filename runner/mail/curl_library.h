// libcurl, which brings 26 further libraries. It is linked into a separate module, which curl() loads: a
// process that sends no mail and no webhook does not carry them.
#pragma once

#include <curl/curl.h>

namespace taskqueue::mail {

// The functions of libcurl that are used, under their own names.
struct CurlLibrary {
  decltype(&::curl_easy_init) easyInit;
  decltype(&::curl_easy_cleanup) easyCleanup;
  decltype(&::curl_easy_setopt) easySetopt;
  decltype(&::curl_easy_getinfo) easyGetinfo;
  decltype(&::curl_easy_perform) easyPerform;
  decltype(&::curl_easy_strerror) easyStrerror;
  decltype(&::curl_slist_append) slistAppend;
  decltype(&::curl_slist_free_all) slistFreeAll;
};

inline constexpr const char* kCurlEntry = "taskqueue_curl";
using CurlEntry = const CurlLibrary* (*)();

// Loads the library at the first call. Throws std::runtime_error when it cannot be used.
const CurlLibrary& curl();

}  // namespace taskqueue::mail
