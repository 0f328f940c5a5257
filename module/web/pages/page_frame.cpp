#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

using kainjow::mustache::data;

Texts PageFrame::texts(const Request&) const {
  return templates_.texts("en");
}

Response PageFrame::page(const Request& request, const std::string& name, const std::string& title,
                         data values, int status) const {
  const std::string& language = texts(request).language();
  values.set("base", configuration_.basePath);
  values.set("formToken", gate_.formTokenFor(request.user));
  data layout;
  layout.set("base", configuration_.basePath);
  layout.set("title", title);
  layout.set("user", request.user);
  layout.set("content", templates_.render(language, name, values));
  Response response;
  response.status = status;
  response.contentType = "text/html; charset=utf-8";
  response.headers = {{"Content-Security-Policy",
                       "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src "
                       "'self'; form-action "
                       "'self'; base-uri 'none'; frame-ancestors 'none'"},
                      {"Referrer-Policy", "no-referrer"}};
  response.body = templates_.render(language, "layout", layout);
  return response;
}

Response PageFrame::problem(const Request& request, const Problem& problem) const {
  data values;
  values.set("title", problem.title);
  values.set("detail", problem.detail);
  return page(request, "problem", problem.title, values, problem.status);
}

Response PageFrame::redirect(const std::string& path) const {
  Response response;
  response.status = 303;
  response.headers.emplace_back("Location", configuration_.basePath + path);
  return response;
}

}  // namespace taskqueue::web
