// SPDX-License-Identifier: Apache-2.0
// Data as a caller may give it.
#pragma once
#include <assay/training/data/batch_range.h>
#include <assay/training/data/dataset.h>

#include <concepts>
#include <memory>

namespace assay::training {

/// A dataset, tensors, or batches: `trainer.fit(dataset)`, `trainer.fit({x, y})`,
/// `{x, y, sample_weight}`, `trainer.fit(*torch_data_loader)`.
class Data {
 public:
  Data() = default;
  ///@{
  /// A dataset, which is shared; null is no data.
  Data(std::shared_ptr<const Dataset> dataset) : dataset_(std::move(dataset)) {}
  template <std::derived_from<Dataset> T>
  Data(std::shared_ptr<T> dataset) : dataset_(std::move(dataset)) {}
  ///@}
  /// Refers to the dataset, which must live as long as it is used.
  Data(const Dataset& dataset) : dataset_(std::shared_ptr<const Dataset>(), &dataset) {}
  /// Keeps a dataset that is a temporary.
  template <class T>
  requires std::derived_from<T, Dataset> && std::move_constructible<T> Data(T&& dataset)
      : dataset_(std::make_shared<const T>(std::forward<T>(dataset))) {}
  /// Errors: ValueError where the first axes differ.
  Data(const at::Tensor& x, const at::Tensor& y, const at::Tensor& sample_weight = {})
      : dataset_(std::make_shared<TensorDataset>(x, y, sample_weight)) {}
  /// Samples without labels, for `predict`.
  explicit Data(const at::Tensor& x) : dataset_(std::make_shared<TensorDataset>(x)) {}

  /// Any range of batches, such as a torch::data loader: see `to_batch` for its elements. It comes
  /// in the batches and the order that it gives: batch_size, shuffle and threads say nothing then.
  /// Refers to the range, which must live as long as it is used.
  template <class Range>
  requires RangeOfBatches<Range> Data(Range& range)
      : range_(std::make_shared<const BatchRange>(range)) {}

  /// Null where batches were given.
  const std::shared_ptr<const Dataset>& dataset() const { return dataset_; }
  /// Null where no batches were given.
  const std::shared_ptr<const BatchRange>& range() const { return range_; }
  /// Whether there is any.
  explicit operator bool() const { return dataset_ != nullptr || range_ != nullptr; }

 private:
  std::shared_ptr<const Dataset> dataset_;
  std::shared_ptr<const BatchRange> range_;
};

}  // namespace assay::training
