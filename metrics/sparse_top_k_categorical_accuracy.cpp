// SPDX-License-Identifier: Apache-2.0
#include <assay/core/labels.h>
#include <assay/core/operators/class_hits.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/sparse_top_k_categorical_accuracy.h>

namespace assay::metrics {
namespace {

at::Tensor among_first_ids(const at::Tensor& labels, const at::Tensor& ids, std::int64_t k) {
  const auto first = ids.slice(-1, 0, k);
  // float32 would take neighbouring large ids for equal.
  const auto exact = at::isFloatingType(ids.scalar_type()) ? first.to(at::kDouble) : first;
  return exact.eq(labels.unsqueeze(-1)).any(-1).logical_and(rows_without_nan(exact));
}

}  // namespace

losses::LossValues SparseTopKCategoricalAccuracy::values(const at::Tensor& y_true,
                                                         const at::Tensor& y_pred) const {
  const auto labels = sparse_labels(y_true, y_pred, -1);
  if (options().from_sorted_ids) return {among_first_ids(labels, y_pred, options().k)};
  return {top_k_hits(labels, y_pred, options().k)};
}

void register_sparse_top_k_categorical_accuracy(MetricRegistry& registry) {
  registry.add<SparseTopKCategoricalAccuracy>();
}

}  // namespace assay::metrics
