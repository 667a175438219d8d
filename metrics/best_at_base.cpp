// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/metrics/best_at_base.h>

namespace assay::metrics {

void BestAtBase::keep_at(std::int64_t num_thresholds, std::optional<std::int64_t> class_id) {
  keep_all({.thresholds = Thresholds::evenly_spaced(num_thresholds), .class_id = class_id});
}

at::Tensor BestAtBase::best(const at::Tensor& wanted, const at::Tensor& constrained, double least) {
  const auto allowed = wanted.masked_fill(constrained.ge(least).logical_not_(), 0);
  // An infinite weight makes quotients NaN: that of none is then known to be the best.
  return at::where(constrained.isnan(), constrained, allowed).max();
}

}  // namespace assay::metrics
