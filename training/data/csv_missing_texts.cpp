// SPDX-License-Identifier: Apache-2.0
#include <assay/training/data/csv_missing_texts.h>
#include <assay/training/data/csv_number.h>

#include <algorithm>

namespace assay::training {

CsvMissingTexts::CsvMissingTexts(const std::vector<std::string>& texts) : texts_(texts) {
  for (const auto& text : texts) {
    if (text.empty()) {
      empty_ = true;
    } else {
      starts_[static_cast<unsigned char>(text.front())] = true;
    }
  }
}

bool CsvMissingTexts::contains(std::string_view text) const {
  text = trimmed(text);
  if (text.empty()) return empty_;
  if (!starts_[static_cast<unsigned char>(text.front())]) return false;
  return std::ranges::find(texts_, text) != texts_.end();
}

}  // namespace assay::training
