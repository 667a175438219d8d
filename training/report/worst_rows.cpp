// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/report/worst_rows.h>

#include <algorithm>
#include <limits>

namespace assay::training::report {
namespace {

constexpr std::int64_t kWorst = 10;

// The places of the largest numbers, in their order; of equals the first.
at::Tensor largest(const at::Tensor& numbers, std::int64_t count) {
  const auto least = std::get<0>(numbers.topk(count))[count - 1];
  const auto above = numbers.gt(least).nonzero().squeeze(1);
  const auto equal = numbers.eq(least).nonzero().squeeze(1).slice(0, 0, count - above.size(0));
  return at::cat({above, equal});
}

}  // namespace

void WorstRows::add(const at::Tensor& badness, const std::function<Json(std::int64_t)>& entry) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto numbers = badness.nan_to_num(kInfinity, kInfinity, -kInfinity);
  const auto is_full = [this] { return rows_.size() == static_cast<std::size_t>(kWorst); };
  if (numbers.numel() == 0) return;
  if (is_full() && numbers.max().item<double>() <= rows_.back().first) return;
  const auto places = largest(numbers, std::min(kWorst, numbers.size(0)));
  for (std::int64_t i = 0; i < places.size(0); ++i) {
    const auto place = places[i].item<std::int64_t>();
    const auto value = numbers[place].item<double>();
    const auto after =
        std::ranges::find_if(rows_, [&](const auto& known) { return value > known.first; });
    if (after == rows_.end() && is_full()) continue;
    rows_.insert(after, {value, entry(place)});
    if (rows_.size() > static_cast<std::size_t>(kWorst)) rows_.pop_back();
  }
}

Json WorstRows::json() const {
  Json list = Json::array();
  for (const auto& [badness, entry] : rows_) list.push_back(entry);
  return list;
}

}  // namespace assay::training::report
