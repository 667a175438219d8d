// SPDX-License-Identifier: Apache-2.0
// The moving averages of weights that Keras's optimizers keep with `use_ema`.
#pragma once
#include <ATen/core/Tensor.h>
#include <torch/optim/optimizer.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace assay::training::optimizers {

/// What is wanted of the averages; they are kept where there is one.
struct AverageRule {
  double momentum = 0.99;  ///< In [0, 1]: what is kept of an average at each update.
  /// Updates after which the weights become their averages; nothing: never by themselves.
  std::optional<std::int64_t> overwrite_every = std::nullopt;
};

/// After the first update the average of a weight is the weight, after each later one
///
///     average = momentum * average + (1 - momentum) * weight
///
/// and after every `overwrite_every` updates the weights become their averages. They are part of
/// `optimizer_state`; torch::save of the optimizer leaves them out.
/// Source: keras.optimizers.Optimizer (`use_ema`).
class WeightAverages {
 public:
  /// The parameters of an optimizer.
  using Groups = std::vector<torch::optim::OptimizerParamGroup>;

  /// Without averages as yet.
  explicit WeightAverages(AverageRule rule) : rule_(rule) {}

  /// To be called after each update of the weights.
  void update(const Groups& groups);

  /// Makes each weight its average, where it has one.
  void overwrite(const Groups& groups) const;

  /// One a parameter through all groups, undefined for those that were never updated; empty before
  /// the first update.
  const std::vector<at::Tensor>& averages() const { return averages_; }
  /// How often `update` was called.
  std::int64_t updates() const { return updates_; }
  /// Takes averages and their number of updates over; they are not checked.
  void load(std::vector<at::Tensor> averages, std::int64_t updates);

 private:
  AverageRule rule_;
  std::vector<at::Tensor> averages_;
  std::int64_t updates_ = 0;
};

/// The averages that one of assay's optimizers keeps, or null.
WeightAverages* averages_of(const torch::optim::Optimizer& optimizer);

/// Makes the weights their averages, where the optimizer keeps any: what Keras does at the end of
/// `fit`. Source: keras.optimizers.Optimizer.finalize_variable_values.
void finalize_weights(const torch::optim::Optimizer& optimizer);

}  // namespace assay::training::optimizers
