// SPDX-License-Identifier: Apache-2.0
#include <assay/training/data/csv_categories.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <numeric>

namespace assay::training {

CsvCategories::CsvCategories(const std::optional<std::vector<std::string>>& given,
                             const std::string& what)
    : given_(given.has_value()) {
  if (!given) return;
  for (const auto& text : *given) {
    TORCH_CHECK_VALUE(numbers_.emplace(text, static_cast<std::int64_t>(texts_.size())).second, what,
                      ": '", text, "' stands there twice");
    texts_.push_back(text);
  }
}

std::optional<std::int64_t> CsvCategories::number(std::string_view text) {
  const auto found = numbers_.find(text);
  if (found != numbers_.end()) return found->second;
  if (given_) return std::nullopt;
  const auto number = static_cast<std::int64_t>(texts_.size());
  texts_.emplace_back(text);
  numbers_.emplace(texts_.back(), number);
  return number;
}

std::vector<std::string> CsvCategories::texts() const {
  auto texts = texts_;
  if (!given_) std::ranges::sort(texts);
  return texts;
}

std::vector<std::int64_t> CsvCategories::final_numbers() const {
  std::vector<std::int64_t> order(texts_.size());
  std::iota(order.begin(), order.end(), 0);
  if (given_) return order;
  const auto text = [this](std::int64_t i) -> const std::string& {
    return texts_[static_cast<std::size_t>(i)];
  };
  std::ranges::sort(order, {}, text);
  std::vector<std::int64_t> numbers(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    numbers[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
  }
  return numbers;
}

}  // namespace assay::training
