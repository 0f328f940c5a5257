#include "module/json/schema_expansion.h"

#include <rapidjson/pointer.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace taskqueue::json {
namespace {

const Value* memberOf(const Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

class Expansion {
 public:
  explicit Expansion(const Document& whole) : whole_(whole) {}

  // Returns how many schemas apply at once to a value that nests `depth` levels, along the worst path down
  // into it. A result above the limit is kMaxSubSchemas + 1.
  std::int64_t sizeOf(const Value& schema, int depth) {
    const auto known = sizes_.find({&schema, depth});
    if (known != sizes_.end()) return known->second;
    std::vector<const Value*> together{&schema};
    for (std::size_t i = 0; i < together.size() && isWithin(together.size()); ++i) {
      const auto beside = schemasBeside(whole_, *together[i]);
      together.insert(together.end(), beside.begin(), beside.end());
    }
    auto size = static_cast<std::int64_t>(together.size());
    if (isWithin(together.size()) && depth > 0) size += sizeBelow(together, depth - 1);
    return sizes_[{&schema, depth}] = std::min(size, kMaxSubSchemas + 1);
  }

 private:
  static bool isWithin(std::size_t size) { return static_cast<std::int64_t>(size) <= kMaxSubSchemas; }

  // Members are checked one after another, so of the named ones only the largest counts.
  std::int64_t sizeBelow(const std::vector<const Value*>& together, int depth) {
    std::map<std::string, std::int64_t, std::less<>> named;
    std::int64_t unnamed = 0;
    for (const Value* schema : together) {
      addNamed(*schema, depth, named);
      unnamed += unnamedBelow(*schema, depth);
    }
    std::int64_t worst = 0;
    for (const auto& [name, size] : named) worst = std::max(worst, size);
    return worst + unnamed;
  }

  void addNamed(const Value& schema, int depth, std::map<std::string, std::int64_t, std::less<>>& named) {
    const Value* properties = memberOf(schema, "properties");
    if (properties != nullptr && properties->IsObject()) {
      for (const auto& property : properties->GetObject()) {
        named["/" + std::string(textOf(property.name))] += sizeOfPart(property.value, depth);
      }
    }
    const Value* items = memberOf(schema, "items");
    if (items == nullptr || !items->IsArray()) return;
    for (rapidjson::SizeType i = 0; i < items->Size(); ++i) {
      named[std::to_string(i)] += sizeOfPart((*items)[i], depth);
    }
  }

  std::int64_t unnamedBelow(const Value& schema, int depth) {
    std::int64_t size = 0;
    for (const char* keyword : {"items", "additionalItems", "additionalProperties"}) {
      if (const Value* part = memberOf(schema, keyword)) size += sizeOfPart(*part, depth);
    }
    const Value* patterns = memberOf(schema, "patternProperties");
    if (patterns == nullptr || !patterns->IsObject()) return size;
    for (const auto& pattern : patterns->GetObject()) size += sizeOfPart(pattern.value, depth);
    return size;
  }

  std::int64_t sizeOfPart(const Value& part, int depth) { return part.IsObject() ? sizeOf(part, depth) : 0; }

  const Document& whole_;
  std::map<std::pair<const Value*, int>, std::int64_t> sizes_;
};

}  // namespace

std::vector<const Value*> schemasBeside(const Document& whole, const Value& schema) {
  std::vector<const Value*> beside;
  const auto add = [&](const Value* part) {
    if (part != nullptr && part->IsObject()) beside.push_back(part);
  };
  const Value* reference = memberOf(schema, "$ref");
  if (reference != nullptr && reference->IsString()) {
    const rapidjson::Pointer pointer(reference->GetString(), reference->GetStringLength());
    if (pointer.IsValid()) add(pointer.Get(whole));
  }
  for (const char* keyword : {"allOf", "anyOf", "oneOf"}) {
    const Value* parts = memberOf(schema, keyword);
    if (parts == nullptr || !parts->IsArray()) continue;
    for (const Value& part : parts->GetArray()) add(&part);
  }
  add(memberOf(schema, "not"));
  const Value* dependencies = memberOf(schema, "dependencies");
  if (dependencies == nullptr || !dependencies->IsObject()) return beside;
  for (const auto& dependency : dependencies->GetObject()) add(&dependency.value);
  return beside;
}

bool expandsWithinLimit(const Document& schema) {
  return Expansion(schema).sizeOf(schema, kDepthOfExpandedData) <= kMaxSubSchemas;
}

}  // namespace taskqueue::json
