// Makes what all pages share: the layout, the headers, and the reader's language.
#pragma once

#include <functional>
#include <kainjow/mustache.hpp>
#include <string>
#include <utility>
#include <vector>

#include "module/health/check.h"
#include "module/platform/configuration.h"
#include "module/web/access.h"
#include "module/web/answer.h"
#include "module/web/pages/flash.h"
#include "module/web/pages/templates.h"

namespace taskqueue::web {

class PageFrame {
 public:
  using HealthLook = std::function<std::vector<health::HealthCheck>()>;

  // `recentHealth` is asked for each page, so it must be cheap.
  PageFrame(const Templates& templates, const Authorizer& authorizer,
            const platform::WebConfiguration& configuration, HealthLook recentHealth)
      : templates_(templates),
        authorizer_(authorizer),
        configuration_(configuration),
        recentHealth_(std::move(recentHealth)) {}

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
  // Sets the number of problems that stands beside Health on every page.
  void addHealthBadge(const Request& request, kainjow::mustache::data& to) const;
  void addHeaders(const Request& request, Response& to) const;

  const Templates& templates_;
  const Authorizer& authorizer_;
  const platform::WebConfiguration& configuration_;
  HealthLook recentHealth_;
};

}  // namespace taskqueue::web
