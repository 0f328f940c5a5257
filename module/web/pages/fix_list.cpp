#include "module/web/pages/fix_list.h"

namespace taskqueue::web {

using kainjow::mustache::data;

data fixList(const std::vector<health::Fix>& fixes, const Texts& say) {
  data list(data::type::list);
  for (const health::Fix& fix : fixes) {
    data row;
    row.set("line", say.text(fix.command, fix.values));
    if (!fix.serviceManager.empty()) row.set("with", say.text("With %1:", {say.text(fix.serviceManager)}));
    list.push_back(row);
  }
  return list;
}

}  // namespace taskqueue::web
