// SPDX-License-Identifier: Apache-2.0
// Data as a caller may give it.
#pragma once
#include <assay/training/data/dataset.h>

#include <memory>

namespace assay::training {

/// A dataset, or tensors: `trainer.fit(dataset)`, `trainer.fit({x, y})`, `{x, y, sample_weight}`.
class Data {
 public:
  Data() = default;
  Data(std::shared_ptr<const Dataset> dataset) : dataset_(std::move(dataset)) {}
  template <std::derived_from<Dataset> T>
  Data(std::shared_ptr<T> dataset) : dataset_(std::move(dataset)) {}
  /// Refers to the dataset, which must live as long as it is used.
  Data(const Dataset& dataset) : dataset_(std::shared_ptr<const Dataset>(), &dataset) {}
  /// Errors: ValueError where the first axes differ.
  Data(const at::Tensor& x, const at::Tensor& y, const at::Tensor& sample_weight = {})
      : dataset_(std::make_shared<TensorDataset>(x, y, sample_weight)) {}
  explicit Data(const at::Tensor& x) : dataset_(std::make_shared<TensorDataset>(x)) {}

  const std::shared_ptr<const Dataset>& dataset() const { return dataset_; }
  explicit operator bool() const { return dataset_ != nullptr; }

 private:
  std::shared_ptr<const Dataset> dataset_;
};

}  // namespace assay::training
