// Names the content of a row, so that a change is refused if another one came first.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace taskqueue {

// Returns 16 hexadecimal digits that differ, in practice, whenever one of the texts does. It proves nothing
// against a person who looks for two contents with the same digits.
std::string contentVersion(std::initializer_list<std::string_view> texts);

}  // namespace taskqueue
