// The fields that narrow the list: one below each column that can be filtered, as grids of the CMS have them,
// and those of the columns that are not shown.
#pragma once

#include <kainjow/mustache.hpp>
#include <string>
#include <vector>

#include "module/queue/runner.h"
#include "module/texts/texts.h"
#include "module/web/pages/grid_query.h"

namespace taskqueue::web {

// What stands in the head of a column.
std::string nameOfColumn(const std::string& column, const Texts& say);

class GridFilter {
 public:
  // The handlers are what the option list of the column Handler offers. All are kept by reference.
  GridFilter(const GridQuery& query, const std::vector<HandlerDeclaration>& handlers, const Texts& say)
      : query_(query), handlers_(handlers), say_(say) {}

  // For the template filter_field.html. Empty where a column has no field.
  kainjow::mustache::data fieldOf(const std::string& column) const;
  // The fields whose columns are not shown: without them a filter could act unseen.
  kainjow::mustache::data fieldsOfHiddenColumns() const;
  // What is filtered, in the values that were given: "error, remind".
  std::string words() const;

 private:
  const GridQuery& query_;
  const std::vector<HandlerDeclaration>& handlers_;
  const Texts& say_;
};

}  // namespace taskqueue::web
