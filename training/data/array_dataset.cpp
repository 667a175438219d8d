// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/data/array_dataset.h>

namespace assay::training {
namespace {

Batch with_integer_labels(Batch all) {
  if (all.y.defined() && at::isIntegralType(all.y.scalar_type(), /*includeBool=*/true)) {
    all.y = all.y.to(at::kLong);
  }
  return all;
}

}  // namespace

ArrayDataset::ArrayDataset(Batch all, Conversion conversion)
    : TensorDataset(with_integer_labels(std::move(all))), conversion_(conversion) {}

Batch ArrayDataset::rows(const std::vector<std::int64_t>& indices) const {
  auto batch = TensorDataset::rows(indices);
  if (conversion_.dtype) batch.x = batch.x.to(*conversion_.dtype);
  if (conversion_.scale != 1) batch.x = batch.x * conversion_.scale;
  return batch;
}

}  // namespace assay::training
