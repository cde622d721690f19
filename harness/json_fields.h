// Strict reading of JSON that people and other programs wrote: every key is asked for by type, and nothing may be left
// over. Every problem is an InputError: "<where>: key 'k': expected A, found B". Not thread-safe to share one
// JsonFields.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace divla {

// Reads a text file whole; InputError when it cannot be opened.
std::string ReadTextFile(const std::filesystem::path& file);
// Parses one JSON text; `where` starts the message of the InputError.
nlohmann::json ParseJson(std::string_view text, const std::string& where);

// One JSON object while it is read. Call Finish() at the end: it refuses keys that nobody asked for.
class JsonFields {
 public:
  // Keeps a reference to `object`, which must outlive it. Throws when it is not a JSON object.
  JsonFields(const nlohmann::json& object, std::string where);

  bool Has(const std::string& key) const;
  bool IsNull(const std::string& key);
  std::string String(const std::string& key);
  bool Bool(const std::string& key);
  double Number(const std::string& key);
  int Int(const std::string& key, int low = std::numeric_limits<int>::min(),
          int high = std::numeric_limits<int>::max());
  std::uint64_t U64(const std::string& key);
  std::vector<std::string> Strings(const std::string& key);
  const nlohmann::json& Array(const std::string& key);
  JsonFields Object(const std::string& key);
  const nlohmann::json& Any(const std::string& key);
  void Finish() const;

  const std::string& Where() const { return where_; }
  const nlohmann::json& Json() const { return *object_; }
  // Throws the InputError of one key.
  [[noreturn]] void Fail(const std::string& key, const std::string& expected, const std::string& found) const;

 private:
  const nlohmann::json* object_;
  std::string where_;
  std::set<std::string> asked_;
};

}  // namespace divla
