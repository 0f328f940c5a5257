#include "module/web/pages/remedy_list.h"

namespace taskqueue::web {

using kainjow::mustache::data;

data remedyList(const std::vector<health::Remedy>& remedies, const Texts& say) {
  data list(data::type::list);
  for (const health::Remedy& remedy : remedies) {
    data row;
    row.set("line", say.text(remedy.line, remedy.values));
    if (!remedy.keeper.empty()) row.set("with", say.text("With %1:", {say.text(remedy.keeper)}));
    list.push_back(row);
  }
  return list;
}

}  // namespace taskqueue::web
