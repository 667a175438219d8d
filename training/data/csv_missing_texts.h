// SPDX-License-Identifier: Apache-2.0
// Texts that stand for a missing value.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// A set of such texts, for fast questions.
class CsvMissingTexts {
 public:
  /// The empty text stands for an empty field.
  explicit CsvMissingTexts(const std::vector<std::string>& texts);

  /// Whether a field's text, without spaces and tabs around it, is one of them.
  bool contains(std::string_view text) const;

 private:
  std::vector<std::string> texts_;
  std::array<bool, 256> starts_ = {};  // first characters: they decide nearly every field
  bool empty_ = false;
};

}  // namespace assay::training
#pragma GCC visibility pop
