// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/training/data/dataset.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <numeric>

namespace assay::training {
namespace {

void check_rows(const char* name, const at::Tensor& tensor, std::int64_t rows) {
  if (!tensor.defined()) return;
  TORCH_CHECK_VALUE(tensor.dim() > 0 && tensor.size(0) == rows, name, " is ", describe(tensor),
                    "; expected ", rows, " rows, as x has");
}

at::Tensor select(const at::Tensor& tensor, const at::Tensor& rows) {
  return tensor.defined() ? tensor.index_select(0, rows.to(tensor.device())) : tensor;
}

}  // namespace

std::vector<std::int64_t> all_rows(const Dataset& dataset) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(dataset.size()));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

void check_indices(const std::vector<std::int64_t>& indices, std::int64_t size) {
  for (const auto index : indices) {
    TORCH_CHECK_VALUE(index >= 0 && index < size, "there is no sample ", index, " among ", size,
                      "; expected numbers in [0, ", size, ")");
  }
}

TensorDataset::TensorDataset(at::Tensor x, at::Tensor y, at::Tensor sample_weight,
                             DatasetNames names)
    : TensorDataset(Batch{std::move(x), std::move(y), std::move(sample_weight)}, std::move(names)) {
}

TensorDataset::TensorDataset(Batch all, DatasetNames names)
    : all_(std::move(all)), names_(std::move(names)) {
  TORCH_CHECK_VALUE(all_.x.defined(), "x is undefined; expected a tensor of samples");
  TORCH_CHECK_VALUE(all_.x.dim() > 0, "x is a scalar; expected an axis of samples");
  check_rows("y", all_.y, size());
  check_rows("sample_weight", all_.sample_weight, size());
}

std::int64_t TensorDataset::size() const { return all_.x.size(0); }

Batch TensorDataset::rows(const std::vector<std::int64_t>& indices) const {
  check_indices(indices, size());
  const at::NoGradGuard no_grad;
  const auto rows = at::tensor(indices, at::kLong);
  return {select(all_.x, rows), select(all_.y, rows), select(all_.sample_weight, rows)};
}

Subset::Subset(std::shared_ptr<const Dataset> dataset, std::vector<std::int64_t> indices)
    : dataset_(std::move(dataset)), indices_(std::move(indices)) {
  TORCH_CHECK_VALUE(dataset_ != nullptr, "a subset got no dataset");
  check_indices(indices_, dataset_->size());
}

Batch Subset::rows(const std::vector<std::int64_t>& indices) const {
  check_indices(indices, size());
  std::vector<std::int64_t> inner(indices.size());
  std::ranges::transform(indices, inner.begin(), [this](std::int64_t index) {
    return indices_[static_cast<std::size_t>(index)];
  });
  return dataset_->rows(inner);
}

}  // namespace assay::training
