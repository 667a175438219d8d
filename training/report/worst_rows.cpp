// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/report/worst_rows.h>

#include <algorithm>
#include <cmath>

namespace assay::training::report {
namespace {

constexpr std::size_t kWorst = 10;

bool worse(double a, double b) { return std::isnan(a) ? !std::isnan(b) : a > b; }

}  // namespace

void WorstRows::add(const at::Tensor& badness, const std::function<Json(std::int64_t)>& entry) {
  const auto [values, order] = badness.sort(/*stable=*/true, /*dim=*/0, /*descending=*/true);
  const auto count = std::min<std::int64_t>(kWorst, values.size(0));
  for (std::int64_t i = 0; i < count; ++i) {
    const auto value = values[i].item<double>();
    if (rows_.size() == kWorst && !worse(value, rows_.back().first)) return;
    const auto after =
        std::ranges::find_if(rows_, [&](const auto& known) { return worse(value, known.first); });
    rows_.insert(after, {value, entry(order[i].item<std::int64_t>())});
    if (rows_.size() > kWorst) rows_.pop_back();
  }
}

Json WorstRows::json() const {
  Json list = Json::array();
  for (const auto& [badness, entry] : rows_) list.push_back(entry);
  return list;
}

}  // namespace assay::training::report
