// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/operators/samplewise_sums.h>
#include <assay/metrics/mean_base.h>
#include <assay/metrics/quotient.h>

namespace assay::metrics {
void MeanBase::add_values(const at::Tensor& values, const at::Tensor& sample_weight,
                          const at::Tensor& mask) {
  add_samplewise_sums(total_, count_, values, sample_weight, mask);
}

at::Tensor MeanBase::compute() const { return quotient(total_, count_); }

void MeanOfFunction::update(const at::Tensor& y_true, const at::Tensor& y_pred,
                            const at::Tensor& sample_weight) {
  TORCH_CHECK_VALUE(y_pred.defined(), "y_pred is missing: ", class_name(),
                    " compares labels with predictions");
  const auto of_batch = this->values(y_true, y_pred);
  add_values(of_batch.values, sample_weight, of_batch.mask);
}

}  // namespace assay::metrics
