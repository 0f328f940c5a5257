#include "module/store/sql.h"

#include <utility>

namespace taskqueue::store {
namespace {

std::vector<const Sql*>& list() {
  static std::vector<const Sql*> statements;
  return statements;
}

}  // namespace

Sql::Sql(const char* name, std::string text) : name_(name), text_(std::move(text)) {
  list().push_back(this);
}

const std::vector<const Sql*>& Sql::all() {
  return list();
}

}  // namespace taskqueue::store
