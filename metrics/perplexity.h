// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `Perplexity`.
struct PerplexityOptions {
  static constexpr auto class_name = "Perplexity";
  bool from_logits = false;
  std::optional<std::int64_t> ignore_class;
  std::int64_t axis = -1;
  std::string name = "perplexity";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = PerplexityOptions;
    return assay::fields(
        field("from_logits", &Self::from_logits, "Predictions are logits, not probabilities."),
        field("ignore_class", &Self::ignore_class, "Label whose rows leave the metric."),
        field("axis", &Self::axis, "The class axis of the predictions."), metric_fields<Self>());
  }
};

/// exp of the mean of `losses::sparse_categorical_crossentropy`: among how many equally likely
/// classes (words, tokens) the model chooses. 0 before anything was counted.
///
/// The mean is over samples as in metrics::SparseCategoricalCrossentropy; ignored rows (padding)
/// leave it. The mean is taken over everything seen, then exp: it is not a mean of the batches'
/// perplexities.
/// Shapes: y_pred [batch, d0 .. dN] with the classes on `axis`; y_true the same without that axis,
/// or with a trailing 1. Errors: ValueError for other shapes, or a label out of range (on the CPU).
/// Source: PyTorch-Metrics Perplexity; KerasHub's keras_hub.metrics.Perplexity.
class Perplexity final : public MetricOf<Perplexity, PerplexityOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

  /// Those of the SparseCategoricalCrossentropy that it is the exponential of.
  SharedCounts shared_counts() const override;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
  at::Tensor compute() const override;
};

}  // namespace assay::metrics
