// The entry point of the module.
#include "runner/mail/curl_library.h"

extern "C" const taskqueue::mail::CurlLibrary* taskqueue_curl() {
  static const taskqueue::mail::CurlLibrary library{
      &::curl_easy_init,    &::curl_easy_cleanup,  &::curl_easy_setopt,  &::curl_easy_getinfo,
      &::curl_easy_perform, &::curl_easy_strerror, &::curl_slist_append, &::curl_slist_free_all};
  static const bool isReady = ::curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return isReady ? &library : nullptr;
}
