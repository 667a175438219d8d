// SPDX-License-Identifier: Apache-2.0
// Features of mean 0 and standard deviation 1, by the statistics of the training samples.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/serialization/safetensors.h>
#include <assay/training/data/dataset.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace assay::training {

/// (x - mean) / std for each feature. The statistics belong to the model: they are kept with its
/// checkpoint (`tensors`), and applied to whatever it is to predict.
///
///     auto standardizer = Standardizer::fit(*splits.train);
///     auto train = standardizer.apply(splits.train);
///     auto test = standardizer.apply(splits.test);
class Standardizer {
 public:
  /// Mean and population standard deviation (divided by n) of each feature of all samples, computed
  /// in float64 in two passes; they depend neither on the batches read nor on threads. `axis` is
  /// the axis of `x` that counts features, the samples' axis included, as in Keras's Normalization;
  /// all other axes are averaged over. Without it there is one mean and one deviation for
  /// everything. A feature that never varies keeps its scale: its deviation is 1.
  ///
  /// Errors: ValueError where the dataset is empty, `axis` is 0 or no axis of `x`, or a feature
  /// holds NaN or infinity.
  static Standardizer fit(const Dataset& dataset, std::optional<std::int64_t> axis = -1);

  /// From tensors that `tensors` gave. Errors: ValueError where one is missing or they do not fit.
  static Standardizer from_tensors(const std::vector<serialization::NamedTensor>& tensors);

  /// "standardizer.mean" and "standardizer.std", float64 and shaped to broadcast to `x`.
  std::vector<serialization::NamedTensor> tensors() const;

  /// The standardized features: float64 where `x` is, else float32.
  /// Errors: ValueError where `x` has another number of axes or features.
  at::Tensor operator()(const at::Tensor& x) const;

  /// The dataset with its `x` standardized when rows are read; null for null.
  std::shared_ptr<Dataset> apply(std::shared_ptr<const Dataset> dataset) const;

  ///@{
  /// The statistics, float64, shaped to broadcast to a sample.
  const at::Tensor& mean() const { return mean_; }
  const at::Tensor& std() const { return std_; }
  ///@}

 private:
  Standardizer(at::Tensor mean, at::Tensor std);

  at::Tensor mean_;  // without the samples' axis
  at::Tensor std_;
};

}  // namespace assay::training
