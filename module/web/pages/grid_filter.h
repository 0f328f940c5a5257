// Makes the filter fields of the task list. As in grids of the CMS, each filterable column has a field below
// its title. Fields of hidden columns are shown separately.
#pragma once

#include <kainjow/mustache.hpp>
#include <string>
#include <vector>

#include "module/queue/runner.h"
#include "module/texts/texts.h"
#include "module/web/pages/grid_query.h"

namespace taskqueue::web {

// Returns the title of a column.
std::string nameOfColumn(const std::string& column, const Texts& say);

// Says the filter of an address as rows of a name and a value, or of a name and a time.
kainjow::mustache::data filterInWords(const std::string& filterText, const Texts& say);

class GridFilter {
 public:
  // `handlers` are the options of the column Handler. All arguments are kept by reference.
  GridFilter(const GridQuery& query, const std::vector<HandlerDeclaration>& handlers, const Texts& say)
      : query_(query), handlers_(handlers), say_(say) {}

  // Returns the values for filter_field.html. They are empty if the column has no field.
  kainjow::mustache::data fieldOf(const std::string& column) const;
  // Returns the fields of hidden columns, so that no filter acts unseen.
  kainjow::mustache::data fieldsOfHiddenColumns() const;
  // Describes the filter by its values: "error, remind".
  std::string words() const;

 private:
  const GridQuery& query_;
  const std::vector<HandlerDeclaration>& handlers_;
  const Texts& say_;
};

}  // namespace taskqueue::web
