#include "module/store/sql/sql.h"

#include <cctype>
#include <unordered_map>
#include <utility>

#include "module/queue/store_error.h"

namespace taskqueue::store {
namespace {

std::vector<const Sql*>& list() {
  static std::vector<const Sql*> statements;
  return statements;
}

std::unordered_map<std::string_view, std::string_view>& pieces() {
  static std::unordered_map<std::string_view, std::string_view> byName;
  return byName;
}

bool isPieceName(std::string_view name) {
  return !name.empty() && std::islower(static_cast<unsigned char>(name.front())) != 0;
}

void expandInto(std::string_view text, int depth, std::string& to) {
  while (true) {
    const auto open = text.find('{');
    const auto close = text.find('}', open);
    if (open == std::string_view::npos || close == std::string_view::npos) break;
    const std::string_view name = text.substr(open + 1, close - open - 1);
    if (!isPieceName(name)) {
      to.append(text.substr(0, close + 1));
    } else {
      const auto piece = pieces().find(name);
      if (piece == pieces().end() || depth == SqlPiece::kMaxDepth)
        throw StoreError(StoreError::Kind::Broken,
                         "no SQL piece, or pieces nested too deep: " + std::string(name));
      to.append(text.substr(0, open));
      expandInto(piece->second, depth + 1, to);
    }
    text.remove_prefix(close + 1);
  }
  to.append(text);
}

}  // namespace

SqlPiece::SqlPiece(const char* name, std::string_view text) : name_(name), text_(text) {
  const auto first = text_.find_first_not_of(" \n");
  const auto last = text_.find_last_not_of(" \n");
  if (first != std::string_view::npos) text_ = text_.substr(first, last + 1 - first);
  if (!pieces().emplace(name_, text_).second)
    throw StoreError(StoreError::Kind::Broken, std::string("two SQL pieces have the name ") + name_);
}

std::string expandPieces(std::string_view text) {
  std::string whole;
  expandInto(text, 0, whole);
  std::string line;
  line.reserve(whole.size());
  for (std::size_t i = 0; i < whole.size();) {
    if (whole[i] != '\n') {
      line.push_back(whole[i++]);
      continue;
    }
    while (i < whole.size() && (whole[i] == '\n' || whole[i] == ' ')) ++i;
    const bool isInside = !line.empty() && i < whole.size();
    const bool isTight = isInside && (line.back() == '(' || whole[i] == ')');
    if (isInside && !isTight) line.push_back(' ');
  }
  return line;
}

Sql::Sql(const char* name, std::string text) : name_(name), source_(std::move(text)) {
  list().push_back(this);
}

const std::string& Sql::text() const {
  std::call_once(expanded_, [this] { text_ = expandPieces(source_); });
  return text_;
}

const std::vector<const Sql*>& Sql::all() {
  return list();
}

}  // namespace taskqueue::store
