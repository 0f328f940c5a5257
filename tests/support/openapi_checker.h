// Checks answers of the API against the OpenAPI document that the API itself answers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "module/json/task_data.h"

namespace taskqueue::test_support {

// Returns the segments of a path that begins with a slash.
std::vector<std::string> segmentsOf(const std::string& path);

struct CheckedAnswer {
  std::string method;
  std::vector<std::string> path;  // segments below the base path, such as api, v1, tasks
  int status = 200;
  std::string contentType;
  std::string body;
};

class OpenApiChecker {
 public:
  // Throws std::runtime_error if the document is no JSON.
  explicit OpenApiChecker(const std::string& document);

  // Returns what differs from the document, or an empty text. An address that the document does not have is
  // right. Beyond the document, no object may have members that are not described.
  std::string findDifference(const CheckedAnswer& answer);

  // Returns the faults of the document itself. They are rules of OpenAPI 3.1 and of this project.
  std::vector<std::string> findFaults();

  const json::Document& document() const { return document_; }

 private:
  const json::Value* findOperation(const CheckedAnswer& answer) const;
  std::string schemaText(const json::Value& schema) const;
  void findFaultsOf(const std::string& path, const std::string& method, const json::Value& operation,
                    std::map<std::string, int>& ids, std::vector<std::string>& faults) const;

  json::Document document_;
  std::map<const json::Value*, json::DataSchema> compiled_;  // keyed by the schema
};

}  // namespace taskqueue::test_support
