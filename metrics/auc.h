// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/curve_base.h>

namespace assay::metrics {

/// Which curve.
enum class AUCCurve {
  kROC,    ///< True against false positive rate.
  kPR,     ///< Precision against recall.
  kPRGain  ///< Both in their gain (Flach and Kull, 2015).
};

/// How the area between two points of the curve is taken.
enum class AUCSummationMethod {
  /// The trapezoid; on the PR curve Davis and Goadrich's interpolation of the counts (2006).
  kInterpolation,
  kMajoring,  ///< The higher of the two ordinates: a bound from above.
  kMinoring   ///< The lower of the two: a bound from below.
};

///@{
/// In JSON "ROC", "PR" or "PRGAIN"; "interpolation", "majoring" or "minoring".
Json write_value(AUCCurve value);
Json write_value(AUCSummationMethod value);
void read_value(const Json& in, AUCCurve& value, const std::string& path);
void read_value(const Json& in, AUCSummationMethod& value, const std::string& path);
Json value_schema(const AUCCurve*);
Json value_schema(const AUCSummationMethod*);
///@}

/// For options that weigh labels.
inline constexpr Constraint<OptionalNumbers> weights_of_labels{
    [](const OptionalNumbers& list) {
      return !list || (!list->empty() && std::all_of(list->begin(), list->end(), [](double x) {
        return x >= 0 && x <= std::numeric_limits<double>::max();
      }));
    },
    "null or a list of numbers of at least 0"};

/// Options of `AUC`.
struct AUCOptions {
  static constexpr auto class_name = "AUC";
  std::int64_t num_thresholds = 200;
  AUCCurve curve = AUCCurve::kROC;
  AUCSummationMethod summation_method = AUCSummationMethod::kInterpolation;
  std::string name = "auc";
  at::ScalarType dtype = at::kFloat;
  OptionalNumbers thresholds = {};
  bool multi_label = false;
  std::optional<std::int64_t> num_labels = {};
  OptionalNumbers label_weights = {};
  bool from_logits = false;

  static constexpr auto fields() {
    using Self = AUCOptions;
    return assay::fields(
        metric_fields<Self>(), curve_fields<Self>(),
        field("curve", &Self::curve, "The curve: ROC, PR or PRGAIN."),
        field("summation_method", &Self::summation_method,
              "interpolation, or minoring and majoring, which bound the area."),
        field("multi_label", &Self::multi_label,
              "Whether each label has an area of its own, which are then averaged."),
        field("num_labels", &Self::num_labels,
              "How many labels there are, for multi_label; null: as the first batch has.",
              a_number_of_entries),
        field("label_weights", &Self::label_weights,
              "Weights of the labels: of their areas with multi_label, else of their entries.",
              weights_of_labels),
        field("from_logits", &Self::from_logits, "Whether y_pred holds logits."));
  }
};

/// The area under the ROC or the precision-recall curve, from counts at thresholds.
///
///     metrics::AUC auc({.curve = metrics::AUCCurve::kPR, .num_thresholds = 1000});
///     auc.update_state(y_true, y_pred);
///
/// With n evenly spaced thresholds the area is that of predictions rounded up to multiples of
/// 1/(n-1): it differs from the exact rank statistic by at most half the share of pairs (a
/// positive, a negative) that fall into one bin; `kMinoring` and `kMajoring` enclose it.
/// Every quotient is exact, 0 for 0/0. A NaN is above no threshold: it is never found, and lowers
/// the area whatever its label.
///
/// Shapes: both [batch, d0 .. dN], flattened; with `multi_label` [batch, labels]. Result: a scalar.
/// Variables: true_positives, false_positives, true_negatives, false_negatives, [thresholds] or
/// [thresholds, labels]; these, where the number of labels is not given, from the first update on,
/// before which `result` is a ValueError.
/// Errors: ValueError for shapes that do not fit, `num_labels` without `multi_label`, and
/// `label_weights` of another length than the last axis.
/// Source: keras.metrics.AUC.
class AUC final : public MetricOf<AUC, AUCOptions, ThresholdCountsBase> {
 public:
  /// Errors: ValueError for an option out of its range, `num_labels` without
  /// `multi_label`, or another number of label weights than labels.
  explicit AUC(AUCOptions options = {});

 protected:
  at::Tensor compute() const override;

 private:
  at::Tensor interpolated_pr() const;
  at::Tensor riemann_sum() const;
};

}  // namespace assay::metrics
