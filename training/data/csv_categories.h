// SPDX-License-Identifier: Apache-2.0
// Numbers for texts.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// Texts that are given, and numbered in that order; or those that occur, which are numbered as
/// they come, and sorted once all are known.
class CsvCategories {
 public:
  /// Errors: ValueError where a given text stands twice; `what` names the list.
  explicit CsvCategories(const std::optional<std::vector<std::string>>& given,
                         const std::string& what);

  /// The number of a text; nothing where texts are given and it is not among them.
  std::optional<std::int64_t> number(std::string_view text);

  /// The texts in the order of their final numbers.
  std::vector<std::string> texts() const;

  /// The final number for each number that `number` gave.
  std::vector<std::int64_t> final_numbers() const;

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  bool given_;
  std::vector<std::string> texts_;
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> numbers_;
};

}  // namespace assay::training
#pragma GCC visibility pop
