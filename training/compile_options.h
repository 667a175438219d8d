// SPDX-License-Identifier: Apache-2.0
// What Trainer::compile takes: an optimizer, losses and metrics, each a name, JSON or an object.
#pragma once
#include <assay/losses/loss.h>
#include <assay/metrics/metric.h>
#include <assay/training/argument.h>
#include <assay/training/optimizers/optimizer.h>

#include <concepts>
#include <initializer_list>
#include <string>
#include <vector>

namespace assay::training {

extern template class Argument<losses::Loss>;
extern template class Argument<metrics::Metric>;
extern template class Argument<optimizers::Optimizer>;

/// A loss: its name, JSON, or the object.
using LossArgument = Argument<losses::Loss>;
/// A metric: its name, JSON, or the object.
using MetricArgument = Argument<metrics::Metric>;
/// An optimizer: its name, JSON, or the object.
using OptimizerArgument = Argument<optimizers::Optimizer>;

/// One loss or several: `.loss = "mse"`, `.loss = {"mse", "mae"}`.
class LossArguments {
 public:
  LossArguments() = default;
  ///@{
  /// One loss, or several in order.
  template <class T>
  requires std::constructible_from<LossArgument, const T&> LossArguments(const T& loss)
      : list_{LossArgument(loss)} {}
  LossArguments(std::initializer_list<LossArgument> losses) : list_(losses) {}
  LossArguments(std::vector<LossArgument> losses) : list_(std::move(losses)) {}
  ///@}

  /// The losses, in order.
  const std::vector<LossArgument>& list() const { return list_; }

 private:
  std::vector<LossArgument> list_;
};

/// What `Trainer::compile` takes. Source: keras.Model.compile.
struct CompileOptions {
  OptimizerArgument optimizer = "rmsprop";  ///< Keras's default.
  /// With several, their weighted sum is minimised, and each is reported under its name.
  LossArguments loss;
  /// One factor a loss; all 1 where left out.
  std::vector<double> loss_weights = {};
  /// Measured without sample weights.
  std::vector<MetricArgument> metrics = {};
  /// Measured with sample weights and class weights.
  std::vector<MetricArgument> weighted_metrics = {};
  /// "float32", "float64" or "mixed_bfloat16", for training, evaluation and prediction: see
  /// DtypePolicy.
  std::string dtype_policy = "float32";
};

}  // namespace assay::training
