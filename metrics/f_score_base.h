// SPDX-License-Identifier: Apache-2.0
// What F1Score and FBetaScore share.
#pragma once
#include <assay/metrics/metric.h>

namespace assay::metrics {

/// A number that JSON must write as a float: 1.0 where 1 is refused, as Keras refuses it.
struct Float {
  double value = 0;  ///< The number itself.
  constexpr Float() = default;
  ///@{
  /// A Float is a double wherever JSON is not concerned.
  constexpr Float(double value) : value(value) {}
  constexpr operator double() const { return value; }
  ///@}
};

///@{
/// In JSON a number with a point or an exponent; an integer is an error.
Json write_value(Float value);
void read_value(const Json& in, Float& value, const std::string& path);
Json value_schema(const Float*);
///@}

/// For how labels are averaged.
inline constexpr Constraint<std::optional<std::string>> an_average{
    [](const std::optional<std::string>& x) {
      return !x || *x == "micro" || *x == "macro" || *x == "weighted";
    },
    "null, \"micro\", \"macro\" or \"weighted\""};
/// For a threshold that may be left out.
inline constexpr Constraint<std::optional<Float>> a_threshold{
    [](const std::optional<Float>& x) { return !x || (*x > 0 && *x <= 1); },
    "null or a number in (0, 1]"};

/// The F score of classes or labels:
/// F = (1 + b^2) TP / ((1 + b^2) TP + b^2 FN + FP), which is the harmonic mean of precision and
/// recall in which recall counts b times as much; 0 for 0/0 (Keras adds 1e-7 to denominators).
///
/// A label is claimed where the prediction is above `threshold`; without one, where it equals the
/// largest of its row and is not 0 (beyond 1e-9). A row with a NaN claims nothing.
/// `average` null gives [labels]; "micro" counts all labels together; "macro" is the labels' mean;
/// "weighted" weighs it by how often each is true.
///
/// Shapes: both [batch, labels], 0 and 1 (or shares) in y_true; a weight a row, or one that
/// broadcasts. Errors: ValueError for other shapes, another number of labels than before, and for a
/// result before the first update, when the labels are not known.
/// Variables: true_positives, false_positives, false_negatives, intermediate_weights, [labels] each
/// or scalars with "micro"; made at the first update.
class FScoreBase : public Metric {
 public:
  /// Those of an F1Score that counts the same.
  SharedCounts shared_counts() const final;

 protected:
  /// Without a state, whose shape the first update tells.
  FScoreBase(std::string name, at::ScalarType dtype) : Metric(std::move(name), dtype) {}

  /// What is computed.
  struct Rule {
    double beta;                         ///< How many times as much recall counts as precision.
    std::optional<std::string> average;  ///< "micro", "macro" or "weighted"; nothing: labels apart.
    std::optional<double> threshold;     ///< Nothing: the largest of each row is claimed.
  };
  /// The rule that the options give.
  virtual Rule rule() const = 0;

  void update(const at::Tensor& y_true, const at::Tensor& y_pred,
              const at::Tensor& sample_weight) final;
  at::Tensor compute() const final;
  void build_for(const std::vector<at::Tensor>& values) final;

 private:
  void build(at::IntArrayRef shape, const at::Device& device);

  std::optional<std::int64_t> labels_;  // unknown before an update: "micro" does not keep it
  at::Tensor* true_positives_ = nullptr;
  at::Tensor* false_positives_ = nullptr;
  at::Tensor* false_negatives_ = nullptr;
  at::Tensor* intermediate_weights_ = nullptr;
};

}  // namespace assay::metrics
