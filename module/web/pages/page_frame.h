// Makes what all pages share: the layout, the headers, and the reader's language.
#pragma once

#include <kainjow/mustache.hpp>
#include <string>

#include "module/platform/configuration.h"
#include "module/web/access.h"
#include "module/web/answer.h"
#include "module/web/pages/flash.h"
#include "module/web/pages/templates.h"

namespace taskqueue::web {

class PageFrame {
 public:
  PageFrame(const Templates& templates, const Authorizer& authorizer,
            const platform::WebConfiguration& configuration)
      : templates_(templates), authorizer_(authorizer), configuration_(configuration) {}

  // Renders a template as a page. `title` must be translated. The template also gets `base`, `formToken`,
  // `mayOperate`, `mayAdminister` and `address`, to which a form may come back.
  Response page(const Request& request, const std::string& name, const std::string& title,
                kainjow::mustache::data values, int status = 200) const;
  Response problem(const Request& request, const Problem& problem) const;
  // Answers 303 to a path below the base path. The next page of this user shows the flash line.
  Response redirect(const std::string& path) const;
  Response redirect(const std::string& path, const Request& request, const Flash& flash) const;

  // Returns the reader's texts, for sentences that C++ makes.
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
