// Describes what a route of the API reads and answers. The OpenAPI document and the page of the API are made
// of these descriptions.
#pragma once

#include <vector>

namespace taskqueue::web::openapi {

// The type of a parameter, a member, a body or an answer. A word is `string`, `integer`, `boolean` or the
// name of a schema. `[]` behind it means an array, `?` means that it may be null, `|` stands between
// alternatives.
using Type = const char*;

struct Parameter {
  const char* name;
  Type type;
  const char* description;
  bool required = false;
  const char* in = "query";  // query, header or path
};

struct Reply {
  int status;
  const char* description;
  Type type = "";  // empty: the problem document, if the status is an error
  const char* contentType = "application/json";
};

// The route's access and need add the answers that all such routes give: document.h. The parameters are those
// of the query and of headers, since the pattern has those of the path. Without a body, the route reads none.
struct Operation {
  const char* id;
  const char* group;
  const char* summary;
  std::vector<Reply> replies;
  std::vector<Parameter> parameters{};
  Type body = "";
  bool needsBody = true;  // false: the body may be left out
};

struct Member {
  const char* name;
  Type type;
  const char* description = "";
  bool required = true;
};

// A schema of an object.
struct Schema {
  const char* name;
  const char* description;
  std::vector<Member> members;
  bool closed = false;  // unknown members are refused
};

}  // namespace taskqueue::web::openapi
