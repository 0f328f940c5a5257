// What every page has: the layout around it, its headers, and the language of its reader.
#pragma once

#include <kainjow/mustache.hpp>
#include <string>

#include "module/platform/configuration.h"
#include "module/web/access.h"
#include "module/web/answer.h"
#include "module/web/pages/templates.h"

namespace taskqueue::web {

class PageFrame {
 public:
  PageFrame(const Templates& templates, const Authorizer& authorizer,
            const platform::WebConfiguration& configuration)
      : templates_(templates), authorizer_(authorizer), configuration_(configuration) {}

  // The page of a template. `title` is translated already; the template finds `base`, `formToken`,
  // `mayOperate` and `mayAdminister` in its values.
  Response page(const Request& request, const std::string& name, const std::string& title,
                kainjow::mustache::data values, int status = 200) const;
  Response problem(const Request& request, const Problem& problem) const;
  // 303 to a page, below the base path.
  Response redirect(const std::string& path) const;

  // For sentences made in C++.
  Texts texts(const Request& request) const;
  const std::vector<std::string>& languages() const { return templates_.languages(); }
  const std::string& base() const { return configuration_.basePath; }

 private:
  void addHeaders(const Request& request, Response& to) const;

  const Templates& templates_;
  const Authorizer& authorizer_;
  const platform::WebConfiguration& configuration_;
};

}  // namespace taskqueue::web
