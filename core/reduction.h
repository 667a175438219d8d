// SPDX-License-Identifier: Apache-2.0
// How the unreduced values of a loss become one number.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

/// Losses, metrics and training for LibTorch, in Keras's words.
namespace assay {

/// Keras's reductions, of n values l with weights w (1 where none).
enum class Reduction {
  kSumOverBatchSize,      ///< sum(w l) / n; also spelled "mean"
  kSum,                   ///< sum(w l)
  kMeanWithSampleWeight,  ///< sum(w l) / sum(w), w broadcast to the values; 0/0 is 0
  kNone                   ///< w l
};

/// The name in configurations.
std::string to_string(Reduction reduction);

/// Every accepted spelling; the first of each reduction is the one that is written.
const std::vector<std::pair<std::string, Reduction>>& reduction_names();

/// Applies weight, mask and reduction to unreduced values.
///
/// `sample_weight` aligns by `align_sample_weight`; undefined means 1. `mask` (bool, true keeps)
/// broadcasts to the values: a masked value leaves numerator and denominator, whatever it holds.
/// Scalars and values of shape (0) are weighted but not reduced; other empty values reduce to 0.
/// `masked_are_ignored`: who made the values gives what is masked no gradient by itself.
/// Errors: ValueError where the weight or the mask does not broadcast to the values.
/// Source: keras.losses.Loss (`reduce_weighted_values`).
at::Tensor reduce_weighted_values(const at::Tensor& unreduced, const at::Tensor& sample_weight,
                                  const at::Tensor& mask, Reduction reduction,
                                  bool masked_are_ignored = false);

/// A reduced loss before its division.
struct WeightedSum {
  at::Tensor sum;      ///< Differentiable, in the values' type.
  at::Tensor divisor;  ///< float64, without a gradient; undefined where nothing is divided.
  /// Whether it is the number of samples, whatever they hold: there is one value a sample, and
  /// neither a weight nor a mask decides what counts.
  bool divides_by_samples = false;
};

/// `reduce_weighted_values` in two parts, for a batch of which several processes have a part each:
/// the whole batch's loss is the sum of their sums over the sum of their divisors (0 where that is
/// 0). Values that do not reduce have no divisor, and stay as they are. Errors: as above.
WeightedSum sum_weighted_values(const at::Tensor& unreduced, const at::Tensor& sample_weight,
                                const at::Tensor& mask, Reduction reduction);

}  // namespace assay
